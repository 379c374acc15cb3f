// The exact Hessian or generalized Gauss–Newton matrix of a network on a batch, at any scope, assembled by matrix products into memory allocated once.
import type { Scope } from '../../shared/spec/schema'
import { LinalgError, type CallOptions, type Linalg } from '../linalg'
import { batchRows, linearize, type Batch, type Linearization } from '../nn/forward'
import type { LossFunction } from '../nn/losses'
import type { Network } from '../nn/network'
import type { CurvatureBlock, CurvatureKind, CurvatureOptions } from '../problem'
import { blockShapes, requireBytes, type BlockShape } from './memory'
import { closeDiagonal, descend, descendDiagonal, targetSum, topCurvature, transposedInputs, type Stack } from './tensors'
import { distantTerm, inputTerm, neighbourTerm, unitTerm, type Inputs, type Target } from './terms'

export interface CurvatureProblem {
  readonly network: Network
  readonly lossFunction: LossFunction
  readonly batch: Batch
  /** What each sample's ℓ is multiplied with. */
  readonly weight: number
}

/** A pair of layers (places l ≤ m) whose block goes to `target`. */
interface Destination {
  readonly l: number
  readonly m: number
  readonly target: Target
}

/** Samples worked on at a time, so that the tensors stay within a sixth of the matrices (and at most 512, a depth that one product handles well). */
function chunkSamples(network: Network, elementwise: boolean, scope: Scope, matrixLength: number): number {
  const widths = network.widths.slice(1)
  const last = widths.length - 1
  // Activations and errors; then S^{lm}, G and the neighbours' factors for every pair of layers that is needed.
  let perSample = network.widths.reduce((sum, width) => sum + 8 * width, 0)
  widths.forEach((width, l) =>
    widths.forEach((other, m) => {
      if (m < l || (m > l + 1 && scope !== 'full') || (l === last && elementwise)) return
      perSample += (scope === 'full' && m > l ? 4 : 1) * width * other
    })
  )
  const length = Math.max(0.15 * matrixLength, 1 << 20)
  return Math.min(512, Math.max(1, Math.floor(length / perSample)))
}

/** True where the structure proves the block of layers l … m positive semidefinite (up to rounding). */
function provenSemidefinite(problem: CurvatureProblem, kind: CurvatureKind, place: number, wholeNetwork: boolean): boolean {
  const { network, lossFunction, batch } = problem
  // Cross-entropy is convex in the outputs only while the targets' sum is not negative.
  if (!lossFunction.elementwise) for (let n = 0; n < batch.targets.rows; n++) if (targetSum(batch.targets, n) < 0) return false
  if (kind === 'ggn') return true
  const above = network.layers.slice(place)
  return above.every((layer) => layer.activation.piecewiseLinear) && (!wholeNetwork || network.layers.length === 1)
}

/** The blocks that a call fills: pairs of layers, and the unit matrices of the last layer where its outputs do not mix. */
interface Plan {
  readonly destinations: readonly Destination[]
  readonly unitMatrices: Float64Array | null
  readonly kind: CurvatureKind
  readonly full: boolean
}

/** Flops of a pair's block, up to a common factor. */
function work(network: Network, { l, m }: Destination): number {
  const [left, right] = [network.layers[l], network.layers[m]]
  return left.rows * left.columns * right.rows * right.columns * (l === m ? 0.5 : 1)
}

