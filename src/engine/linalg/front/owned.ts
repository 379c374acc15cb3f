// Results that hold memory of a backend say themselves what must be given back: nobody compares arrays to find out.
import type { Kept, LinalgCore } from '../core'
import type { Owned } from '../interface'

/** The result with its release, which gives its arrays back once; further calls do nothing. */
export function owned<Result extends object>(core: Pick<LinalgCore, 'release'>, { result, arrays }: Kept<Result>): Result & Owned {
  let held = true
  return {
    ...result,
    release() {
      if (held) for (const array of arrays) core.release(array)
      held = false
    }
  }
}

/** Gives several results back, in the order given. */
export function releaseAll(results: Iterable<Owned>): void {
  for (const { release } of results) release()
}
