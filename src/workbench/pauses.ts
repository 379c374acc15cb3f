// Pausing everything at once and going on with it: for a person who has no page open, and for a computer that goes to sleep.
import type { PauseCause } from './main-protocol'
import type { RunService } from './runs'

export interface Pauses {
  /** Checkpoints and stops what runs, and holds what waits. */
  pause(why: PauseCause): Promise<void>
  /** Starts what the pause of the same cause stopped, unless somebody has done something else with it since. */
  goOn(why: PauseCause): Promise<void>
  /** Runs that `goOn('person')` would start. */
  paused(): number
}

/** How a pause leaves a run: asleep, the power may fail, and then it was interrupted. */
const leftAs = { person: 'paused', sleep: 'interrupted' } as const

export function openPauses(runs: Pick<RunService, 'queue' | 'stop' | 'start' | 'summary'>, onChange: () => void): Pauses {
  const { queue } = runs
  const stopped: Record<PauseCause, readonly string[]> = { person: [], sleep: [] }
  const held: Record<PauseCause, readonly string[]> = { person: [], sleep: [] }
  let turn = Promise.resolve()
  /** One after the other: a computer may wake before it has fallen asleep. */
  const inTurn = (work: () => Promise<void>) => (turn = turn.then(work, work))

  /** What is still as the pause left it. */
  function left(why: PauseCause): string[] {
    const holding = new Set(queue.places().flatMap((place) => (place.held ? [place.id] : [])))
    return [
      ...stopped[why].filter((id) => runs.summary(id)?.state === leftAs[why] && !queue.running().includes(id)),
      ...held[why].filter((id) => holding.has(id))
    ]
  }

  return {
    pause: (why) =>
      inTurn(async () => {
        const before = left(why)
        // The queue first, so that nothing starts in a place that comes free.
        const waiting = queue.places().flatMap((place) => (place.held ? [] : [place.id]))
        for (const id of waiting) await queue.hold(id)
        const running = queue.running()
        await Promise.all(running.map((id) => runs.stop(id, leftAs[why]).catch(() => undefined)))
        const unfinished = running.filter((id) => runs.summary(id)?.state === leftAs[why])
        stopped[why] = [...stopped[why].filter((id) => before.includes(id)), ...unfinished]
        held[why] = [...held[why].filter((id) => before.includes(id)), ...waiting]
        onChange()
      }),
    goOn: (why) =>
      inTurn(async () => {
        const ids = left(why)
        stopped[why] = []
        held[why] = []
        // A run that cannot start says so itself.
        for (const id of ids) await runs.start(id).catch(() => undefined)
        onChange()
      }),
    paused: () => left('person').length
  }
}
