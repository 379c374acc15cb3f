// A training sample left out for real: the loss without it minimized again by Newton's method.
import { matrix, type Linalg } from '../../linalg'
import { dot, norm, plusScaled } from '../../linalg/vectors'
import type { Objective } from '../../objective'
import { dampedHessian } from './solver'

/** Newton steps at most: from the predicted weights two or three are enough. */
const mostSteps = 20

export interface Retrained {
  readonly parameters: Float64Array
  /** ‖∇f + δ(w − w₀)‖ at the end. */
  readonly gradient: number
}

/**
 * The minimum of `objective` + δ/2 ‖w − w₀‖², from `start`; Newton steps halved until the value does not rise, until the gradient no longer falls. Null where a
 * Hessian on the way is not positive definite: there the step leads nowhere.
 */
export async function minimizeAgain(
  linalg: Linalg,
  objective: Objective,
  { origin, start, damping }: { readonly origin: Float64Array; readonly start: Float64Array; readonly damping: number },
  signal: AbortSignal
): Promise<Retrained | null> {
  const size = start.length
  const at = async (parameters: Float64Array) => {
    const gradient = new Float64Array(size)
    const loss = await objective.gradient(parameters, gradient, { signal })
    const away = plusScaled(parameters, -1, origin)
    for (let i = 0; i < size; i++) gradient[i] += damping * away[i]
    return { parameters, gradient, value: loss + 0.5 * damping * dot(away, away), length: norm(gradient) }
  }
  let here = await at(start)
  for (let step = 0; step < mostSteps && here.length > 0; step++) {
    signal.throwIfAborted()
    const lower = await dampedHessian(objective, here.parameters, damping, signal)
    const direction = matrix(size, 1, here.gradient.slice())
    const { positiveDefinite } = await linalg.choleskyInPlace(lower, { signal })
    if (positiveDefinite) await linalg.solveCholeskyInPlace(lower, direction, { signal })
    linalg.release(lower.data)
    if (!positiveDefinite) return null
    let next = await at(plusScaled(here.parameters, -1, direction.data))
    for (let t = 0.5; !(next.value <= here.value + 1e-12 * Math.abs(here.value)) && t > 1e-6; t /= 2)
      next = await at(plusScaled(here.parameters, -t, direction.data))
    // Down to rounding: what is no better is not taken.
    if (!(next.length < here.length)) break
    const done = next.length > 0.5 * here.length && next.length < 1e-12 * (1 + norm(next.parameters))
    here = next
    if (done) break
  }
  return { parameters: here.parameters, gradient: here.length }
}

/** Places of `count` rows of a matrix (rows of the given lengths): half of them those of largest length, half spread evenly over the ranks of the rest; ascending. */
export function rowsToRetrain(lengths: readonly number[], count: number): number[] {
  const ranked = lengths.map((_, place) => place).sort((a, b) => lengths[b] - lengths[a] || a - b)
  const wanted = Math.min(count, ranked.length)
  const top = Math.ceil(wanted / 2)
  const [chosen, rest] = [ranked.slice(0, top), ranked.slice(top)]
  for (let i = 0; i < wanted - top; i++) chosen.push(rest[Math.floor(((i + 0.5) * rest.length) / (wanted - top))])
  return chosen.sort((a, b) => a - b)
}
