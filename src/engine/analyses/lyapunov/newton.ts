// Exact tangent maps of damped Newton and of series-newton without saddleFree: the terms of the power series differentiated by the weights.
import { zeroTolerance } from '../../../shared/run/curvature'
import { matrix, multiply, rowOf, type Matrix } from '../../linalg'
import { column } from '../../linalg/matrix'
import { dot, norm } from '../../linalg/vectors'
import type { CurvatureBlock } from '../../objective'
import { guardedLength } from '../../optimizers/series-sum'
import { hessianSeriesTimes } from './mixed'
import type { StepPoint, TangentContext, TangentMap } from './tangent'
import { throughMatrix } from './whole'

interface Series {
  /** K: 1 is Newton's own step. */
  readonly terms: number
  readonly guard: number | null
  /** Directions within the tolerance of zero curvature have no share in a step without damping. */
  readonly leavesOut: boolean
}

function seriesOf({ parts }: TangentContext): Series | null {
  const { optimizer } = parts.spec
  switch (optimizer.kind) {
    case 'damped-newton':
      return { terms: 1, guard: null, leavesOut: false }
    case 'series-newton':
      return optimizer.saddleFree ? null : { terms: optimizer.order - 1, guard: optimizer.guard, leavesOut: true }
    default:
      return null
  }
}

/** The coefficient c_k of t^k in ∇f along the curve of s_1 … s_{k − 1}. */
async function coefficientOf({ objective, before }: StepPoint, terms: readonly Float64Array[], signal: AbortSignal): Promise<Float64Array> {
  const curve = matrix(terms.length, terms[0].length)
  terms.forEach((term, row) => curve.data.set(term, row * curve.columns))
  const order = terms.length + 1
  const found = await objective.jets?.(before.parameters, [curve], { order, signal })
  if (found === undefined) throw new Error('what is minimized has no power series: take tangent=difference')
  return rowOf(found[0].gradient, order)
}

/** t^(k−1) = θ‖s_1‖/‖s_k‖ where the guard cut the step: by how much t moves with the weights, over rows of D_1 … D_K. */
function guardMoves(
  terms: readonly Float64Array[],
  moved: readonly Matrix[],
  { t, theta }: { readonly t: number; readonly theta: number }
): (row: number) => number {
  const sizes = terms.map(norm)
  let cut = 1
  const lengthAt = (k: number) => ((theta * sizes[0]) / sizes[k]) ** (1 / k)
  for (let k = 2; k < sizes.length; k++) if (lengthAt(k) < lengthAt(cut)) cut = k
  return (row) =>
    (t / cut) * (dot(terms[0], rowOf(moved[0], row)) / sizes[0] ** 2 - dot(terms[cut], rowOf(moved[cut], row)) / sizes[cut] ** 2)
}

/**
 * Along w(t) = w + Σ s_k t^k with ∇f(w(t)) + δ(w(t) − w) = (1 − t)∇f(w), differentiated by w: D_0 = 1 and
 * (H_0 + δ)D_k = −[k = 1]H_0 − Σ_{j ≥ 1} H_j D_{k−j}, H_j the Hessian's coefficients along the curve; J = Σ D_k t^k.
 */
export function newtonTangent(context: TangentContext): TangentMap | null {
  const series = seriesOf(context)
  if (series === null) return null
  const { linalg, signal } = context
  let blocks: CurvatureBlock[] | undefined

  const apply = async (point: StepPoint, rows: Matrix) => {
    const { objective, before, gradient, learningRate, damping } = point
    const size = gradient.length
    blocks = await objective.curvature(before.parameters, { scope: 'full', kind: 'hessian', reuse: blocks, signal })
    const whole = matrix(size, size, blocks[0].data)
    const eigen = await linalg.eigenSymmetric(whole, { signal, overwrite: true })
    try {
      const tolerance = zeroTolerance(eigen.values, size)
      const inverse = eigen.values.map((value) =>
        series.leavesOut && damping === 0 && Math.abs(value) <= tolerance ? 0 : 1 / (value + damping)
      )
      /** Rows v ← −(H + δ)⁻¹ v. */
      const solve = async (of: Matrix): Promise<Matrix> => {
        const [components, result] = [matrix(of.rows, size), matrix(of.rows, size)]
        await multiply(linalg, of, eigen.vectors, components, { signal })
        for (let i = 0; i < components.data.length; i++) components.data[i] *= -inverse[i % size]
        await multiply(linalg, components, eigen.vectors, result, { transposeB: 'transpose', signal })
        return result
      }
      const solveOne = async (vector: Float64Array) => (await solve({ ...column(vector), rows: 1, columns: size, stride: size })).data
      const terms = [await solveOne(gradient)]
      while (terms.length < series.terms) terms.push(await solveOne(await coefficientOf(point, terms, signal)))
      const t = guardedLength(terms.map(norm), learningRate, series.guard)

      const start = matrix(rows.rows, size)
      for (let r = 0; r < rows.rows; r++) start.data.set(rowOf(rows, r), r * size)
      /** Σ_j H_j D_{k−j}, and H_0 D_0 for k = 1, by k − 1. */
      const sums = Array.from({ length: series.terms }, () => matrix(rows.rows, size))
      const moved: Matrix[] = []
      for (let i = 0; i < series.terms; i++) {
        const vectors = i === 0 ? start : moved[i - 1]
        const products = await hessianSeriesTimes(objective, before.parameters, terms.slice(0, series.terms - i), vectors, signal)
        for (const [j, { data }] of products.entries()) {
          const k = i === 0 && j === 0 ? 1 : i + j
          if (j === 0 && i > 0) continue
          const sum = sums[k - 1].data
          for (let n = 0; n < sum.length; n++) sum[n] += data[n]
        }
        moved.push(await solve(sums[i]))
      }
      const cut = series.guard !== null && t < learningRate ? guardMoves(terms, moved, { t, theta: series.guard }) : null
      for (let r = 0; r < rows.rows; r++) {
        const row = rowOf(rows, r)
        const longer = cut?.(r) ?? 0
        for (let k = 1; k <= series.terms; k++) {
          const [by, term] = [rowOf(moved[k - 1], r), terms[k - 1]]
          const [power, slope] = [t ** k, longer * k * t ** (k - 1)]
          for (let n = 0; n < size; n++) row[n] += power * by[n] + slope * term[n]
        }
      }
    } finally {
      eigen.release()
    }
  }
  return throughMatrix(context, apply, () => {
    for (const { data } of blocks ?? []) linalg.release(data)
    blocks = undefined
  })
}
