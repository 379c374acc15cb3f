// Line search for the strong Wolfe conditions: bracket, then zoom by cubic interpolation (Nocedal and Wright, Numerical Optimization, algorithms 3.5 and 3.6), with the safeguards of torch.optim.LBFGS.
import { dot, firstNonFinite, maxAbs } from '../linalg/vectors'

export interface LinePoint {
  readonly t: number
  readonly loss: number
  readonly gradient: Float64Array
  /** gᵀd. */
  readonly slope: number
  /** Loss, gradient and slope are finite. Any other point is too far, and none of its numbers is used. */
  readonly finite: boolean
}

/** Minimizer of the cubic through two points and their slopes, kept within the bounds; their middle when it has none. */
function cubicMinimizer(p: LinePoint, q: LinePoint, least: number, most: number): number {
  const middle = (least + most) / 2
  if (!p.finite || !q.finite) return middle
  const [a, b] = p.t <= q.t ? [p, q] : [q, p]
  const d1 = p.slope + q.slope - (3 * (p.loss - q.loss)) / (p.t - q.t)
  const discriminant = d1 * d1 - p.slope * q.slope
  if (!(discriminant >= 0)) return middle
  const d2 = Math.sqrt(discriminant)
  const t = Math.min(Math.max(b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2)), least), most)
  return Number.isFinite(t) ? t : middle
}

const armijo = 1e-4
const curvature = 0.9

/** Place of the lower end of a bracket. */
const lowerEnd = ([p, q]: readonly [LinePoint, LinePoint]): 0 | 1 => (!q.finite || (p.finite && p.loss <= q.loss) ? 0 : 1)

/**
 * Finds t with f(t) ≤ f(0) + 1e-4 t f'(0) and |f'(t)| ≤ 0.9 |f'(0)| along d, or the best point of its bracket after `most` evaluations.
 * `evaluate(t)` gives loss and gradient at x + t d; loss, gradient and slope at the start must be finite, and the slope negative.
 * Where they are not finite the bracket is halved towards its finite end: the point found is finite and never above the start, and it is the
 * start itself (t = 0) when none such was found.
 */
export async function strongWolfe(
  evaluate: (t: number) => Promise<{ loss: number; gradient: Float64Array }>,
  direction: Float64Array,
  start: { readonly t: number; readonly loss: number; readonly gradient: Float64Array; readonly slope: number },
  most: number,
  toleranceChange = 1e-9
): Promise<{ point: LinePoint; evaluations: number }> {
  let evaluations = 0
  const at = async (t: number): Promise<LinePoint> => {
    evaluations++
    const { loss, gradient } = await evaluate(t)
    const slope = dot(gradient, direction)
    return { t, loss, gradient, slope, finite: Number.isFinite(loss) && Number.isFinite(slope) && firstNonFinite(gradient) < 0 }
  }
  const origin: LinePoint = { ...start, t: 0, finite: true }
  const tooHigh = (point: LinePoint) => !point.finite || point.loss > start.loss + armijo * point.t * start.slope
  const flatEnough = (point: LinePoint) => Math.abs(point.slope) <= -curvature * start.slope
  const scale = maxAbs(direction)

  let previous = origin
  let current = await at(start.t)
  let iterations = 0
  let bracket: [LinePoint, LinePoint] | null = null
  for (; iterations < most; iterations++) {
    if (tooHigh(current) || (iterations > 1 && current.loss >= previous.loss)) {
      bracket = [previous, current]
      break
    }
    if (flatEnough(current)) return { point: current, evaluations }
    if (current.slope >= 0) {
      bracket = [previous, current]
      break
    }
    const t = cubicMinimizer(previous, current, current.t + 0.01 * (current.t - previous.t), current.t * 10)
    previous = current
    current = await at(t)
  }
  bracket ??= [current.finite ? origin : previous, current]

  let slow = false
  let low = lowerEnd(bracket)
  while (iterations < most) {
    const least = Math.min(bracket[0].t, bracket[1].t)
    const largest = Math.max(bracket[0].t, bracket[1].t)
    if ((largest - least) * scale < toleranceChange) break
    let t = cubicMinimizer(bracket[0], bracket[1], least, largest)
    // A trial that clings to an end of the bracket twice is moved a tenth inwards.
    const margin = 0.1 * (largest - least)
    if (Math.min(largest - t, t - least) < margin) {
      if (slow || t >= largest || t <= least) {
        t = Math.abs(t - largest) < Math.abs(t - least) ? largest - margin : least + margin
        slow = false
      } else slow = true
    } else slow = false
    const trial = await at(t)
    iterations++
    const high = low === 0 ? 1 : 0
    if (tooHigh(trial) || trial.loss >= bracket[low].loss) {
      bracket[high] = trial
      low = lowerEnd(bracket)
    } else {
      const done = flatEnough(trial)
      if (!done && trial.slope * (bracket[high].t - bracket[low].t) >= 0) bracket[high] = bracket[low]
      bracket[low] = trial
      if (done) break
    }
  }
  return { point: bracket[low], evaluations }
}
