// The circular equations H u = g of a whole network, and their layer-by-layer inverse M⁻¹ (docs/finite-difference-newton.md).
import { LinalgError, matrix, type CallOptions, type Linalg, type Matrix } from '../../linalg'
import type { Linearization } from '../../nn/forward'
import type { CurvatureProduct } from '../../objective'
import { applyPseudoinverse } from './factorization'
import type { Inverted, InvertedNetwork } from './deep'
import type { Equations, Operator } from './relaxation'

/** `joint`: the whole Hessian; `layer`: its diagonal blocks alone, a layer each. */
export type System = 'layer' | 'joint'

function identity(n: number): Matrix {
  const result = matrix(n, n)
  for (let i = 0; i < n; i++) result.data[i * (n + 1)] = 1
  return result
}

const inverseOf = (linalg: Linalg, { x, factorization }: Inverted, { signal }: CallOptions) =>
  applyPseudoinverse(linalg, x, factorization, identity(x.rows), { signal })

/** One over each slope; throws where one vanishes: M has no inverse there. */
function reciprocals({ network, slopes }: Linearization): Matrix[] {
  return slopes.map((slope, place) => {
    const at = slope.data.indexOf(0)
    if (at >= 0)
      throw new LinalgError(
        'not-positive-definite',
        `M is not positive definite: the slope of ${network.layers[place].name} vanishes at sample ${Math.floor(at / slope.columns) + 1}, unit ${(at % slope.columns) + 1}, so a block of it is singular`
      )
    return matrix(
      slope.rows,
      slope.columns,
      slope.data.map((value) => 1 / value)
    )
  })
}

function multiplyInto(target: Matrix, factors: Matrix): Matrix {
  for (let i = 0; i < target.data.length; i++) target.data[i] *= factors.data[i]
  return target
}

/**
 * M⁻¹ V = J⁻¹ J⁻ᵀ V layer by layer, the inverse of the GGN's diagonal blocks: symmetric positive definite for square networks of full rank.
 * Throws for networks that are not square: J has no inverse there. The matrices are inverted once, so that an application is products alone.
 */
export async function blockInverse(
  linalg: Linalg,
  state: Linearization,
  inverted: InvertedNetwork,
  options: CallOptions = {}
): Promise<Operator> {
  if (!inverted.square)
    throw new Error('the circular case needs square activations and weights: as many samples as inputs and units in every layer')
  const { layers, parameterCount } = state.network
  const { signal } = options
  const factors = reciprocals(state)
  // A_l⁻¹ of the activations and (W_lᵀ)⁻¹ of the weights above the first.
  const inputs = await Promise.all(inverted.inputs.map((part) => inverseOf(linalg, part, options)))
  const weights = await Promise.all(inverted.weights.map((part) => (part === null ? null : inverseOf(linalg, part, options))))
  const weightAt = (place: number): Matrix => {
    const found = weights[place]
    if (found === null) throw new Error('the weights above were not factorized')
    return found
  }
  const last = layers.length - 1
  return async (v) => {
    const result = new Float64Array(parameterCount)
    for (const [place, layer] of layers.entries()) {
      const block: Matrix = { data: v, rows: layer.rows, columns: layer.columns, offset: layer.offset, stride: layer.columns }
      const { rows } = inverted.inputs[place].x
      // Upward, J⁻ᵀ: δ_l = (h_{l−1}ᵀ)⁻¹ V_l, δ_{k+1} = (δ_k/φ'_k)(W_{k+1}ᵀ)⁻¹.
      let error = matrix(rows, layer.columns)
      await linalg.gemm(inputs[place], block, error, { transposeA: 'transpose', signal })
      for (let above = place + 1; above <= last; above++) {
        const next = matrix(rows, layers[above].outputs)
        await linalg.gemm(multiplyInto(error, factors[above - 1]), weightAt(above), next, { signal })
        error = next
      }
      multiplyInto(error, factors[last])
      for (let i = 0; i < error.data.length; i++) error.data[i] /= state.weight
      // Down again, J⁻¹, by the same matrices transposed: what comes out is symmetric to rounding.
      for (let at = last; at > place; at--) {
        const below = matrix(rows, layers[at].inputs)
        await linalg.gemm(multiplyInto(error, factors[at]), weightAt(at), below, { transposeB: 'transpose', signal })
        error = below
      }
      const solved: Matrix = { ...block, data: result }
      await linalg.gemm(inputs[place], multiplyInto(error, factors[place]), solved, { signal })
    }
    return result
  }
}

/** The Hessian-vector product of the system: a batched product `multiply` by the exact Hessian, for `layer` cut down to its diagonal blocks. */
function systemProduct(state: Linearization, system: System, multiply: CurvatureProduct, signal?: AbortSignal): Operator {
  const { layers, parameterCount } = state.network
  if (system === 'joint') return async (v) => (await multiply(matrix(1, v.length, v), { signal })).data
  return async (v) => {
    const parts = matrix(layers.length, parameterCount)
    const sizes = layers.map(({ rows, columns }) => rows * columns)
    for (const [place, { offset }] of layers.entries())
      parts.data.set(v.subarray(offset, offset + sizes[place]), place * parameterCount + offset)
    const { data } = await multiply(parts, { signal })
    const result = new Float64Array(parameterCount)
    for (const [place, { offset }] of layers.entries()) {
      const from = place * parameterCount + offset
      result.set(data.subarray(from, from + sizes[place]), offset)
    }
    return result
  }
}

/** H u = g with M⁻¹, of one system; `multiply` and `g` are those of the loss itself, at the point of `state`. */
export async function circularEquations(
  linalg: Linalg,
  state: Linearization,
  inverted: InvertedNetwork,
  loss: { readonly system: System; readonly multiply: CurvatureProduct; readonly g: Float64Array },
  options: CallOptions = {}
): Promise<Equations> {
  const { system, multiply, g } = loss
  return {
    hessian: systemProduct(state, system, multiply, options.signal),
    preconditioner: await blockInverse(linalg, state, inverted, options),
    g
  }
}
