// Mean-field theory of wide random nets: the maps of variance and correlation from layer to layer, their fixed points, and the phase diagram (docs/depth.md).
import type { ActivationFunction } from '../../nn/activations'

/** Weights of deviation sigmaW/√inputs, biases of deviation sigmaB. */
export interface Ensemble {
  readonly sigmaW: number
  readonly sigmaB: number
}

/**
 * The trapezoidal rule, for smooth φ exact but for e^(−2πd/h), where d is how far off the real axis the integrand's poles are (Trefethen & Weideman
 * 2014): for tanh d = π/(2√q), which leaves 10⁻⁹ at q = 16. Gauss–Hermite with 64 nodes is as good below q = ½ and off by 0.4 % at q = 4, 24 % at 16.
 */
const step = 1 / 12
const nodes = Float64Array.from({ length: 217 }, (_, k) => step * (k - 108))
const weights = nodes.map((z) => (step * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI))

function expectation(f: (z: number) => number): number {
  let sum = 0
  for (let k = 0; k < nodes.length; k++) sum += weights[k] * f(nodes[k])
  return sum
}

/** Of a φ that is linear to both sides of zero: ∫φ'², and what q is multiplied with; else null. */
const slopesSquare = ({ lowerSlope }: ActivationFunction) => (lowerSlope === null ? null : (1 + lowerSlope * lowerSlope) / 2)

/** ∫ φ(√q z)² Dz. */
export function squareMean(activation: ActivationFunction, q: number): number {
  const linear = slopesSquare(activation)
  const root = Math.sqrt(q)
  return linear === null ? expectation((z) => activation.value(root * z) ** 2) : linear * q
}

/** ∫ φ'(√q z)² Dz. */
export function slopeMean(activation: ActivationFunction, q: number): number {
  const linear = slopesSquare(activation)
  const root = Math.sqrt(q)
  return linear === null ? expectation((z) => activation.derivative(root * z) ** 2) : linear
}

/** q of the next layer (Poole et al. 2016). */
export const nextVariance = (activation: ActivationFunction, { sigmaW, sigmaB }: Ensemble, q: number) =>
  sigmaW * sigmaW * squareMean(activation, q) + sigmaB * sigmaB

/** χ₁ = σ_w² ∫ φ'(√q z)² Dz: what the squared norm of a gradient is multiplied with from layer to layer (Schoenholz et al. 2017). */
export const chiAt = (activation: ActivationFunction, { sigmaW }: Ensemble, q: number) => sigmaW * sigmaW * slopeMean(activation, q)

/** Above this there is no fixed point for doubles. */
const mostVariance = 1e12
/** Below this q is zero: that of tanh at σ_b = 0 is there at a σ_w of 1 + 10⁻¹³. */
const leastVariance = 1e-13

/** The largest fixed point of the map of variances, which iteration from above comes to; Infinity where variances grow without bound. */
export function fixedVariance(activation: ActivationFunction, ensemble: Ensemble): number {
  const linear = slopesSquare(activation)
  if (linear !== null) {
    const factor = ensemble.sigmaW ** 2 * linear
    if (ensemble.sigmaB === 0) return factor > 1 ? Infinity : 0
    return factor >= 1 ? Infinity : ensemble.sigmaB ** 2 / (1 - factor)
  }
  const excess = (q: number) => nextVariance(activation, ensemble, q) - q
  let high = 1
  while (excess(high) > 0) {
    high *= 2
    if (high > mostVariance) return Infinity
  }
  let low = high / 2
  while (excess(low) <= 0) {
    high = low
    low /= 2
    if (low < leastVariance) return 0
  }
  return rootBetween(excess, low, high)
}

/** Ridders 1979: false position on what an exponential factor has made straight; f(low) > 0 ≥ f(high). */
function rootBetween(f: (x: number) => number, low: number, high: number): number {
  let [atLow, atHigh] = [f(low), f(high)]
  let root = high
  for (let iteration = 0; iteration < 100 && atHigh !== 0 && high - low > 1e-14 * Math.abs(high); iteration++) {
    const middle = (low + high) / 2
    const atMiddle = f(middle)
    const next = middle + ((middle - low) * atMiddle) / Math.sqrt(atMiddle * atMiddle - atLow * atHigh)
    const atNext = f(next)
    if (Math.abs(next - root) <= 1e-15 * Math.abs(next)) return next
    root = next
    // The tightest bracket of the four points.
    const points: [x: number, y: number][] = [
      [low, atLow],
      [middle, atMiddle],
      [next, atNext],
      [high, atHigh]
    ]
    ;[low, atLow] = points.filter(([, y]) => y > 0).reduce((best, point) => (point[0] > best[0] ? point : best))
    ;[high, atHigh] = points.filter(([, y]) => y <= 0).reduce((best, point) => (point[0] < best[0] ? point : best))
  }
  return high
}

