// From what the runs of an optimizer on a problem came to: the setting that is graded, and the grade.
import { z } from 'zod'

/** How one run came out. */
const attemptSchema = z.object({
  seed: z.number(),
  /** Gradient evaluations to the target; null: it was not reached within the budget. */
  evaluations: z.number().nullable(),
  /** The metric where the run ended or passed; null where it had none. */
  last: z.number().nullable(),
  /** It came to numbers that are not finite. */
  diverged: z.boolean(),
  /** Why it could not be trained, or not on to its end, one sentence; null where it could. */
  fault: z.string().nullable()
})
export type Attempt = z.output<typeof attemptSchema>

/** An optimizer on a problem. */
export const examCellSchema = z.object({
  problem: z.string(),
  optimizer: z.string(),
  /** Why it cannot take the problem, one sentence; null where it can. */
  refusal: z.string().nullable(),
  /** By setting, in their order. */
  tuning: z.array(z.array(attemptSchema)),
  /** Place of the setting that was graded; null where it was refused. */
  chosen: z.number().nullable(),
  graded: z.array(attemptSchema)
})
export type ExamCell = z.output<typeof examCellSchema>

const passes = (attempts: readonly Attempt[]) => attempts.filter(({ evaluations }) => evaluations !== null).length
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)

/** The middle one, of an even number the upper one; those that did not pass count as infinitely many, and null is such a middle. */
function medianEvaluations(attempts: readonly Attempt[]): number | null {
  const sorted = attempts.map(({ evaluations }) => evaluations ?? Infinity).sort((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)] ?? Infinity
  return Number.isFinite(middle) ? middle : null
}

/** Most runs passed, then fewest evaluations of those that passed, then the lowest sum of last metrics, infinite where one has none: ascending is better. */
function rank(attempts: readonly Attempt[]): readonly number[] {
  return [
    -passes(attempts),
    total(attempts.map(({ evaluations }) => evaluations ?? 0)),
    total(attempts.map(({ last, diverged, fault }) => (last === null || diverged || fault !== null ? Infinity : last)))
  ]
}

/** Why an optimizer cannot take a problem at all: the first fault, where no run of any setting went without one. */
export function refusalOf(tuning: readonly (readonly Attempt[])[]): string | null {
  const faults = tuning.flat().map(({ fault }) => fault)
  return faults.every((fault) => fault !== null) ? (faults[0] ?? null) : null
}

/** Place of the best setting; of equals the first. */
export function bestSetting(tuning: readonly (readonly Attempt[])[]): number {
  const ranks = tuning.map(rank)
  const better = (a: readonly number[], b: readonly number[]) => {
    const place = a.findIndex((value, k) => value !== b[k])
    return place >= 0 && a[place] < b[place]
  }
  return ranks.reduce((best, one, place) => (better(one, ranks[best]) ? place : best), 0)
}

/** Passed on so many of the graded seeds, and the median of evaluations over all of them. */
export const gradeOf = ({ graded }: Pick<ExamCell, 'graded'>) => ({
  passed: passes(graded),
  of: graded.length,
  evaluations: medianEvaluations(graded)
})
