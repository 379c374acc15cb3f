// So many calls at a time and no more: two hundred runs asked for at once would be refused, and what matters now would stand behind them.

type Call<Args extends unknown[], Result> = (...args: Args) => Promise<Result>

/** Calls in the order of their asking, at most `most` of them under way; one that is aborted while it waits is never made. */
export function createLimit(most: number) {
  let running = 0
  const waiting: (() => void)[] = []
  const next = () => {
    if (running < most) waiting.shift()?.()
  }
  return async function limited<Args extends unknown[], Result>(
    call: Call<Args, Result>,
    signal: AbortSignal | undefined,
    ...args: Args
  ): Promise<Result> {
    if (running >= most) await new Promise<void>((go) => waiting.push(go))
    if (signal?.aborted) {
      next()
      throw new Error('cancelled')
    }
    running++
    try {
      return await call(...args)
    } finally {
      running--
      next()
    }
  }
}
