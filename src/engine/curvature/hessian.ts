// The exact Hessian or generalized Gauss–Newton matrix of a network on a batch, at any scope, assembled by matrix products into memory allocated once.
import { blockShapes, type BlockShape } from '../../shared/model/layout'
import type { Scope } from '../../shared/spec/schema'
import { LinalgError, type Linalg } from '../linalg'
import type { Network } from '../nn/network'
import type { CurvatureBlock, CurvatureKind, CurvatureOptions } from '../objective'
import { requireBytes } from './memory'
import { fillPlan, type CurvatureProblem, type Destination, type Plan } from './chunk'
import { blockAsymmetry, mirrorSmall, unitsAsymmetry } from './symmetry'
import { targetSum } from './tensors'
import type { Target } from './terms'
import { openWorkspace, type Workspace } from './workspace'

/** Samples worked on at a time, for rows as for the whole matrix, so that the tensors stay within an eighth of the matrices (and at most 512, a depth that one product handles well). */
export function chunkSamples(network: Network, elementwise: boolean, scope: Scope, matrixLength: number): number {
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
  const length = Math.max(0.12 * matrixLength, 1 << 21)
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

/** How the work is done; both are chosen when left out, and change the result by rounding only. */
export interface AssemblyOptions extends CurvatureOptions {
  readonly chunkSamples?: number
  /** Flops below which everything is done in plain code. */
  readonly plainFlops?: number
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
  options: AssemblyOptions
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
  const samples = batch.inputs.rows
  const work = openWorkspace(linalg, samples * matrixLength, options.plainFlops)
  try {
    const unitMatrices = !split ? null : separate ? work.allocate(units * lastLayer.rows ** 2) : memory[last]
    const { destinations, own } = destinationsOf(network, shapes, memory, scope, split)
    const plan: Plan = { destinations, unitMatrices, kind, full: scope === 'full' }
    const chunk = Math.min(samples, options.chunkSamples ?? chunkSamples(network, split, scope, matrixLength))
    await fillPlan(linalg, work, problem, parameters, plan, chunk, { signal, onProgress: options.onProgress })
    const asymmetries = network.layers.map((layer, place) => {
      if (place < last || unitMatrices === null) return blockAsymmetry(own[place], layer.rows, layer.outputs)
      return unitsAsymmetry(unitMatrices, layer.rows, units)
    })
    if (unitMatrices) mirrorSmall(unitMatrices, lastLayer.rows, units)
    if (separate && unitMatrices) {
      // Whole rows: what lies before the block is cleared with it and mirrored below.
      const [place, row] = scope === 'full' ? [0, lastLayer.offset] : [last, 0]
      const { size } = shapes[place]
      const c = { data: memory[place], rows: size - row, columns: size, offset: row * size, stride: size }
      await work.spread({ units: unitMatrices, count: units, order: lastLayer.rows, c, column: row }, { signal })
    }
    await symmetrize(work, shapes, memory, scope, split, lastLayer.offset, signal)
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
    work.dispose()
  }
}

/** Copies upper triangles onto lower ones; a last layer of unit matrices is symmetric already. */
async function symmetrize(
  work: Workspace,
  shapes: readonly BlockShape[],
  memory: readonly Float64Array[],
  scope: Scope,
  split: boolean,
  lastOffset: number,
  signal?: AbortSignal
): Promise<void> {
  for (const [place, { size }] of shapes.entries()) {
    if (scope !== 'full' && split && place === shapes.length - 1) continue
    const rows = scope === 'full' && split ? lastOffset : size
    if (rows > 0)
      await work.mirrorUpperInPlace({ data: memory[place], rows: size, columns: size, offset: 0, stride: size }, { signal, rows })
  }
}
