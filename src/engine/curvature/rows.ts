// Rows of the whole Hessian or Gauss–Newton matrix, by the sums of the whole assembly: for matrices that no memory of the backend holds.
import type { ParameterBlock } from '../../shared/model/layout'
import type { Linalg } from '../linalg'
import type { RowsOptions } from '../objective'
import { fillPlan, type CurvatureProblem, type Destination, type Plan } from './chunk'
import { chunkSamples } from './hessian'
import { blockAsymmetry, mirrorSmall, scatterUnits, unitsAsymmetry } from './symmetry'
import type { Target } from './terms'
import { openWorkspace } from './workspace'

/** A panel: rows first … first + rows − 1 of the matrix, which are those of `count` inputs of the layer at `place`. */
interface Panel extends Pick<RowsOptions, 'place' | 'from' | 'count'> {
  readonly first: number
  readonly rows: number
}

/** All rows, layer by layer, in panels of about `rowsAtOnce` (at least those of one input). */
export function panelsOf(blocks: readonly ParameterBlock[], rowsAtOnce: number): Panel[] {
  return blocks.flatMap(({ offset, rows, columns }, place) => {
    const atOnce = Math.max(1, Math.floor(rowsAtOnce / columns))
    return Array.from({ length: Math.ceil(rows / atOnce) }, (_, k) => {
      const from = k * atOnce
      const count = Math.min(atOnce, rows - from)
      return { place, from, count, first: offset + from * columns, rows: count * columns }
    })
  })
}

/** Copies the upper triangle of the square at (0, column) onto the lower one. */
function mirrorSquare({ data, offset, stride }: Target, size: number): void {
  for (let r = 0; r < size; r++) for (let c = 0; c < r; c++) data[offset + r * stride + c] = data[offset + c * stride + r]
}

/**
 * The rows that `options` names, from the diagonal on: the same sums in the same order as `assembleCurvature`. Returns max |H − Hᵀ| over entries
 * that were computed twice. The tensors of the samples are made again for every panel.
 */
export async function assembleRows(
  linalg: Linalg,
  problem: CurvatureProblem,
  parameters: Float64Array,
  { place, from, count, data, kind = 'hessian', signal, onProgress }: RowsOptions
): Promise<number> {
  const { network, lossFunction, batch } = problem
  const { parameterCount: size, layers } = network
  const last = layers.length - 1
  const split = lossFunction.elementwise
  const layer = layers[place]
  const inputs = { from, count }
  const diagonal: Target = { data, offset: layer.offset + from * layer.outputs, stride: size }
  const destinations = layers.flatMap(({ offset }, m): Destination[] =>
    m < place || (m === last && place === last && split) ? [] : [{ l: place, m, inputs, target: { data, offset, stride: size } }]
  )
  const samples = batch.inputs.rows
  const work = openWorkspace(linalg, samples * size ** 2)
  try {
    const own = split && place === last
    const unitMatrices = own ? work.allocate(layer.outputs * layer.rows ** 2) : null
    const plan: Plan = { destinations, unitMatrices, kind, full: true }
    const chunk = Math.min(samples, chunkSamples(network, split, 'full', size ** 2))
    await fillPlan(linalg, work, problem, parameters, plan, chunk, { signal, onProgress })
    if (unitMatrices) {
      const asymmetry = unitsAsymmetry(unitMatrices, layer.rows, layer.outputs)
      mirrorSmall(unitMatrices, layer.rows, layer.outputs)
      await scatterUnits(unitMatrices, layer.rows, layer.outputs, inputs, { ...diagonal, offset: layer.offset }, signal)
      return asymmetry
    }
    const asymmetry = blockAsymmetry(diagonal, count, layer.outputs)
    mirrorSquare(diagonal, count * layer.outputs)
    return asymmetry
  } finally {
    work.dispose()
  }
}
