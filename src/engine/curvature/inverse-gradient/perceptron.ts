// Fast finite-difference Newton on a perceptron (Lee 2019): the gradient map taken apart backwards, slopes frozen at the current net (docs/finite-difference-newton.md).
import { LinalgError, matrix, type CallOptions, type Linalg, type Matrix } from '../../linalg'
import type { Linearization } from '../../nn/forward'
import type { Layer } from '../../nn/network'
import type { InverseGradientOptions, InverseGradientResult } from '../../objective'
import { applyPseudoinverse, type BatchFactorization } from './factorization'

/** X with a column of ones when the layer has biases; otherwise X itself. */
export function withOnes(layer: Layer, x: Matrix): Matrix {
  if (!layer.bias) return x
  const extended = matrix(x.rows, x.columns + 1)
  for (let n = 0; n < x.rows; n++) {
    const from = x.offset + n * x.stride
    extended.data.set(x.data.subarray(from, from + x.columns), n * extended.columns)
    extended.data[n * extended.columns + x.columns] = 1
  }
  return extended
}

/** h_L − y, N × out: without the loss's weight, which H⁻¹ g does not depend on. */
export function outputErrors(state: Pick<Linearization, 'hidden' | 'targets'>): Matrix {
  const outputs = state.hidden[state.hidden.length - 1]
  const errors = matrix(outputs.rows, outputs.columns)
  for (let n = 0; n < outputs.rows; n++)
    for (let j = 0; j < outputs.columns; j++)
      errors.data[n * outputs.columns + j] =
        outputs.data[outputs.offset + n * outputs.stride + j] - state.targets.data[state.targets.offset + n * state.targets.stride + j]
  return errors
}

/** B(net) = (h − y) / φ'(net). Throws when a slope is zero: there the gradient does not tell the error. */
export function divideBySlopes(errors: Matrix, slopes: Matrix, name: string): Matrix {
  const result = matrix(errors.rows, errors.columns)
  for (let i = 0; i < result.data.length; i++) {
    if (slopes.data[i] === 0)
      throw new LinalgError(
        'not-finite',
        `fd-newton: the slope of ${name} vanishes at sample ${Math.floor(i / errors.columns) + 1}, unit ${(i % errors.columns) + 1}, so the gradient map has no inverse there`
      )
    result.data[i] = errors.data[i] / slopes.data[i]
  }
  return result
}

/**
 * (φ⁻¹(h + p (h − y)) − φ⁻¹(h + q (h − y))) / (p − q), entry by entry: what moves `net` when the gradient is scaled by 1 + p and 1 + q.
 * Throws when a shifted output leaves the range of φ.
 */
export function differencedNets(layer: Layer, outputs: Matrix, errors: Matrix, p: number, q: number): Matrix {
  const { inverse } = layer.activation
  if (inverse === null)
    throw new Error(`fd-newton: ${layer.activation.kind} has no inverse; use leaky-relu, tanh, sigmoid, softplus or identity`)
  const nets = matrix(outputs.rows, outputs.columns)
  for (let i = 0; i < nets.data.length; i++) {
    const h = outputs.data[outputs.offset + i]
    const value = (inverse(h + p * errors.data[i]) - inverse(h + q * errors.data[i])) / (p - q)
    if (!Number.isFinite(value))
      throw new Error(
        `fd-newton: at sample ${Math.floor(i / nets.columns) + 1}, unit ${(i % nets.columns) + 1} of ${layer.name} the perturbed output lies outside the range of ${layer.activation.kind}; use a smaller r or mode limit`
      )
    nets.data[i] = value
  }
  return nets
}

/** True when all of column j's slopes are equal, for every j: weights of a least-squares problem then do not matter. */
function columnsUniform(slopes: Matrix): boolean {
  for (let n = 1; n < slopes.rows; n++)
    for (let j = 0; j < slopes.columns; j++) if (slopes.data[n * slopes.columns + j] !== slopes.data[j]) return false
  return true
}

/** (D_j X)⁺ e_j for every output j: the minimum-norm solution of the weighted least squares, one decomposition an output. */
async function weightedLeastSquares(
  linalg: Linalg,
  x: Matrix,
  slopes: Matrix,
  errors: Matrix,
  options: CallOptions
): Promise<{ direction: Matrix; rank: number }> {
  const { columns } = errors
  const direction = matrix(x.columns, columns)
  const weighted = matrix(x.rows, x.columns)
  const rhs = matrix(x.rows, 1)
  let rank = x.columns
  for (let j = 0; j < columns; j++) {
    for (let n = 0; n < x.rows; n++) {
      const slope = slopes.data[n * columns + j]
      for (let i = 0; i < x.columns; i++) weighted.data[n * x.columns + i] = slope * x.data[x.offset + n * x.stride + i]
      rhs.data[n] = errors.data[n * columns + j]
    }
    const found = await linalg.leastSquares(weighted, rhs, { signal: options.signal })
    rank = Math.min(rank, found.rank)
    for (let i = 0; i < x.columns; i++)
      direction.data[i * columns + j] = found.solution.data[found.solution.offset + i * found.solution.stride]
    found.release()
    options.onProgress?.((j + 1) / columns)
  }
  return { direction, rank }
}

/**
 * H⁻¹ g of a perceptron (GGN⁺ g in general). `limit`: X⁺ [(h − y) / φ'(net)], per output weighted least squares where the samples outnumber the
 * rank; `finite-difference`: the same from two inverse gradients at (1 ± r/2) g, refused where the gradient map has no functional inverse.
 */
export async function perceptronInverse(
  linalg: Linalg,
  state: Linearization,
  x: Matrix,
  factorization: BatchFactorization,
  options: InverseGradientOptions
): Promise<InverseGradientResult> {
  const { mode, r, signal } = options
  const [layer] = state.network.layers
  const { rank, condition } = factorization
  const figures = { rank, condition }
  const shape = `the batch (${x.rows} × ${x.columns}, rank ${rank})`
  const invertible = rank === x.rows
  const errors = outputErrors(state)
  if (mode === 'finite-difference') {
    if (!invertible)
      throw new Error(
        `fd-newton: ${shape} has more samples than its rank, so the gradient does not determine the outputs and its map has no functional inverse; use mode limit, or batches of at most ${rank} independent samples`
      )
    const nets =
      options.oneSided === true
        ? differencedNets(layer, state.hidden[1], errors, r, 0)
        : differencedNets(layer, state.hidden[1], errors, r / 2, -r / 2)
    const direction = await applyPseudoinverse(linalg, x, factorization, nets, { signal })
    return { direction: direction.data, notes: [], figures: { ...figures, r } }
  }
  if (invertible) {
    const direction = await applyPseudoinverse(linalg, x, factorization, divideBySlopes(errors, state.slopes[0], layer.name), { signal })
    return { direction: direction.data, notes: [], figures }
  }
  const notes = [`${shape} has more samples than its rank: least squares of smallest norm in place of an inverse`]
  if (columnsUniform(state.slopes[0])) {
    const direction = await applyPseudoinverse(linalg, x, factorization, divideBySlopes(errors, state.slopes[0], layer.name), { signal })
    return { direction: direction.data, notes, figures }
  }
  const found = await weightedLeastSquares(linalg, x, state.slopes[0], errors, options)
  return { direction: found.direction.data, notes, figures: { ...figures, rank: found.rank } }
}
