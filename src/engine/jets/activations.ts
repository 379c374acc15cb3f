// Activation functions applied to power series, entry by entry, by their differential equations (docs/higher-order-derivatives.md).
import type { ActivationFunction } from '../nn/activations'
import { convolve } from './planes'

/** Entries worked on at a time: all planes of a block stay in the processor's cache. */
const blockEntries = 256

/** Work space for series of one order. */
export interface ActivationScratch {
  readonly weighted: Float64Array
  readonly factor: Float64Array
  readonly bend: Float64Array
  readonly inner: Float64Array
}

export function activationScratch(order: number): ActivationScratch {
  const planes = () => new Float64Array((order + 1) * blockEntries)
  return { weighted: planes(), factor: planes(), bend: planes(), inner: planes() }
}

/** u and d at one block: coefficient k of entry i is data[start + k · step + i]. */
interface Block {
  readonly data: Float64Array
  readonly start: number
  readonly step: number
}

/** out_k = Σ_{j=1..k} (j a_j) d_{k−j} / k: coefficient k of what has the derivative d · a'. */
function integrate(k: number, count: number, weighted: Float64Array, d: Block, out: Block): void {
  const to = out.start + k * out.step
  convolve(k, 1, count, weighted, 0, blockEntries, d.data, d.start, d.step, out.data, to)
  for (let i = 0; i < count; i++) out.data[to + i] /= k
}

/**
 * u' = d a' and d' = d w a' with w = w_0 − 2 (u − u_0): tanh (w = −2u) and the logistic function (w = 1 − 2u). Taking d from u instead (1 − u², u − u²)
 * would lose its digits where u is saturated; by its own recurrence each coefficient of d keeps them.
 */
function saturating(order: number, count: number, { weighted, factor, bend }: ActivationScratch, u: Block, d: Block): void {
  const bends: Block = { data: bend, start: 0, step: blockEntries }
  for (let k = 1; k <= order; k++) {
    convolve(k - 1, 0, count, d.data, d.start, d.step, factor, 0, blockEntries, bend, (k - 1) * blockEntries)
    integrate(k, count, weighted, d, u)
    integrate(k, count, weighted, bends, d)
    const from = u.start + k * u.step
    for (let i = 0; i < count; i++) factor[k * blockEntries + i] = -2 * u.data[from + i]
  }
}

/**
 * Planes 1 … K of φ(a) and φ'(a), given all planes of a and plane 0 of both, with `length` entries a plane. Of a piecewise-linear φ the branch of a_0 holds:
 * φ' is plane 0 alone, and of the identity nothing is to be done when `value` is a itself.
 */
export function activationPlanes(
  activation: ActivationFunction,
  order: number,
  length: number,
  a: Float64Array,
  value: Float64Array,
  slope: Float64Array,
  scratch: ActivationScratch
): void {
  if (activation.piecewiseLinear) {
    if (value === a) return
    for (let k = 1; k <= order; k++) for (let i = 0; i < length; i++) value[k * length + i] = slope[i] * a[k * length + i]
    return
  }
  const { weighted, factor, inner } = scratch
  for (let start = 0; start < length; start += blockEntries) {
    const count = Math.min(blockEntries, length - start)
    for (let k = 1; k <= order; k++) for (let i = 0; i < count; i++) weighted[k * blockEntries + i] = k * a[k * length + start + i]
    const [u, d]: Block[] = [value, slope].map((data) => ({ data, start, step: length }))
    if (activation.kind === 'tanh') for (let i = 0; i < count; i++) factor[i] = -2 * value[start + i]
    // 1 − 2σ(a) = −tanh(a/2).
    else for (let i = 0; i < count; i++) factor[i] = -Math.tanh(a[start + i] / 2)
    if (activation.kind !== 'softplus') saturating(order, count, scratch, u, d)
    else {
      // The slope of softplus is the logistic function, whose own slope is φ''.
      const steepness: Block = { data: inner, start: 0, step: blockEntries }
      for (let i = 0; i < count; i++) inner[i] = activation.second(a[start + i])
      saturating(order, count, scratch, d, steepness)
      for (let k = 1; k <= order; k++) integrate(k, count, weighted, d, u)
    }
  }
}
