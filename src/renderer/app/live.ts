// What a running run is doing right now, how fast it is and how long it will take: pure, from the events that are heard of it.
import type { LivePhase, RunEvent } from '../../shared/api/contract'
import type { MetricsLine } from '../../shared/run/schema'
import type { RunSummary } from '../../shared/run/summary'
import { budgetedSteps, fractionDone } from '../../shared/run/time-left'
import { formatCount, formatDuration, formatNumber, formatPercent } from './format'

/** When a step ended, in the run's own clocks. */
interface Mark {
  readonly step: number
  /** The steps' own work. */
  readonly seconds: number
  /** Everything included; null in runs that do not count it. */
  readonly wallSeconds: number | null
}

/** What has been heard of a run since somebody listened. */
export interface Heard {
  readonly phase: LivePhase | null
  /** The first step that is known of, to tell how much longer the run takes than its steps. */
  readonly first: Mark | null
  /** Ends of the newest steps, oldest first. */
  readonly recent: readonly Mark[]
  /** When something was last heard, or when listening began; milliseconds. */
  readonly at: number
}

export const nothingHeard = (now: number): Heard => ({ phase: null, first: null, recent: [], at: now })

/** The pace is that of the steps of so many last seconds, */
const windowSeconds = 30
/** of two at least, however long they took; marks closer together than this are one. */
const grain = 0.25

function withMark(heard: Heard, mark: Mark): Heard {
  const last = heard.recent.at(-1)
  // A run that was set back to a checkpoint begins anew.
  if (last && mark.step <= last.step) return { ...heard, first: mark, recent: [mark] }
  const beforeLast = heard.recent.at(-2)
  const close = beforeLast !== undefined && mark.seconds - beforeLast.seconds < grain
  const recent = [...(close ? heard.recent.slice(0, -1) : heard.recent), mark]
  const from = recent.findIndex(({ seconds }, k) => seconds >= mark.seconds - windowSeconds || k >= recent.length - 3)
  return { ...heard, first: heard.first ?? mark, recent: recent.slice(from) }
}

const markOf = ({ step, seconds, wallSeconds }: Pick<MetricsLine, 'step' | 'seconds' | 'wallSeconds'>): Mark => ({
  step,
  seconds,
  wallSeconds: wallSeconds !== undefined && Number.isFinite(wallSeconds) ? wallSeconds : null
})

/** Steps that ended before anybody listened, ascending: the pace is then known at once. What was heard already stays. */
export function recall(heard: Heard, steps: ArrayLike<number>, columns: Readonly<Record<string, ArrayLike<number> | undefined>>): Heard {
  let before: Heard = { ...heard, first: null, recent: [] }
  for (let k = 0; k < steps.length; k++) {
    const seconds = columns.seconds?.[k] ?? NaN
    if (Number.isFinite(seconds)) before = withMark(before, markOf({ step: steps[k], seconds, wallSeconds: columns.wallSeconds?.[k] }))
  }
  const newest = before.recent.at(-1)?.step ?? 0
  return heard.recent.filter(({ step }) => step > newest).reduce(withMark, before)
}

/** What is known after one more event. A phase holds until its step ends, its snapshot is made, or the run is no longer running. */
export function hear(heard: Heard, event: RunEvent, now: number): Heard {
  const next = { ...heard, at: now }
  switch (event.kind) {
    case 'phase': {
      const { step, phase, fraction, etaSeconds } = event
      return { ...next, phase: { step, phase, fraction, etaSeconds } }
    }
    case 'step':
      return { ...withMark(next, markOf(event.line)), phase: null }
    case 'snapshot':
    case 'checkpoint':
      return { ...next, phase: null }
    case 'state':
      return event.summary.state === 'running' ? next : { ...next, phase: null }
  }
}

export type LiveRun = Pick<
  RunSummary,
  'state' | 'step' | 'seconds' | 'wallSeconds' | 'budgetSteps' | 'budgetEpochs' | 'budgetSeconds' | 'batchSize' | 'trainingSamples' | 'loss'
>

export interface LiveFigures {
  readonly phase: LivePhase | null
  /** True where that is work on a snapshot after the step, not on the step. */
  readonly ofSnapshot: boolean
  /** How much of the run is done, by the budget that ends it first; null where that is not known. */
  readonly fraction: number | null
  /** Seconds that a step takes; with what is between steps where the run counts that. */
  readonly pace: number | null
  /** Seconds to the end of the run. */
  readonly secondsLeft: number | null
  /** True where pace and end leave out snapshots and evaluations. */
  readonly stepTimeOnly: boolean
  /** Nothing has been heard since then, for longer than is usual; milliseconds. */
  readonly silentSince: number | null
}

