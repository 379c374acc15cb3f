// The joint Hessian's circular equations, relaxed to a fixed point (Pineda 1987), and the same preconditioner in MINRES (Paige and Saunders 1975).
import { matrix, type CallOptions, type Linalg, type Matrix } from '../../linalg'
import { dot, norm } from '../../linalg/vectors'
import type { Linearization } from '../../nn/forward'
import { applyPseudoinverse } from './factorization'
import { descendErrors, type InvertedNetwork } from './deep'

/** v ↦ A v for a symmetric matrix. */
export type Operator = (v: Float64Array) => Promise<Float64Array>

/**
 * M⁻¹ V = J⁻¹ J⁻ᵀ V layer by layer, the inverse of the GGN's diagonal blocks: symmetric positive definite for square networks of full rank (docs/finite-difference-newton.md).
 * Throws for networks that are not square: J has no inverse there.
 */
export function blockInverse(linalg: Linalg, state: Linearization, inverted: InvertedNetwork, options: CallOptions = {}): Operator {
  if (!inverted.square)
    throw new Error('the circular case needs square activations and weights: as many samples as inputs and units in every layer')
  const { layers, parameterCount } = state.network
  const { signal } = options
  // (Aᵀ)⁻¹ V = transpose of Vᵀ A⁻¹, and A⁻¹ is known by what it does to columns: solve A Aᵀ z = A V instead.
  const throughTransposedInputs = async (place: number, v: Matrix): Promise<Matrix> => {
    const { x, factorization } = inverted.inputs[place]
    const inverse = await applyPseudoinverse(linalg, x, factorization, identity(x.rows), { signal })
    const result = matrix(x.rows, v.columns)
    await linalg.gemm(inverse, v, result, { transposeA: 'transpose', signal })
    return result
  }
  return async (v) => {
    const result = new Float64Array(parameterCount)
    for (const [place, layer] of layers.entries()) {
      const block: Matrix = { data: v, rows: layer.rows, columns: layer.columns, offset: layer.offset, stride: layer.columns }
      let delta = await throughTransposedInputs(place, block)
      for (let above = place + 1; above < layers.length; above++) {
        const weight = inverted.weights[above]
        if (weight === null) throw new Error('the weights above were not factorized')
        const divided = matrix(
          delta.rows,
          delta.columns,
          delta.data.map((value, i) => value / state.slopes[above - 1].data[i])
        )
        // δ_{k+1} = (δ_k/φ'_k)(W_{k+1}ᵀ)⁻¹: Wᵀ is the factorized matrix, so its inverse is applied from the right.
        const inverse = await applyPseudoinverse(linalg, weight.x, weight.factorization, identity(weight.x.rows), { signal })
        const next = matrix(delta.rows, layers[above].outputs)
        await linalg.gemm(divided, inverse, next, { signal })
        delta = next
      }
      const last = layers.length - 1
      const errors = matrix(
        delta.rows,
        delta.columns,
        delta.data.map((value, i) => value / (state.slopes[last].data[i] * state.weight))
      )
      const nets = await descendErrors(linalg, state, inverted, errors, place, signal)
      const { x, factorization } = inverted.inputs[place]
      result.set((await applyPseudoinverse(linalg, x, factorization, nets[place], { signal })).data, layer.offset)
    }
    return result
  }
}

function identity(n: number): Matrix {
  const result = matrix(n, n)
  for (let i = 0; i < n; i++) result.data[i * (n + 1)] = 1
  return result
}

export interface Relaxation {
  readonly solution: Float64Array
  readonly iterations: number
  /** ‖g − H u‖ / ‖g‖ at the end. */
  readonly residual: number
  /** Geometric mean of the last ratios of corrections: below 1 it converges, above 1 it does not. */
  readonly contraction: number
  readonly outcome: 'converged' | 'diverged' | 'unfinished'
}

