// The story of a run's training in its log: what happens often is told of together, about once a minute, and in full at the end.
import { duration } from '../shared/format/durations'
import { figure, percent } from '../shared/format/figures'
import type { MetricsLine } from '../shared/run/schema'
import { isFunctionSpec, type RunSpec } from '../shared/spec/schema'
import type { TrainingEvent, TrainingOutcome } from '../engine/training'

const tellEvery = 60_000

/** "5, 10, 15", or with the middle left out when there are many. */
function steps(list: readonly number[]): string {
  return list.length <= 6 ? list.join(', ') : `${list.slice(0, 2).join(', ')}, … ${list.slice(-1).join()} (${list.length})`
}

/** The loss as the file has it, and what it is. */
function lossText(spec: RunSpec, loss: number): string {
  const kind = isFunctionSpec(spec) ? '' : spec.loss === 'half-sse' ? ' (half-sse: the sum over the batch)' : ' (mean over the batch)'
  return `loss ${figure(loss, 5)}${kind}`
}

export interface Narrator {
  onEvent(event: TrainingEvent): void
  ended(outcome: TrainingOutcome, stoppedAs: 'paused' | 'interrupted'): void
  failed(message: string): void
}

export function narrate(spec: RunSpec, startStep: number, tell: (message: string) => void, now: () => number = Date.now): Narrator {
  const began = now()
  let lastTold = began
  let last: MetricsLine | null = null
  let accuracy: number | null = null
  let secondsBefore: number | null = null
  let stepsDone = 0
  let evaluations = 0
  const since = { checkpoints: [] as number[], snapshots: [] as number[], evaluations: 0 }

  const together = () => {
    const parts: string[] = []
    if (since.checkpoints.length > 0) parts.push(`checkpoint${since.checkpoints.length > 1 ? 's' : ''} of ${steps(since.checkpoints)}`)
    if (since.snapshots.length > 0) parts.push(`snapshot${since.snapshots.length > 1 ? 's' : ''} of ${steps(since.snapshots)}`)
    if (since.evaluations > 0) parts.push(`${since.evaluations} evaluation${since.evaluations > 1 ? 's' : ''}`)
    since.checkpoints = []
    since.snapshots = []
    since.evaluations = 0
    lastTold = now()
    return parts.join('; ')
  }
  const tellTogether = () => {
    const at = last === null ? `step ${startStep}` : `step ${last.step}, ${lossText(spec, last.loss)}`
    const text = together()
    if (text !== '') tell(`${at}: ${text}`)
  }
  const totals = () => {
    const work = last === null ? '' : `, ${duration(last.seconds - (secondsBefore ?? 0))} of steps`
    const tested = accuracy === null ? '' : `, test accuracy ${percent(accuracy, 2)} after the last`
    const seen = evaluations > 0 ? `, ${evaluations} evaluation${evaluations > 1 ? 's' : ''}${tested}` : ''
    const loss = last === null ? '' : `; last step's ${lossText(spec, last.loss)}`
    return `${stepsDone} step${stepsDone === 1 ? '' : 's'} in ${duration((now() - began) / 1000)}${work}${seen}${loss}`
  }

  return {
    onEvent(event) {
      if (event.kind === 'step') {
        const { line } = event
        if (last === null) {
          if (startStep === 0) tell(`first step done after ${duration((now() - began) / 1000)}: ${lossText(spec, line.loss)}`)
          // What the steps before this session took; the first step's own time is part of it, and small beside it.
          secondsBefore = startStep === 0 ? 0 : line.seconds
        }
        last = line
        accuracy = line.testAccuracy ?? accuracy
        stepsDone++
        if (line.testLoss !== undefined || line.testAccuracy !== undefined) {
          evaluations++
          since.evaluations++
        }
      } else if (event.kind === 'checkpoint') since.checkpoints.push(event.step)
      else if (event.kind === 'snapshot') since.snapshots.push(event.step)
      if (now() - lastTold >= tellEvery) tellTogether()
    },
    ended(outcome, stoppedAs) {
      tellTogether()
      const { step } = outcome.state
      const { targetLoss } = spec.budget
      if (outcome.reason === 'budget') tell(`done at step ${step}: the budget is spent; ${totals()}`)
      else if (outcome.reason === 'target-loss')
        tell(`done at step ${step}: the loss is at or below budget.targetLoss = ${targetLoss}; ${totals()}`)
      else if (outcome.reason === 'diverged') tell(`diverged: ${outcome.message ?? 'something was not finite'}; ${totals()}`)
      else tell(`${stoppedAs === 'paused' ? 'paused' : 'stopped'} after step ${step}: it can go on from there; ${totals()}`)
    },
    failed(message) {
      tellTogether()
      tell(`ends: ${message}; ${totals()}`)
    }
  }
}