/** ∫∫ f(√q z₁) f(√q (c z₁ + √(1 − c²) z₂)) Dz₁ Dz₂. */
function pairMean(f: (x: number) => number, q: number, c: number): number {
  const root = Math.sqrt(q)
  const rest = Math.sqrt(Math.max(0, 1 - c * c))
  return expectation((z) => f(root * z) * expectation((other) => f(root * (c * z + rest * other))))
}

export interface FixedPoint {
  /** Infinity where variances grow without bound. */
  readonly q: number
  readonly chi: number
  /** Fixed point of the map of correlations, 1 in order; null where there is no finite q, or a kink makes the quadrature too coarse. */
  readonly c: number | null
  /** −1/ln of the slope of that map there: Infinity on the critical line; null as c. */
  readonly xiC: number | null
}

export function fixedPoint(activation: ActivationFunction, ensemble: Ensemble): FixedPoint {
  const q = fixedVariance(activation, ensemble)
  const chi = chiAt(activation, ensemble, q)
  if (!Number.isFinite(q)) return { q, chi, c: null, xiC: null }
  // 10⁻¹² is what the quadrature's rounding leaves of the critical line.
  if (Math.abs(chi - 1) < 1e-12) return { q, chi, c: 1, xiC: Infinity }
  if (chi < 1) return { q, chi, c: 1, xiC: -1 / Math.log(chi) }
  if (slopesSquare(activation) !== null) return { q, chi, c: null, xiC: null }
  const square = ensemble.sigmaW ** 2
  const excess = (c: number) => (square * pairMean(activation.value, q, c) + ensemble.sigmaB ** 2) / q - c
  // The map is convex with slope χ₁ > 1 at 1: it meets the diagonal once below.
  const c = excess(0) <= 1e-14 ? 0 : rootBetween(excess, 0, 1 - 1e-9)
  const slope = square * pairMean(activation.derivative, q, c)
  return { q, chi, c, xiC: slope > 0 && slope < 1 ? -1 / Math.log(slope) : null }
}

/** q of the net inputs of every layer, from the mean square of the inputs on; `activations[l]` lies between layers l + 1 and l + 2. */
export function iteratedVariances(
  activations: readonly ActivationFunction[],
  ensembles: readonly Ensemble[],
  inputSquare: number
): Float64Array {
  const variances = new Float64Array(ensembles.length)
  variances[0] = ensembles[0].sigmaW ** 2 * inputSquare + ensembles[0].sigmaB ** 2
  for (let l = 1; l < ensembles.length; l++) variances[l] = nextVariance(activations[l - 1], ensembles[l], variances[l - 1])
  return variances
}

export interface PhaseDiagram {
  readonly sigmaW: Float64Array
  readonly sigmaB: Float64Array
  /** A row a σ_b, a column a σ_w. */
  readonly chi: Float64Array
  /** (σ_w, σ_b) one after the other. */
  readonly critical: Float64Array
}

const ticks = (most: number, count: number) => Float64Array.from({ length: count }, (_, k) => (most * (k + 1)) / count)

/** Up to the largest σ_w (without 0, where no signal passes) and σ_b (with 0). */
export function phaseDiagram(activation: ActivationFunction, most: Ensemble, count: number): PhaseDiagram {
  const sigmaW = ticks(most.sigmaW, count)
  const sigmaB = Float64Array.from({ length: count }, (_, k) => (most.sigmaB * k) / (count - 1))
  const chi = new Float64Array(count * count)
  sigmaB.forEach((b, row) =>
    sigmaW.forEach((w, column) => {
      const ensemble = { sigmaW: w, sigmaB: b }
      chi[row * count + column] = chiAt(activation, ensemble, fixedVariance(activation, ensemble))
    })
  )
  return { sigmaW, sigmaB, chi, critical: criticalLine(activation, most) }
}

/** χ₁ = 1 solved by its parameter: every q gives the σ_w of slope 1, and what σ_b² is left of q − σ_w² ∫φ² where it is not negative. */
export function criticalLine(activation: ActivationFunction, most: Ensemble): Float64Array {
  const linear = slopesSquare(activation)
  if (linear !== null) return Float64Array.of(1 / Math.sqrt(linear), 0, 1 / Math.sqrt(linear), most.sigmaB)
  const points: number[] = []
  for (let k = 0; k <= 400; k++) {
    const q = k === 0 ? 0 : 1e-4 * 10 ** (k / 60)
    const square = 1 / slopeMean(activation, q)
    const rest = q - square * squareMean(activation, q)
    if (!(square <= most.sigmaW ** 2) || !(rest >= -1e-12) || rest > most.sigmaB ** 2) continue
    points.push(Math.sqrt(square), Math.sqrt(Math.max(0, rest)))
  }
  return Float64Array.from(points)
}