/** u ← u + M⁻¹(g − H u) from u = 0, until the residual is below `tolerance` or grows a million times. */
export async function relax(
  hessian: Operator,
  preconditioner: Operator,
  g: Float64Array,
  options: CallOptions & { readonly iterations?: number; readonly tolerance?: number } = {}
): Promise<Relaxation> {
  const { iterations = 200, tolerance = 1e-10, signal } = options
  const solution = new Float64Array(g.length)
  const scale = norm(g)
  const sizes: number[] = []
  let residual = g.slice()
  let relative = scale > 0 ? 1 : 0
  let done = 0
  while (done < iterations && relative > tolerance && relative < 1e6) {
    signal?.throwIfAborted()
    const correction = await preconditioner(residual)
    sizes.push(norm(correction))
    for (let i = 0; i < solution.length; i++) solution[i] += correction[i]
    const product = await hessian(solution)
    residual = g.map((value, i) => value - product[i])
    relative = norm(residual) / scale
    done++
    options.onProgress?.(done / iterations)
  }
  const window = Math.min(10, sizes.length - 1)
  const contraction = window > 0 ? (sizes[sizes.length - 1] / sizes[sizes.length - 1 - window]) ** (1 / window) : 0
  const outcome = relative <= tolerance ? 'converged' : relative >= 1e6 || !Number.isFinite(relative) ? 'diverged' : 'unfinished'
  return { solution, iterations: done, residual: relative, contraction, outcome }
}

/**
 * Solves H u = g for symmetric, possibly indefinite H by MINRES with a symmetric positive definite preconditioner (given as the operator M⁻¹).
 * The residual reported is in the norm of M⁻¹, relative to that of g.
 */
export async function preconditionedMinres(
  hessian: Operator,
  preconditioner: Operator,
  g: Float64Array,
  options: CallOptions & { readonly iterations?: number; readonly tolerance?: number } = {}
): Promise<Relaxation> {
  const { iterations = 200, tolerance = 1e-10, signal } = options
  const n = g.length
  const solution = new Float64Array(n)
  let older: Float64Array = new Float64Array(n)
  let current: Float64Array = g.slice()
  let preconditioned = await preconditioner(current)
  const first = Math.sqrt(Math.max(0, dot(current, preconditioned)))
  if (first === 0) return { solution, iterations: 0, residual: 0, contraction: 0, outcome: 'converged' }
  let beta = first
  let oldBeta = 0
  let dbar = 0
  let epsilon = 0
  let phi = first
  let [cosine, sine] = [-1, 0]
  let w: Float64Array = new Float64Array(n)
  let oldW: Float64Array = new Float64Array(n)
  let done = 0
  while (done < iterations && phi / first > tolerance && beta > 0) {
    signal?.throwIfAborted()
    done++
    // Lanczos in the inner product of M⁻¹.
    const v = preconditioned.map((value) => value / beta)
    const next = await hessian(v)
    if (done > 1) for (let i = 0; i < n; i++) next[i] -= (beta / oldBeta) * older[i]
    const alpha = dot(v, next)
    for (let i = 0; i < n; i++) next[i] -= (alpha / beta) * current[i]
    older = current
    current = next
    preconditioned = await preconditioner(current)
    oldBeta = beta
    beta = Math.sqrt(Math.max(0, dot(current, preconditioned)))
    // Givens rotations bring the tridiagonal matrix to upper triangular form.
    const oldEpsilon = epsilon
    const delta = cosine * dbar + sine * alpha
    const gammaBar = sine * dbar - cosine * alpha
    epsilon = sine * beta
    dbar = -cosine * beta
    const gamma = Math.max(Math.hypot(gammaBar, beta), Number.MIN_VALUE)
    cosine = gammaBar / gamma
    sine = beta / gamma
    const step = cosine * phi
    phi *= sine
    const newest = v.map((value, i) => (value - oldEpsilon * oldW[i] - delta * w[i]) / gamma)
    oldW = w
    w = newest
    for (let i = 0; i < n; i++) solution[i] += step * w[i]
    options.onProgress?.(done / iterations)
  }
  const residual = phi / first
  return {
    solution,
    iterations: done,
    residual,
    contraction: residual ** (1 / done),
    outcome: residual <= tolerance ? 'converged' : 'unfinished'
  }
}
