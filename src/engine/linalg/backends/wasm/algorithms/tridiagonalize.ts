// Blocked Householder reduction of a symmetric matrix to tridiagonal form (Dongarra, Hammarling & Sorensen 1989), on the upper triangle.
import { task, type Team } from '../team'
import { at, type Block } from './block'
import { multiplySymmetric, subtractPairs, symmetricShareCount, trailing } from './symmetric'

const panel = 32

/**
 * The reflectors H_j = I − tau_j v_j v_jᵀ that reduce A: QᵀAQ = T with Q = H_0 H_1 …; v_j is zero up to entry j, 1 at j + 1, and lies in
 * row j of A from column j + 1 on. All three are addresses of n numbers.
 */
export interface Reduction {
  readonly diagonal: number
  /** coupling[j] = T(j, j+1); the last is 0. */
  readonly coupling: number
  readonly tau: number
}

/** Numbers of work space: W, then copies of V and W for the update, shares of A·v, and a few dot products. */
export function tridiagonalWorkspace(order: number, threads: number): number {
  return (3 * panel + symmetricShareCount(threads)) * order + panel
}

/**
 * Makes the reflector that maps x (`length` ≥ 1 numbers) to (beta, 0, …) and leaves v = (1, …) in x. Squares neither overflow nor underflow:
 * x is divided by its largest entry where that is needed.
 */
export function makeReflector(team: Team, heap: Float64Array, x: number, length: number): { beta: number; tau: number } {
  const { kernels } = team
  const rest = x + 8
  let alpha = heap[x / 8]
  let square = kernels.dot(length - 1, rest, rest)
  let size = 1
  if (!(square > 1e-250) || !(square + alpha * alpha < 1e250)) {
    const largest = kernels.maxAbs(length - 1, rest)
    if (largest === 0) {
      heap[x / 8] = 1
      return { beta: alpha, tau: 0 }
    }
    size = Math.max(largest, Math.abs(alpha))
    // In two steps, since 1 / size overflows for subnormal sizes.
    if (size < 1e-300) kernels.scale(length, 1e300, x)
    const remaining = size < 1e-300 ? size * 1e300 : size
    kernels.scale(length, 1 / remaining, x)
    alpha = heap[x / 8]
    square = kernels.dot(length - 1, rest, rest)
    if (square === 0) {
      heap[x / 8] = 1
      return { beta: alpha * size, tau: 0 }
    }
  }
  const norm = Math.sqrt(alpha * alpha + square)
  const beta = alpha < 0 ? norm : -norm
  kernels.scale(length - 1, 1 / (alpha - beta), rest)
  heap[x / 8] = 1
  return { beta: beta * size, tau: (beta - alpha) / beta }
}

/** Scales T by a power of two (exactly) so that its largest entry is about 1; returns the factor. */
export function normalizeTridiagonal(diagonal: Float64Array, coupling: Float64Array): number {
  let largest = 0
  for (let i = 0; i < diagonal.length; i++) largest = Math.max(largest, Math.abs(diagonal[i]), Math.abs(coupling[i]))
  const factor = normalizingScale(largest)
  for (let i = 0; i < diagonal.length; i++) {
    diagonal[i] *= factor
    coupling[i] *= factor
  }
  return factor
}

/** The power of two that brings the largest entry to about 1; 1 for zero matrices. */
export function normalizingScale(largest: number): number {
  if (largest === 0) return 1
  const exponent = Math.floor(Math.log2(largest))
  return 2 ** Math.max(-1000, Math.min(1000, -exponent))
}

/** Couplings up to this vanish in a normalized tridiagonal matrix: half a unit in the last place of its largest entry. */
export const negligibleCoupling = 2 ** -54

/** Entries below this (times the size of A) are zero: they change nothing, and their products would become subnormal, which is very slow. */
export const negligibleEntry = 1e-70