/** Adds one chunk of samples to everything that the plan fills; the first one (`accumulate` false) overwrites it. */
async function addChunk(linalg: Linalg, state: Linearization, plan: Plan, accumulate: boolean, options: CallOptions): Promise<void> {
  const { network, samples } = state
  const { kind, full } = plan
  const last = network.layers.length - 1
  const { signal } = options
  const owned: Float64Array[] = []
  const own = (stack: Stack): Stack => {
    owned.push(stack.data)
    return stack
  }
  try {
    const inputs = network.layers.map((layer, place): Inputs => {
      const transposed = transposedInputs(linalg, state, place)
      owned.push(transposed)
      return { rows: layer.rows, transposed }
    })
    const total = plan.destinations.reduce((sum, destination) => sum + work(network, destination), 0)
    let done = 0
    const fill = async (l: number, m: number, s: Stack, g: Stack | undefined): Promise<void> => {
      const destination = plan.destinations.find((wanted) => wanted.l === l && wanted.m === m)
      if (!destination) return
      const { target } = destination
      const share = work(network, destination)
      const onProgress = (fraction: number) => options.onProgress?.((done + fraction * share) / total)
      await inputTerm(linalg, inputs[l], inputs[m], s, samples, target, l === m, accumulate, { signal, onProgress })
      done += share
      if (kind === 'ggn' || l === m) return
      const delta = state.deltas[m].data
      const { columns } = network.layers[m]
      if (g) await distantTerm(linalg, inputs[l], g, delta, columns, samples, target, signal)
      else await neighbourTerm(linalg, inputs[l], state.slopes[l].data, delta, network.layers[l].outputs, columns, samples, target, signal)
    }

    const top = topCurvature(linalg, state, kind)
    // row: S^{lm} for m = l, l + 1, … of the layer done last; crossings: G^{l→k} for k = l + 1, ….
    let row = new Map<number, Stack>()
    let crossings = new Map<number, Stack>()
    if ('stack' in top) {
      row.set(last, own(top.stack))
      await fill(last, last, top.stack, undefined)
    } else if (plan.unitMatrices !== null)
      await unitTerm(linalg, inputs[last], top.diagonal, network.layers[last].outputs, samples, plan.unitMatrices, accumulate, { signal })

    for (let l = last - 1; l >= 0; l--) {
      const nextRow = new Map<number, Stack>()
      const nextCrossings = new Map<number, Stack>()
      if (full && kind === 'hessian')
        for (let k = l + 1; k < last; k++) {
          const above = crossings.get(k)
          nextCrossings.set(
            k,
            own(above ? await descend(linalg, state, l, above, signal) : descendDiagonal(linalg, state, l, state.slopes[k].data))
          )
        }
      for (let m = l + 1; m <= (full ? last : l + 1); m++) {
        const above = row.get(m)
        if (above) nextRow.set(m, own(await descend(linalg, state, l, above, signal)))
        else if ('diagonal' in top) nextRow.set(m, own(descendDiagonal(linalg, state, l, top.diagonal)))
        else throw new Error(`curvature: the tensor of layers ${l + 2} and ${m + 1} is missing`)
        const s = nextRow.get(m)
        if (s) await fill(l, m, s, nextCrossings.get(m - 1))
      }
      const nearest = nextRow.get(l + 1)
      if (nearest) {
        const diagonal = own(await closeDiagonal(linalg, state, l, nearest, kind, signal))
        nextRow.set(l, diagonal)
        await fill(l, l, diagonal, undefined)
      }
      row = nextRow
      crossings = nextCrossings
    }
  } finally {
    for (const data of owned) linalg.release(data)
  }
}

/** Puts the unit matrices (units × rows × rows) of an output layer into its own block, both triangles; the rest of the block is zero. */
function scatterUnits(matrices: Float64Array, rows: number, units: number, target: Target, fresh: boolean): void {
  const { data, offset, stride } = target
  if (!fresh) for (let r = 0; r < rows * units; r++) data.fill(0, offset + r * stride, offset + r * stride + rows * units)
  for (let i = 0; i < rows; i++)
    for (let k = i; k < rows; k++)
      for (let j = 0; j < units; j++) {
        const value = matrices[(j * rows + i) * rows + k]
        data[offset + (i * units + j) * stride + k * units + j] = value
        data[offset + (k * units + j) * stride + i * units + j] = value
      }
}

/** max |M − Mᵀ| over the square of `size` at (offset, stride). */
function squareAsymmetry(data: Float64Array, offset: number, stride: number, size: number): number {
  let largest = 0
  for (let r = 0; r < size; r++)
    for (let c = 0; c < r; c++) {
      const difference = Math.abs(data[offset + r * stride + c] - data[offset + c * stride + r])
      if (!(difference <= largest)) largest = difference
    }
  return largest
}

/** The same over the squares (i, i) of a layer's block: both triangles of them are computed, each by its own sums, before the lower one is overwritten. */
function blockAsymmetry(target: Target, rows: number, units: number): number {
  let largest = 0
  for (let i = 0; i < rows; i++)
    largest = Math.max(largest, squareAsymmetry(target.data, target.offset + i * units * (target.stride + 1), target.stride, units))
  return largest
}

/** Where each pair of layers goes for a scope, and the layers' own targets. */
function destinationsOf(network: Network, shapes: readonly BlockShape[], memory: readonly Float64Array[], scope: Scope, split: boolean) {
  const own = network.layers.map((layer, place): Target => {
    if (scope === 'full') return { data: memory[0], offset: layer.offset * (network.parameterCount + 1), stride: network.parameterCount }
    return { data: memory[place], offset: 0, stride: shapes[place].size }
  })
  const last = network.layers.length - 1
  const destinations: Destination[] = []
  for (let l = 0; l <= last; l++) {
    if (l < last || !split) destinations.push({ l, m: l, target: own[l] })
    if (scope !== 'full') continue
    for (let m = l + 1; m <= last; m++) {
      const offset = network.layers[l].offset * network.parameterCount + network.layers[m].offset
      destinations.push({ l, m, target: { data: memory[0], offset, stride: network.parameterCount } })
    }
  }
  return { destinations, own }
}

/**
 * The Hessian (default) or GGN of the loss at `parameters`, one block a scope asks for: `full` P × P, `layer-blocks` one a layer, `unit-blocks`
 * the last layer one matrix an output unit and the others as in `layer-blocks`. Exactly symmetric; the memory comes from `linalg.allocate`
 * or from `options.reuse` (blocks of the same scope and sizes). Work space stays within a fifth of the matrices (at least some tens of MB).
 * Throws LinalgError: `shape` for `unit-blocks` with outputs that mix, `out-of-memory` with needed and available bytes before anything is allocated.
 */
