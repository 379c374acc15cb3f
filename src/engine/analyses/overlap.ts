// The kind `overlap`: leading eigenvectors of all stored steps, how far their subspaces turn and on how many weights they live.
import type { AnalysisOptions } from '../../shared/analyses/kinds'
import type { ParameterBlock } from '../../shared/model/layout'
import { isFunctionSpec } from '../../shared/spec/schema'
import { requireBytes } from '../curvature/memory'
import { block, matrix, rowOf, type Linalg, type Matrix } from '../linalg'
import type { AnalysisEngine } from './interface'
import { leadingEigenpairs, mostProducts, mostWhole } from './leading'

/** More steps are thinned to so many. */
export const mostSteps = 200

/** At most `most` of them, evenly spread, first and last kept. */
export function thinned(steps: readonly number[], most: number): readonly number[] {
  if (steps.length <= most) return steps
  return Array.from({ length: most }, (_, k) => steps[Math.round((k * (steps.length - 1)) / (most - 1))])
}

/** Σ q⁴ over the entries, and Σ q². */
function sums(q: Float64Array): { squares: number; fourths: number } {
  let squares = 0
  let fourths = 0
  for (let i = 0; i < q.length; i++) {
    const square = q[i] * q[i]
    squares += square
    fourths += square * square
  }
  return { squares, fourths }
}

/** Of each row: Σ q⁴ for a unit vector, 1 on a single entry, 1/P spread evenly. */
export const participation = (vectors: Matrix): Float64Array =>
  Float64Array.from({ length: vectors.rows }, (_, k) => sums(rowOf(vectors, k)).fourths)

/** By block, means over the rows: Σ q⁴ / (Σ q²)² within it (of rows that have a part there; NaN where none has), and the part Σ q². */
export function participationByBlock(
  vectors: Matrix,
  blocks: readonly Pick<ParameterBlock, 'offset' | 'rows' | 'columns'>[]
): { ipr: Float64Array; shares: Float64Array } {
  const ipr = new Float64Array(blocks.length)
  const shares = new Float64Array(blocks.length)
  blocks.forEach(({ offset, rows, columns }, b) => {
    let counted = 0
    for (let k = 0; k < vectors.rows; k++) {
      const from = k * vectors.columns + offset
      const { squares, fourths } = sums(vectors.data.subarray(from, from + rows * columns))
      shares[b] += squares / vectors.rows
      // A part below the square of the rounding of an eigenvector's entries is none.
      if (squares <= 1e-28) continue
      ipr[b] += fourths / (squares * squares)
      counted++
    }
    ipr[b] /= counted
  })
  return { ipr, shares }
}

/** ‖Q_aᵀQ_b‖²/k of all pairs; `stacked` holds k rows a step, one step after the other. */
export async function overlaps(
  linalg: Linalg,
  stacked: Matrix,
  k: number,
  options: { readonly signal?: AbortSignal } = {}
): Promise<Float64Array> {
  const count = stacked.rows / k
  const found = new Float64Array(count * count)
  for (let a = 0; a < count; a++) {
    const width = stacked.rows - a * k
    const product = matrix(k, width)
    await linalg.gemm(block(stacked, a * k, 0, k, stacked.columns), block(stacked, a * k, 0, width, stacked.columns), product, {
      transposeB: 'transpose',
      signal: options.signal
    })
    for (let b = a; b < count; b++) {
      let sum = 0
      for (let i = 0; i < k; i++)
        for (let j = 0; j < k; j++) {
          const entry = product.data[i * width + (b - a) * k + j]
          sum += entry * entry
        }
      found[a * count + b] = found[b * count + a] = sum / k
    }
  }
  return found
}

const mean = (values: ArrayLike<number>) => {
  const kept = Array.from(values).filter(Number.isFinite)
  return kept.length === 0 ? null : kept.reduce((sum, value) => sum + value, 0) / kept.length
}

