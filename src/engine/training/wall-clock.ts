// The time that a run takes, everything included: a clock that runs from the moment somebody begins to work on it, and stands still in pauses.

export interface WallClock {
  /** Seconds since the clock was made, pauses left out. */
  elapsed(): number
  /** The time that `work` takes is a pause. */
  paused<T>(work: () => Promise<T>): Promise<T>
}

export function wallClock(now: () => number = () => performance.now()): WallClock {
  const began = now()
  let pauses = 0
  let pausing = 0
  let pauseBegan = 0
  return {
    elapsed: () => ((pausing > 0 ? pauseBegan : now()) - began - pauses) / 1000,
    async paused(work) {
      if (pausing++ === 0) pauseBegan = now()
      try {
        return await work()
      } finally {
        if (--pausing === 0) pauses += now() - pauseBegan
      }
    }
  }
}

/** The run's wall time as of now: what it was (null: not counted from the start, so never) when work began here, and the clock. */
export function wallTime(before: number | null, clock: WallClock): () => number | null {
  return () => (before === null ? null : before + clock.elapsed())
}
