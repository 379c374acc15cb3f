// How fast bytes arrive: over the last seconds, so that a download that was resumed or slowed down is told as it is now.

export interface Arrivals {
  /** `now` in milliseconds; bytes a second over what is remembered, null while that is too short to tell. */
  note(now: number, bytes: number): number | null
}

const remembered = 8000
const least = 500

export function createArrivals(): Arrivals {
  let seen: { readonly now: number; readonly bytes: number }[] = []
  return {
    note(now, bytes) {
      // Fewer than before: it began anew.
      if (bytes < (seen.at(-1)?.bytes ?? 0)) seen = []
      seen.push({ now, bytes })
      while (seen.length > 2 && now - seen[0].now > remembered) seen.shift()
      const passed = now - seen[0].now
      return passed < least ? null : ((bytes - seen[0].bytes) * 1000) / passed
    }
  }
}