const notRunning: LiveFigures = {
  phase: null,
  ofSnapshot: false,
  fraction: null,
  pace: null,
  secondsLeft: null,
  stepTimeOnly: false,
  silentSince: null
}
const shortestSilence = 15

/** Wall seconds a second of step work, since the first step that is known of; null where the run does not count them. */
function overhead({ first, recent }: Heard): number | null {
  const last = recent.at(-1)
  if (!first || !last || first.wallSeconds === null || last.wallSeconds === null || last.seconds <= first.seconds) return null
  return Math.max(1, (last.wallSeconds - first.wallSeconds) / (last.seconds - first.seconds))
}

function paceOf(run: LiveRun, heard: Heard): { pace: number | null; factor: number; stepTimeOnly: boolean } {
  const [from, to] = [heard.recent[0], heard.recent.at(-1)]
  const factor = overhead(heard)
  if (from && to && to.step > from.step)
    return {
      pace: ((to.seconds - from.seconds) / (to.step - from.step)) * (factor ?? 1),
      factor: factor ?? 1,
      stepTimeOnly: factor === null
    }
  // Nothing was heard yet: the run as a whole.
  if (run.step === 0) return { pace: null, factor: 1, stepTimeOnly: false }
  const wall = run.wallSeconds
  const whole = wall !== null && run.seconds > 0 ? Math.max(1, wall / run.seconds) : null
  return { pace: (run.seconds / run.step) * (whole ?? 1), factor: whole ?? 1, stepTimeOnly: whole === null }
}

export function liveFigures(run: LiveRun, heard: Heard, now: number): LiveFigures {
  if (run.state !== 'running') return notRunning
  const step = Math.max(run.step, heard.recent.at(-1)?.step ?? 0)
  const seconds = Math.max(run.seconds, heard.recent.at(-1)?.seconds ?? 0)
  const { pace, factor, stepTimeOnly } = paceOf(run, heard)
  const steps = budgetedSteps(run)
  const left = [
    ...(steps === null || pace === null ? [] : [Math.max(0, steps - step) * pace]),
    // Of epochs nobody can count, only that they may end it sooner is known: nothing is said then.
    ...(run.budgetSeconds === null || (run.budgetEpochs !== null && steps === null)
      ? []
      : [Math.max(0, run.budgetSeconds - seconds) * factor])
  ]
  const phase =
    heard.phase !== null && (heard.phase.step === 0 ? step === 0 || heard.recent.length === 0 : heard.phase.step >= step)
      ? heard.phase
      : null
  const silence = Math.max(shortestSilence, 4 * (pace ?? 0))
  return {
    phase,
    ofSnapshot: phase !== null && phase.step > 0 && phase.step === step,
    fraction: fractionDone({ ...run, step, seconds }),
    pace,
    secondsLeft: left.length === 0 ? null : Math.min(...left),
    stepTimeOnly,
    silentSince: now - heard.at > 1000 * silence ? heard.at : null
  }
}

const clock = (at: number) => {
  const time = new Date(at)
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}

export interface LiveTexts {
  /** "Step 57: eigendecomposition W1 40 %, 12 s left" */
  readonly doing: string
  /** "3.2 steps/s" */
  readonly rate: string
  /** "about 2 min left" */
  readonly left: string
}

/** The figures in words; each is empty where there is nothing to say. `step`: the run's newest. */
export function liveTexts(
  { phase, ofSnapshot, pace, secondsLeft, stepTimeOnly, silentSince }: LiveFigures,
  step: number,
  now: number
): LiveTexts {
  const what =
    phase === null
      ? `Working on step ${formatCount(step + 1)}`
      : phase.step === 0
        ? ''
        : `${ofSnapshot ? 'Snapshot after step' : 'Step'} ${formatCount(phase.step)}: `
  const progress =
    phase === null
      ? ''
      : `${phase.phase} ${formatPercent(phase.fraction, 0)}${phase.etaSeconds === null ? '' : `, ${formatDuration(phase.etaSeconds)} left`}`
  const silence =
    silentSince === null ? '' : ` · nothing heard for ${formatDuration((now - silentSince) / 1000)}, since ${clock(silentSince)}`
  const rate = pace === null || pace <= 0 ? '' : pace < 1 ? `${formatNumber(1 / pace, 3)} steps/s` : `${formatDuration(pace)} a step`
  return {
    doing: `${what}${progress}${silence}`,
    rate,
    left: secondsLeft === null ? '' : `about ${formatDuration(secondsLeft)}${stepTimeOnly ? ' of step time' : ''} left`
  }
}
