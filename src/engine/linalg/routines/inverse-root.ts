// Zolotarev's best rational approximation of 1/|x| on two intervals beside zero, by its poles and weights: what makes functions with a kink out of resolvents.

/** 1/|x| ≈ Σ weights[j] / (x² + poles[j]²): all numbers positive, poles ascending. */
export interface InverseRoot {
  readonly poles: Float64Array
  readonly weights: Float64Array
}

/** Series below stop where terms vanish beside the first; the nome is at most 0.01 here, so few are needed. */
const mostTerms = 24
/** Intervals are taken at least this wide (largest/smallest), where the nome is small. */
const leastRatio = 4

/**
 * The relative error is at most `accuracy` for smallest ≤ |x| ≤ largest, and |x|·Σ lies in [0, 1 + accuracy] everywhere. With N terms it is about
 * 4·exp(−π²N/ln(4·largest/smallest)): 144 terms for ratios of 1e16 and rounding. N-point trapezoidal rule for 2/π ∫ ds/(s² + x²) in the variable that makes the integrand
 * periodic, s = smallest·sc(t | k'), k = smallest/largest (Hale, Higham & Trefethen 2008, §4), which is Zolotarev's optimum up to a factor 1 + error. sc and its
 * derivative are Fourier series of positive terms in the nome of k (Abramowitz & Stegun 16.23.1 at an imaginary argument), so nothing cancels for k → 0.
 */
export function inverseRoot(smallest: number, largest: number, accuracy = Number.EPSILON): InverseRoot {
  if (!(smallest > 0 && largest < Infinity && accuracy > 0 && accuracy < 1))
    throw new Error(`inverseRoot: needs 0 < smallest, largest < ∞ and an accuracy below 1, got ${smallest}, ${largest}, ${accuracy}`)
  const ratio = Math.max(leastRatio, largest / smallest)
  const k = 1 / ratio
  const q = nome(k)
  // K, and π K'/K = −ln q.
  const quarter = (Math.PI / 2) * (1 + 2 * (q + q ** 4 + q ** 9)) ** 2
  const decay = -Math.log(q)
  const count = Math.max(1, Math.ceil((Math.log(4 / accuracy) * decay) / Math.PI ** 2 / 2))
  const poles = new Float64Array(count)
  const weights = new Float64Array(count)
  // Points t = (j + ½)K'/N; beyond the middle sc(K' − t) = ratio / sc(t).
  for (let j = 0; 2 * j < count; j++) {
    const { value, slope } = tangent(k, q, quarter, (j + 0.5) / count, decay)
    const step = (2 / Math.PI) * ((decay * quarter) / Math.PI / count)
    poles[j] = smallest * value
    weights[j] = step * smallest * slope
    const mirrored = count - 1 - j
    if (mirrored === j) continue
    poles[mirrored] = (smallest * ratio) / value
    weights[mirrored] = (step * smallest * ratio * slope) / (value * value)
  }
  return { poles, weights }
}

/** The nome exp(−πK'/K) of a modulus k ≤ ¼, without loss of digits for small k (Abramowitz & Stegun 17.3.21). */
function nome(k: number): number {
  const complement = Math.sqrt((1 - k) * (1 + k))
  const root = Math.sqrt(complement)
  const e = (0.5 * k * k) / ((1 + complement) * (1 + root) ** 2)
  return e * (1 + e ** 4 * (2 + e ** 4 * (15 + e ** 4 * 150)))
}

/** sc(t | k') and its derivative at t = fraction·K', fraction ≤ ½. */
function tangent(k: number, q: number, quarter: number, fraction: number, decay: number): { value: number; slope: number } {
  const frequency = Math.PI / (2 * quarter)
  const argument = (fraction * decay) / 2
  let [value, slope] = [0, 0]
  for (let n = 0; n < mostTerms; n++) {
    const odd = 2 * n + 1
    const factor = 1 / (1 - q ** odd)
    // q^(n + ½)·exp(±odd·argument) in one power: single factors leave the range of doubles.
    const up = Math.exp(odd * (argument - decay / 2))
    const down = Math.exp(-odd * (argument + decay / 2))
    const [more, moreSlope] = [(factor * (up - down)) / 2, (factor * odd * (up + down)) / 2]
    value += more
    slope += moreSlope
    if (moreSlope < 1e-18 * slope) break
  }
  const amplitude = (2 * Math.PI) / (k * quarter)
  return { value: amplitude * value, slope: amplitude * frequency * slope }
}
