// The pre-activation tensors S and G of a linearized batch, from which every curvature block is a matrix product (docs/numerics-curvature.md; Botev et al. 2017).
import type { Matrix } from '../linalg'
import { softmax } from '../nn/losses'
import type { Linearization } from '../nn/forward'
import type { CurvatureKind } from '../objective'
import type { Workspace } from './workspace'

/** A stack of N matrices (rows × columns), sample after sample, contiguous. From the work space. */
export interface Stack {
  readonly rows: number
  readonly columns: number
  readonly data: Float64Array
}

/** S^{LL}, per sample: its diagonal (N × n_L) where the outputs do not mix, else a stack. */
export type TopCurvature = { readonly diagonal: Float64Array } | { readonly stack: Stack }

/** What `φ''` adds to the diagonal of S^{ll}: φ''(net_l) ∘ ∂loss/∂h_l; null where it is dropped or zero. `place` is l − 1. */
function bendTerm(state: Linearization, place: number, kind: CurvatureKind): Float64Array | null {
  const bend = state.bend(place)
  if (kind === 'ggn' || bend === null) return null
  const up = state.upstream[place].data
  return bend.data.map((value, i) => value * up[i])
}

/** S^{LL} = D_L (∂²ℓ/∂h_L²) D_L + diag(φ''(net_L) ∘ ∂ℓ/∂h_L); the second term is dropped for the GGN. */
export function topCurvature(work: Workspace, state: Linearization, kind: CurvatureKind): TopCurvature {
  const last = state.network.layers.length - 1
  const slope = state.slopes[last].data
  const bend = bendTerm(state, last, kind)
  if (state.lossFunction.elementwise) return { diagonal: slope.map((d, i) => state.weight * d * d + (bend === null ? 0 : bend[i])) }
  const units = state.network.layers[last].outputs
  const outputs = state.hidden[last + 1]
  const data = work.allocate(state.samples * units * units)
  const p = new Float64Array(units)
  const row = new Float64Array(units)
  for (let n = 0; n < state.samples; n++) {
    row.set(outputs.data.subarray(n * units, (n + 1) * units))
    softmax(row, 0, units, p)
    const scale = state.weight * targetSum(state.targets, n)
    for (let j = 0; j < units; j++) {
      const left = scale * slope[n * units + j] * p[j]
      const at = (n * units + j) * units
      for (let k = 0; k < units; k++) data[at + k] = -left * p[k] * slope[n * units + k]
      // p (1 − p) with 1 − p summed from the others: no cancellation when one output dominates.
      let others = 0
      for (let k = 0; k < units; k++) if (k !== j) others += p[k]
      data[at + j] = left * others * slope[n * units + j] + (bend === null ? 0 : bend[n * units + j])
    }
  }
  return { stack: { rows: units, columns: units, data } }
}

/** Σ_k y[n, k]: 1 for one-hot targets. */
export function targetSum(targets: Matrix, sample: number): number {
  let total = 0
  const at = targets.offset + sample * targets.stride
  for (let k = 0; k < targets.columns; k++) total += targets.data[at + k]
  return total
}

/** D_l W_{l+1} diag(d_n) for every sample n: the first step down from a diagonal. `place` is l − 1, d is N × n_{l+1}. */
export function descendDiagonal(work: Workspace, state: Linearization, place: number, d: Float64Array): Stack {
  const { inputs: rows, outputs: columns, offset } = state.network.layers[place + 1]
  const { parameters, samples } = state
  const slope = state.slopes[place].data
  const data = work.allocate(samples * rows * columns)
  for (let n = 0; n < samples; n++)
    for (let j = 0; j < rows; j++) {
      const factor = slope[n * rows + j]
      const at = (n * rows + j) * columns
      for (let k = 0; k < columns; k++) data[at + k] = factor * parameters[offset + j * columns + k] * d[n * columns + k]
    }
  return { rows, columns, data }
}

/** D_l W_{l+1} X_n for every sample n, X (n_{l+1} × q): one step further down. `place` is l − 1. */
export async function descend(work: Workspace, state: Linearization, place: number, x: Stack, signal?: AbortSignal): Promise<Stack> {
  const { inputs: rows, outputs: inner, offset } = state.network.layers[place + 1]
  const { samples } = state
  const { columns } = x
  const data = work.allocate(samples * rows * columns)
  await work.gemmOuterBatch(
    {
      m: rows,
      n: columns,
      k: inner,
      a: { data: state.parameters, offset, stride: inner, step: 0, count: 1 },
      b: { data: x.data, offset: 0, stride: columns, step: inner * columns, count: samples },
      c: { data, offset: 0, stride: columns, stepA: 0, stepB: rows * columns }
    },
    { signal }
  )
  const slope = state.slopes[place].data
  for (let row = 0; row < samples * rows; row++) {
    const factor = slope[row]
    for (let at = row * columns; at < (row + 1) * columns; at++) data[at] *= factor
  }
  return { rows, columns, data }
}

/** S^{ll} = S^{l,l+1} W_{l+1}ᵀ D_l + diag(φ''(net_l) ∘ (W_{l+1} δ_{l+1})). `place` is l − 1, `above` is S^{l,l+1}. */
export async function closeDiagonal(
  work: Workspace,
  state: Linearization,
  place: number,
  above: Stack,
  kind: CurvatureKind,
  signal?: AbortSignal
): Promise<Stack> {
  const { inputs: units, outputs: inner, offset } = state.network.layers[place + 1]
  const { samples } = state
  const data = work.allocate(samples * units * units)
  const tall = { data: above.data, rows: samples * units, columns: inner, offset: 0, stride: inner }
  const weights = { data: state.parameters, rows: units, columns: inner, offset, stride: inner }
  const result = { data, rows: samples * units, columns: units, offset: 0, stride: units }
  await work.gemm(tall, weights, result, { transposeB: 'transpose', signal })
  const slope = state.slopes[place].data
  const bend = bendTerm(state, place, kind)
  for (let n = 0; n < samples; n++)
    for (let j = 0; j < units; j++) {
      const at = (n * units + j) * units
      for (let k = 0; k < units; k++) data[at + k] *= slope[n * units + k]
      if (bend !== null) data[at + j] += bend[n * units + j]
    }
  return { rows: units, columns: units, data }
}

/** h̃_{l−1}ᵀ, (in + 1) × N contiguous, its last row 1 when the layer has biases (in × N without). `place` is l − 1. From the work space. */
export function transposedInputs(work: Workspace, state: Linearization, place: number): Float64Array {
  const layer = state.network.layers[place]
  const from = state.hidden[place]
  const { samples } = state
  const data = work.allocate(layer.rows * samples)
  for (let i = 0; i < layer.inputs; i++)
    for (let n = 0; n < samples; n++) data[i * samples + n] = from.data[from.offset + n * from.stride + i]
  if (layer.bias) data.fill(1, layer.inputs * samples, layer.rows * samples)
  return data
}