export const overlap: AnalysisEngine<AnalysisOptions<'overlap'>> = {
  cost({ parameterCount: size, steps, samples }, { vectors }) {
    const count = Math.min(steps, mostSteps)
    const k = Math.min(vectors, size)
    const whole = size <= mostWhole
    const products = mostProducts(k, size)
    // They are enough by a factor of four, mostly.
    const each = whole ? 2e-10 * size ** 3 : (products / 4) * 4e-9 * size * (samples + products / 4)
    return {
      seconds: count * (0.02 + each + 4e-9 * size * samples * k) + 1e-10 * (count * k) ** 2 * size,
      memoryBytes: 8 * size * (whole ? 2.3 * size : products) + 8 * count * k * size + 64e6,
      diskBytes: 8 * count * (count + 2 * k + 20)
    }
  },
  refusal(_, { steps }) {
    return steps >= 2 ? null : 'it compares steps: the run has stored the weights of one; take checkpoints or snapshots along the way'
  },
  async work(source, { vectors: asked, against, data }, call) {
    const { signal, onProgress } = call
    const { linalg, spec } = source
    const steps = thinned(source.steps, mostSteps)
    const reference = typeof against === 'number' ? steps.indexOf(against) : null
    if (reference === -1)
      throw new Error(
        source.steps.includes(against as number)
          ? `overlap: of more than ${mostSteps} stored steps an even choice is compared, and step ${against} is not among it`
          : `overlap: the weights of step ${against} are not stored; those of ${source.steps.join(', ')} are`
      )
    const count = steps.length
    const first = await source.point(steps[0])
    const size = first.objective.parameterCount
    const blocks = first.objective.blocks
    const k = Math.min(asked, size)
    requireBytes(`${k} eigenvectors of ${count} steps`, 8 * count * k * size, linalg.availableBytes)
    const stacked = matrix(count * k, size, linalg.allocate(count * k * size))
    try {
      const eigenvalues = new Float64Array(count * k)
      const ipr = new Float64Array(count * k)
      const iprByLayer = new Float64Array(count * blocks.length)
      const shares = new Float64Array(count * blocks.length)
      let residual = 0
      for (const [place, step] of steps.entries()) {
        signal.throwIfAborted()
        const message = `eigenvectors of step ${step}, ${place + 1} of ${count}`
        const leading = await leadingEigenpairs(await source.point(step), k, {
          signal,
          onProgress: (fraction) => onProgress((0.95 * (place + fraction)) / count, message)
        })
        residual = Math.max(residual, leading.residual)
        stacked.data.set(leading.vectors.data, place * k * size)
        eigenvalues.set(leading.values, place * k)
        ipr.set(participation(leading.vectors), place * k)
        const layers = participationByBlock(leading.vectors, blocks)
        iprByLayer.set(layers.ipr, place * blocks.length)
        shares.set(layers.shares, place * blocks.length)
      }
      onProgress(0.95, 'overlaps')
      const pairwise = await overlaps(linalg, stacked, k, { signal })
      const partner = (place: number) => (against === 'previous' ? place - 1 : against === 'first' ? 0 : (reference ?? 0))
      const compared = Float64Array.from(steps, (_, place) => (partner(place) < 0 ? Number.NaN : pairwise[place * count + partner(place)]))
      const others = compared.filter((value, place) => partner(place) !== place && Number.isFinite(value))
      const smallest = others.length > 0 ? others.reduce((a, b) => Math.min(a, b)) : null
      const diagonal = steps.reduce((most, _, place) => Math.max(most, Math.abs(pairwise[place * (count + 1)] - 1)), 0)
      const notes = [
        `Leading are the eigenvalues of largest magnitude, negative ones among them. Layers: ${blocks.map(({ name }) => name).join(', ')}.`
      ]
      if (size > mostWhole)
        notes.push(`By Lanczos, as there are more than ${mostWhole} weights: an eigenvalue with several eigenvectors shows one of them.`)
      if (count < source.steps.length) notes.push(`Of ${source.steps.length} stored steps ${count}, evenly spread, are compared.`)
      if (data === 'batch' && !isFunctionSpec(spec) && spec.batch.size !== null)
        notes.push(
          'Each step’s Hessian is that of the batch of the step after it: part of what turns is the batch. With data=all only the weights change.'
        )
      return {
        arrays: {
          steps: { shape: [count], data: Float64Array.from(steps) },
          overlap: { shape: [count, count], data: pairwise },
          against: { shape: [count], data: compared },
          eigenvalues: { shape: [count, k], data: eigenvalues },
          ipr: { shape: [count, k], data: ipr },
          iprByLayer: { shape: [count, blocks.length], data: iprByLayer },
          shares: { shape: [count, blocks.length], data: shares }
        },
        figures: { mean: mean(others), smallest, chance: k / size, meanIpr: mean(ipr), chanceIpr: 3 / (size + 2) },
        checks: { diagonal: { value: diagonal, limit: 1e-10 }, residual: { value: residual, limit: 1e-8 } },
        notes,
        said: `${count} steps, mean overlap with ${typeof against === 'number' ? `step ${against}` : `the ${against}`} ${mean(others)?.toPrecision(3) ?? 'none'} (by chance ${(k / size).toPrecision(2)})`
      }
    } finally {
      linalg.release(stacked.data)
    }
  }
}