export async function assembleCurvature(
  linalg: Linalg,
  problem: CurvatureProblem,
  parameters: Float64Array,
  options: CurvatureOptions & { readonly chunkSamples?: number }
): Promise<CurvatureBlock[]> {
  const { network, lossFunction, batch } = problem
  const { scope, kind = 'hessian', reuse, signal } = options
  const split = lossFunction.elementwise
  const last = network.layers.length - 1
  const lastLayer = network.layers[last]
  if (scope === 'unit-blocks' && !split)
    throw new LinalgError(
      'shape',
      `scope unit-blocks: with ${lossFunction.kind} the outputs mix, so the last layer does not split by unit; use layer-blocks`
    )
  const shapes = blockShapes(network.blocks, scope)
  const lengths = shapes.map(({ size, units }) => units * size * size)
  const kept = shapes.map((shape, place) => reuse?.find((block) => block.name === shape.name && block.data.length === lengths[place])?.data)
  const matrixLength = lengths.reduce((sum, length) => sum + length, 0)
  const newLength = lengths.reduce((sum, length, place) => sum + (kept[place] ? 0 : length), 0)
  const what =
    scope === 'full'
      ? `the full curvature matrix of P = ${network.parameterCount}`
      : `curvature by ${scope} (${shapes.map((shape) => shape.size).join(', ')})`
  requireBytes(what, 8 * newLength + Math.min(0.2 * 8 * matrixLength, 8 * matrixLength), linalg.availableBytes)

  const memory = lengths.map((length, place) => kept[place] ?? linalg.allocate(length))
  const release = () => memory.forEach((data, place) => kept[place] ?? linalg.release(data))
  const units = lastLayer.outputs
  const separate = split && scope !== 'unit-blocks'
  const unitMatrices = !split ? null : separate ? linalg.allocate(units * lastLayer.rows ** 2) : memory[last]
  try {
    const { destinations, own } = destinationsOf(network, shapes, memory, scope, split)
    const plan: Plan = { destinations, unitMatrices, kind, full: scope === 'full' }
    const samples = batch.inputs.rows
    const chunk = Math.min(samples, options.chunkSamples ?? chunkSamples(network, split, scope, matrixLength))
    for (let from = 0; from < samples; from += chunk) {
      signal?.throwIfAborted()
      const count = Math.min(chunk, samples - from)
      const onProgress = (fraction: number) => options.onProgress?.((from + fraction * count) / samples)
      const state = await linearize(linalg, network, lossFunction, batchRows(batch, from, count), problem.weight, parameters, { signal })
      await addChunk(linalg, state, plan, from > 0, { signal, onProgress })
    }
    const asymmetries = network.layers.map((layer, place) => {
      if (place < last || unitMatrices === null) return blockAsymmetry(own[place], layer.rows, layer.outputs)
      return blockAsymmetryOfUnits(unitMatrices, layer.rows, units)
    })
    if (separate && unitMatrices) scatterUnits(unitMatrices, lastLayer.rows, units, own[last], !kept[scope === 'full' ? 0 : last])
    await symmetrize(linalg, shapes, memory, scope, split, lastLayer.offset, signal)
    options.onProgress?.(1)
    return shapes.map((shape, place) => ({
      ...shape,
      data: memory[place],
      positiveSemidefinite: provenSemidefinite(problem, kind, place, scope === 'full'),
      asymmetry: scope === 'full' ? Math.max(...asymmetries) : asymmetries[place]
    }))
  } catch (error) {
    release()
    throw error
  } finally {
    if (separate && unitMatrices) linalg.release(unitMatrices)
  }
}

function blockAsymmetryOfUnits(matrices: Float64Array, rows: number, units: number): number {
  let largest = 0
  for (let j = 0; j < units; j++) largest = Math.max(largest, squareAsymmetry(matrices, j * rows * rows, rows, rows))
  return largest
}

/** Copies upper triangles onto lower ones; a last layer put in by `scatterUnits` is symmetric already. */
async function symmetrize(
  linalg: Linalg,
  shapes: readonly BlockShape[],
  memory: readonly Float64Array[],
  scope: Scope,
  split: boolean,
  lastOffset: number,
  signal?: AbortSignal
): Promise<void> {
  for (const [place, { size, units }] of shapes.entries()) {
    const data = memory[place]
    if (scope === 'full') {
      const rows = split ? lastOffset : size
      if (rows > 0) await linalg.mirrorUpperInPlace({ data, rows: size, columns: size, offset: 0, stride: size }, { signal, rows })
    } else if (scope === 'unit-blocks' && place === shapes.length - 1) {
      for (let j = 0; j < units; j++)
        for (let r = 0; r < size; r++) for (let c = 0; c < r; c++) data[(j * size + r) * size + c] = data[(j * size + c) * size + r]
    } else if (!split || place < shapes.length - 1)
      await linalg.mirrorUpperInPlace({ data, rows: size, columns: size, offset: 0, stride: size }, { signal })
  }
}
