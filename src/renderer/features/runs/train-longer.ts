// A new budget for a run that has spent its own, or stopped before: what is offered, what is wrong with it, and what it will do.
import type { BudgetSpec } from '../../../shared/spec/schema'
import { formatCount, formatDuration, formatNumber } from '../../app/format'

export type BudgetField = keyof BudgetSpec
export type BudgetTexts = Record<BudgetField, string>

/** How far the run is. */
export interface Reached {
  readonly step: number
  /** Of the steps' own work, which is what budget.seconds counts. */
  readonly seconds: number
  /** null: not known. */
  readonly epoch: number | null
  readonly loss: number | null
}

const limits = ['steps', 'epochs', 'seconds'] as const

const reachedOf = (field: (typeof limits)[number], reached: Reached): number | null =>
  field === 'steps' ? reached.step : field === 'epochs' ? reached.epoch : reached.seconds

/** What the fields hold at first: a limit that is spent again as much, any other as it is; a loss that is reached is left out. */
export function offeredBudget(budget: BudgetSpec, reached: Reached): BudgetTexts {
  const text = (value: number | null) => (value === null ? '' : String(value))
  const offer = (field: (typeof limits)[number]) => {
    const limit = budget[field]
    const at = reachedOf(field, reached)
    return text(limit !== null && at !== null && at >= limit ? limit * 2 : limit)
  }
  const { targetLoss } = budget
  const met = targetLoss !== null && reached.loss !== null && reached.loss <= targetLoss
  return { steps: offer('steps'), epochs: offer('epochs'), seconds: offer('seconds'), targetLoss: text(met ? null : targetLoss) }
}

export interface CheckedBudget {
  /** null while something is wrong. */
  readonly budget: BudgetSpec | null
  readonly faults: Partial<Record<BudgetField, string>>
  /** One sentence: what starting will do, or why it cannot start. */
  readonly says: string
}

export function checkBudget(texts: BudgetTexts, reached: Reached): CheckedBudget {
  const faults: Partial<Record<BudgetField, string>> = {}
  const number = (field: BudgetField): number | null => {
    const text = texts[field].trim()
    if (text === '') return null
    const value = Number(text)
    if (!Number.isFinite(value)) faults[field] = 'must be a number, or empty for no such limit'
    return value
  }
  const budget: BudgetSpec = {
    steps: number('steps'),
    epochs: number('epochs'),
    seconds: number('seconds'),
    targetLoss: number('targetLoss')
  }
  for (const field of limits) {
    const value = budget[field]
    const at = reachedOf(field, reached)
    if (value === null || faults[field]) continue
    if (field === 'steps' && !Number.isInteger(value)) faults.steps = 'must be a whole number'
    else if (value <= (at ?? 0)) faults[field] = `must be more than the ${formatNumber(at ?? 0)} reached`
  }
  if (budget.targetLoss !== null && !faults.targetLoss && reached.loss !== null && reached.loss <= budget.targetLoss)
    faults.targetLoss = `the last loss, ${formatNumber(reached.loss)}, is there already: the run would end after one step`
  if (Object.keys(faults).length > 0) return { budget: null, faults, says: 'The budget cannot be used as it is.' }
  if (limits.every((field) => budget[field] === null))
    return { budget: null, faults, says: 'Give at least one of steps, epochs and seconds.' }
  return { budget, faults, says: sentence(budget, reached) }
}

function sentence(budget: BudgetSpec, { step, seconds }: Reached): string {
  const ends: string[] = []
  if (budget.steps !== null) {
    const more = budget.steps - step
    const pace = step > 0 && seconds > 0 ? `, about ${formatDuration((more * seconds) / step)} at the pace so far` : ''
    ends.push(`step ${formatCount(budget.steps)} (${formatCount(more)} more${pace})`)
  }
  if (budget.epochs !== null) ends.push(`epoch ${formatNumber(budget.epochs)}`)
  if (budget.seconds !== null) ends.push(`${formatDuration(budget.seconds)} of steps (${formatDuration(budget.seconds - seconds)} more)`)
  if (budget.targetLoss !== null) ends.push(`a batch loss of ${formatNumber(budget.targetLoss)} or less`)
  const which = ends.length > 1 ? ', whichever comes first' : ''
  return `Goes on from its last checkpoint, after step ${formatCount(step)}, to ${ends.join(' or ')}${which}. The budget in spec.json is changed.`
}
