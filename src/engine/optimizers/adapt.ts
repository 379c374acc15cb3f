// Ways to choose the damping of a second-order step: as given, adapted by the gain ratio, or the best of a list tried at each step.
import type { StepInput } from './interface'
import { plusScaled } from './vectors'

/** A direction x (the step is −η x) with what the local model says of it. */
export interface Trial {
  readonly damping: number
  readonly direction: Float64Array
  readonly update: Float64Array
  readonly predicted: number
  readonly path: Readonly<Record<string, 'cholesky' | 'eigen' | 'krylov'>>
}

/** Cost of a loss in gradients: one product a layer beside the gradient's three. */
export const lossCost = 1 / 3

/** Most trials of a Levenberg step before it gives up and stays where it is. */
const levenbergTrials = 12
/** An adapted damping stays between these: batches that cannot be improved would otherwise raise it without end. */
const smallestDamping = 1e-15
const largestDamping = 1e12
const limited = (damping: number) => Math.min(Math.max(damping, smallestDamping), largestDamping)

export interface Choice {
  readonly trial: Trial
  /** Damping for the next step when it is adapted. */
  readonly nextDamping: number | null
  readonly losses: number
  readonly notes: readonly string[]
}

/** Tries every candidate and keeps the one with the lowest loss after the step (Dauphin et al. 2014). */
async function bestOf(attempt: (damping: number) => Promise<Trial>, candidates: readonly number[], input: StepInput): Promise<Choice> {
  let best: { trial: Trial; loss: number } | null = null
  let first: Trial | null = null
  for (const damping of candidates) {
    const trial = await attempt(damping)
    first ??= trial
    const loss = await input.objective.loss(plusScaled(input.parameters, 1, trial.update), { signal: input.signal })
    if (Number.isFinite(loss) && (best === null || loss < best.loss)) best = { trial, loss }
  }
  const trial = best?.trial ?? first
  if (trial === null) throw new Error('optimizer.damping.candidates: must not be empty')
  return { trial, nextDamping: null, losses: candidates.length, notes: [] }
}

/**
 * Levenberg (1944), Marquardt (1963): a step that does not lower the loss is tried again with 4 δ; after it δ is divided by 3 when the model
 * was good (gain ratio above ¾) and doubled when it was poor (below ¼).
 */
async function levenberg(attempt: (damping: number) => Promise<Trial>, start: number, input: StepInput): Promise<Choice> {
  let damping = limited(start)
  for (let tries = 1; ; tries++) {
    const trial = await attempt(damping)
    const loss = await input.objective.loss(plusScaled(input.parameters, 1, trial.update), { signal: input.signal })
    const actual = input.loss - loss
    if (actual > 0) {
      const ratio = actual / trial.predicted
      const nextDamping = ratio > 0.75 ? damping / 3 : ratio < 0.25 ? 2 * damping : damping
      return { trial, nextDamping: limited(nextDamping), losses: tries, notes: [] }
    }
    if (tries === levenbergTrials || damping === largestDamping) {
      const still = { ...trial, update: new Float64Array(trial.update.length), predicted: 0 }
      return {
        trial: still,
        nextDamping: limited(4 * damping),
        losses: tries,
        notes: [`no damping up to ${damping} lowered the loss: no step`]
      }
    }
    damping = limited(4 * damping)
  }
}

export interface DampingChoice {
  readonly adapt: 'none' | 'levenberg' | 'best-of'
  readonly candidates: readonly number[]
}

/** The step that the spec's way of damping takes; `adapted` is the damping that an earlier step left, 0 when none did. */
export async function chooseDamping(
  { adapt, candidates }: DampingChoice,
  attempt: (damping: number) => Promise<Trial>,
  adapted: number,
  input: StepInput
): Promise<Choice> {
  if (adapt === 'best-of') return bestOf(attempt, candidates, input)
  if (adapt === 'levenberg') return levenberg(attempt, adapted > 0 ? adapted : input.damping, input)
  return { trial: await attempt(input.damping), nextDamping: null, losses: 0, notes: [] }
}