/** Scales the upper triangle and zeroes entries whose square vanishes beside the largest. */
export const prepareRows = task(['a', 'stride', 'order', 'scale', 'threshold'], (on, p) => {
  const step = 32
  for (let from = step * on.nextTile(); from < p.order && !on.cancelled(); from = step * on.nextTile())
    for (let i = from; i < Math.min(p.order, from + step); i++) {
      const row = p.a + 8 * i * (p.stride + 1)
      if (p.scale !== 1) on.kernels.scale(p.order - i, p.scale, row)
      on.kernels.flushTiny(p.order - i, p.threshold, row)
    }
})

/** Multiplies A's upper triangle by `scale` and drops negligible entries; `size` is the largest entry afterwards. */
export function prepare(team: Team, a: Block, scale: number, size: number): void {
  const input = { a: a.address, stride: a.stride, order: a.rows, scale, threshold: negligibleEntry ** 2 * size }
  team.run(prepareRows, input, a.rows >= 400)
}

/** Reduces A (order ≥ 1; columnStride 1) in place. `size`: its largest entry, far from over- and underflow (see prepare). `workspace`: tridiagonalWorkspace numbers. */
export function tridiagonalize(team: Team, a: Block, size: number, out: Reduction, workspace: number): void {
  const { kernels } = team
  const order = a.rows
  const heap = new Float64Array(team.memory.buffer)
  const partial = workspace + 8 * 3 * panel * order
  const dots = partial + 8 * symmetricShareCount(team.threads) * order
  const set = (array: number, index: number, value: number) => (heap[array / 8 + index] = value)

  for (let k = 0; k < order - 1; k += panel) {
    const depth = Math.min(panel, order - 1 - k)
    const length = order - k
    const w = workspace
    for (let i = 0; i < depth; i++) {
      const j = k + i
      const row = at(a, j, j)
      kernels.addRows(length - i, i, -1, at(a, k, j), a.stride, w + 8 * i, length, row)
      kernels.addRows(length - i, i, -1, w + 8 * i, length, at(a, k, j), a.stride, row)
      set(out.diagonal, j, heap[row / 8])
      const v = row + 8
      const rest = length - i - 1
      const { beta, tau } = makeReflector(team, heap, v, rest)
      kernels.flushTiny(rest, negligibleEntry, v)
      set(out.coupling, j, beta)
      set(out.tau, j, tau)
      const own = w + 8 * (i * length + i + 1)
      const others = w + 8 * (i + 1)
      const reflectors = at(a, k, j + 1)
      multiplySymmetric(team, trailing(a, j + 1), v, own, partial)
      kernels.dotRows(rest, i, others, length, v, dots)
      kernels.addRows(rest, i, -1, reflectors, a.stride, dots, 1, own)
      kernels.dotRows(rest, i, reflectors, a.stride, v, dots)
      kernels.addRows(rest, i, -1, others, length, dots, 1, own)
      kernels.scaleAndAdd(rest, -0.5 * tau * tau * kernels.dot(rest, own, v), v, tau, own)
      kernels.flushTiny(rest, negligibleEntry * size, own)
    }
    updateTrailing(team, a, k, depth, w, length)
    team.work(((4e-6 / 3) * (length ** 3 - (length - depth) ** 3)) / 2)
  }
  set(out.diagonal, order - 1, heap[at(a, order - 1, order - 1) / 8])
  set(out.coupling, order - 1, 0)
  set(out.tau, order - 1, 0)
}

/** A22 −= V Wᵀ + W Vᵀ as one product of depth 2·depth: (W; V)ᵀ · (V; W), for which V and W are copied side by side. */
function updateTrailing(team: Team, a: Block, k: number, depth: number, w: number, length: number): void {
  const rest = length - depth
  if (rest <= 0) return
  team.kernels.copyBlock(depth, rest, at(a, k, k + depth), a.stride, w + 8 * (depth * length + depth), length)
  team.kernels.copyBlock(depth, rest, w + 8 * depth, length, w + 8 * (2 * depth * length + depth), length)
  subtractPairs(team, trailing(a, k + depth), w + 8 * depth, length, depth)
}
