// Results that hold memory of a backend say themselves what must be given back: nobody compares arrays to find out.

/** A result whose arrays a backend allocated. They must not be used after `release`. */
export interface Owned {
  /** Gives the result's memory back; further calls do nothing. */
  release(): void
}

/** The result, with a release that calls `give` once. */
export function owned<Result extends object>(result: Result, give: () => void): Result & Owned {
  let held = true
  return {
    ...result,
    release() {
      if (held) give()
      held = false
    }
  }
}

/** Gives several results back, in the order given. */
export function releaseAll(results: Iterable<Owned>): void {
  for (const { release } of results) release()
}
