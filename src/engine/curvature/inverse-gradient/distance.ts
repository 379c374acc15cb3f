// How far an approximate direction is from the GGN blocks' own solutions, where the blocks are small enough to be solved in passing.
import type { CallOptions, Linalg, Matrix } from '../../linalg'
import { plusScaled, sumOfSquares } from '../../linalg/vectors'
import type { Linearization } from '../../nn/forward'
import { assembleCurvature } from '../hessian'

/** Larger blocks are not solved: the comparison would cost more than the step. */
const mostRows = 600

/** ‖x_l − GGN_l⁺ g_l‖ / ‖GGN_l⁺ g_l‖ for every small enough layer, under the names `distance W1`, …. */
export async function blockDistances(
  linalg: Linalg,
  state: Linearization,
  direction: Float64Array,
  options: CallOptions = {}
): Promise<Record<string, number>> {
  const { network, hidden, targets, deltas } = state
  if (network.layers.every((layer) => layer.rows * layer.columns > mostRows)) return {}
  const figures: Record<string, number> = {}
  const problem = { network, lossFunction: state.lossFunction, batch: { inputs: hidden[0], targets }, weight: state.weight }
  const blocks = await assembleCurvature(linalg, problem, state.parameters, { scope: 'layer-blocks', kind: 'ggn', signal: options.signal })
  try {
    for (const [place, block] of blocks.entries()) {
      if (block.size > mostRows) continue
      const layer = network.layers[place]
      const gradient = new Float64Array(block.size)
      const input = hidden[place]
      for (let n = 0; n < state.samples; n++)
        for (let i = 0; i < layer.rows; i++) {
          const h = i < layer.inputs ? input.data[input.offset + n * input.stride + i] : 1
          for (let j = 0; j < layer.columns; j++) gradient[i * layer.columns + j] += h * deltas[place].data[n * layer.columns + j]
        }
      const a: Matrix = { data: block.data, rows: block.size, columns: block.size, offset: 0, stride: block.size }
      const b: Matrix = { data: gradient, rows: block.size, columns: 1, offset: 0, stride: 1 }
      // The square root of machine precision: a GGN block squares its factors' singular values.
      const { solution, release } = await linalg.leastSquares(a, b, { signal: options.signal, tolerance: 1e-12 })
      const own = solution.data.subarray(solution.offset, solution.offset + block.size)
      const ours = direction.subarray(layer.offset, layer.offset + block.size)
      const [error, size] = [sumOfSquares(plusScaled(ours, -1, own)), sumOfSquares(own)]
      figures[`distance ${layer.name}`] = (error.scale / size.scale) * Math.sqrt(error.sum / size.sum)
      release()
    }
  } finally {
    for (const { data } of blocks) linalg.release(data)
  }
  return figures
}
