// Ways to choose the damping of a second-order step: as given, adapted by the gain ratio, or the best of a list tried at each step.
import type { SolvePath, StepInput } from './interface'
import { firstNonFinite, plusScaled } from '../linalg/vectors'

/** A direction x (the step is −η x) with what the local model says of it. */
export interface Trial {
  readonly damping: number
  readonly direction: Float64Array
  readonly update: Float64Array
  readonly predicted: number
  readonly path: Readonly<Record<string, SolvePath | 'krylov'>>
}

/** Cost of a loss in gradients: one product a layer beside the gradient's three. */
export const lossCost = 1 / 3

/** Most trials of a Levenberg step before it gives up and stays where it is. */
const levenbergTrials = 12
/** An adapted damping stays between these: batches that cannot be improved would otherwise raise it without end. */
const smallestDamping = 1e-15
const largestDamping = 1e12
const limited = (damping: number) => Math.min(Math.max(damping, smallestDamping), largestDamping)

export interface Choice<Tried extends Trial = Trial> {
  readonly trial: Tried
  /** Damping for the next step when it is adapted. */
  readonly nextDamping: number | null
  readonly losses: number
  readonly notes: readonly string[]
}

/** The loss after a trial's step; null where it, or the point itself, is not finite: such a step is never taken. */
async function lossAfter({ update }: Trial, input: StepInput): Promise<number | null> {
  const point = plusScaled(input.parameters, 1, update)
  if (firstNonFinite(point) >= 0) return null
  const loss = await input.objective.loss(point, { signal: input.signal })
  return Number.isFinite(loss) ? loss : null
}

/** The trial, but staying where it is. */
const still = <Tried extends Trial>(trial: Tried): Tried => ({ ...trial, update: new Float64Array(trial.update.length), predicted: 0 })

/** Tries every candidate and keeps the one with the lowest loss after the step (Dauphin et al. 2014); none where no loss is finite. */
async function bestOf<Tried extends Trial>(
  attempt: (damping: number) => Promise<Tried>,
  candidates: readonly number[],
  input: StepInput
): Promise<Choice<Tried>> {
  let best: { trial: Tried; loss: number } | null = null
  let last: Tried | null = null
  for (const damping of candidates) {
    const trial = await attempt(damping)
    last = trial
    const loss = await lossAfter(trial, input)
    if (loss !== null && (best === null || loss < best.loss)) best = { trial, loss }
  }
  if (last === null) throw new Error('optimizer.damping.candidates: must not be empty')
  const choice = { nextDamping: null, losses: candidates.length }
  if (best !== null) return { ...choice, trial: best.trial, notes: [] }
  const note = `no damping of ${candidates.join(', ')} leads to a finite loss: no step; a larger one or a smaller learning rate would do`
  return { ...choice, trial: still(last), notes: [note] }
}

/**
 * Levenberg (1944), Marquardt (1963): a step that does not lower the loss is tried again with 4 δ; after it δ is divided by 3 when the model
 * was good (gain ratio above ¾) and doubled when it was poor (below ¼).
 */
async function levenberg<Tried extends Trial>(
  attempt: (damping: number) => Promise<Tried>,
  start: number,
  input: StepInput
): Promise<Choice<Tried>> {
  let damping = limited(start)
  for (let tries = 1; ; tries++) {
    const trial = await attempt(damping)
    const loss = await lossAfter(trial, input)
    if (loss !== null && loss < input.loss) {
      const ratio = (input.loss - loss) / trial.predicted
      const nextDamping = ratio > 0.75 ? damping / 3 : ratio >= 0.25 ? damping : 2 * damping
      return { trial, nextDamping: limited(nextDamping), losses: tries, notes: [] }
    }
    if (tries === levenbergTrials || damping === largestDamping) {
      return {
        trial: still(trial),
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
export async function chooseDamping<Tried extends Trial>(
  { adapt, candidates }: DampingChoice,
  attempt: (damping: number) => Promise<Tried>,
  adapted: number,
  input: StepInput
): Promise<Choice<Tried>> {
  if (adapt === 'best-of') return bestOf(attempt, candidates, input)
  if (adapt === 'levenberg') return levenberg(attempt, adapted > 0 ? adapted : input.damping, input)
  return { trial: await attempt(input.damping), nextDamping: null, losses: 0, notes: [] }
}
