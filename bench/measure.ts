// Timing for the benches: one warm-up, then the median of as many repeats as a time allowance gives.

export interface MeasureOptions {
  /** At most so many measured repeats (default 5). */
  readonly repeats?: number
  /** No further repeat starts after so many seconds of measuring (default 6); at least one is always measured. */
  readonly seconds?: number
  /** Whether an unmeasured call comes first (default true): compilation, page faults and thread start are not what is compared. */
  readonly warmUp?: boolean
  readonly signal?: AbortSignal
  /** Called before every call, outside the measured time: fresh input for a routine that works in place. */
  readonly prepare?: () => void | Promise<void>
}

/** Median wall-clock seconds of `work`. */
export async function medianSeconds(work: () => unknown, options: MeasureOptions = {}): Promise<number> {
  const times: number[] = []
  const once = async (): Promise<number> => {
    if (options.signal?.aborted) throw options.signal.reason
    await options.prepare?.()
    const start = process.hrtime.bigint()
    await work()
    return Number(process.hrtime.bigint() - start) / 1e9
  }
  let spent = 0
  if (options.warmUp !== false) spent += await once()
  do {
    const seconds = await once()
    times.push(seconds)
    spent += seconds
  } while (times.length < (options.repeats ?? 5) && spent < (options.seconds ?? 6))
  return median(times)
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

/** Median seconds of each, measured by turns, so that what else the machine does meets all of them. */
export async function inTurns(works: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  const times = works.map((): number[] => [])
  const end = performance.now() + 4000
  for (let round = 0; round < 60 && (round < 3 || performance.now() < end); round++)
    for (const [which, work] of works.entries()) {
      const began = performance.now()
      await work()
      // The first round warms up.
      if (round > 0) times[which].push((performance.now() - began) / 1000)
    }
  return times.map(median)
}

/** The least-squares line through (log x, log y) of at least three points: its slope and the slope's standard error from the residuals. */
export function powerLaw(points: readonly (readonly [number, number])[]): { readonly exponent: number; readonly standardError: number } {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const)
  const mean = (pick: 0 | 1) => logs.reduce((sum, point) => sum + point[pick], 0) / logs.length
  const [meanX, meanY] = [mean(0), mean(1)]
  const squares = logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  const exponent = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / squares
  const residual = logs.reduce((sum, [x, y]) => sum + (y - meanY - exponent * (x - meanX)) ** 2, 0)
  return { exponent, standardError: Math.sqrt(residual / (logs.length - 2) / squares) }
}
