// What the workbench does right now and which of its runs have ended, told to whoever has no page to look at: from the events that pages get too.
import { budgetedSteps, fractionDone, secondsLeft } from '../shared/run/time-left'
import type { RunSummary } from '../shared/run/summary'
import type { Hub } from './hub'
import type { JobService } from './jobs'
import type { Activity, RunAtWork, RunEnd } from './main-protocol'
import type { RunService } from './runs'
import { coalesce } from './runs/coalesce'
import { channelOf } from './serve-connection'

const toldEvery = 500

export interface ActivitySources {
  readonly hub: Hub
  readonly runs: Pick<RunService, 'summary' | 'queue'>
  readonly jobs: Pick<JobService, 'list'>
  /** Runs that a person paused and may let go on, all together. */
  paused(): number
}

export interface ActivityListener {
  onActivity(activity: Activity): void
  /** Once for each run that was worked on. */
  onEnd(end: RunEnd): void
}

function atWork(summary: RunSummary): RunAtWork {
  const { id, name, step } = summary
  const steps = budgetedSteps(summary)
  return {
    id,
    name,
    step,
    steps,
    fraction: fractionDone(summary),
    secondsLeft: secondsLeft(summary, { seconds: summary.budgetSeconds }, { steps, secondsPerStep: null }),
    trouble: summary.error
  }
}

export function watchActivity({ hub, runs, jobs, paused }: ActivitySources, { onActivity, onEnd }: ActivityListener): { look(): void } {
  /** Runs that are worked on, with when they were first seen, by the monotonic clock. */
  const known = new Map<string, number>()
  const { queue } = runs

  const activityNow = (): Activity => ({
    running: queue
      .running()
      .flatMap((id) => runs.summary(id) ?? [])
      .map(atWork),
    waiting: queue.places().filter(({ held }) => !held).length,
    jobs: jobs.list().flatMap(({ state, title }) => (state === 'running' ? [title] : [])),
    paused: paused()
  })
  let told = ''
  const tell = coalesce<void>(toldEvery, () => {
    const activity = activityNow()
    const text = JSON.stringify(activity)
    if (text === told) return
    told = text
    onActivity(activity)
  })

  function look() {
    const now = performance.now()
    const running = new Set(queue.running())
    for (const id of running) if (!known.has(id)) known.set(id, now)
    for (const [id, began] of known) {
      if (running.has(id)) continue
      const summary = runs.summary(id)
      // Its end is recorded already, but not read again yet.
      if (summary?.state === 'running') continue
      known.delete(id)
      if (!summary) continue
      const { name, state, step, error } = summary
      onEnd({ id, name, state, step, workedSeconds: (now - began) / 1000, message: state === 'done' ? null : error })
    }
    tell.offer()
  }
  hub.watch((channel) => {
    if (channel === channelOf('runs') || channel === channelOf('jobs')) look()
  })
  look()
  return { look }
}
