// A run keeps its colour everywhere: its own when it was given one, else one of ten by its id.
import { themeVersion, token } from '../ui/theme-version'
import { hash } from './colours-hash'

const count = 10

export function seriesColour(index: number): string {
  void themeVersion.value
  return token(`--series-${(((index % count) + count) % count) + 1}`)
}

export function runColour(run: { id: string; colour?: string | null }): string {
  return run.colour ?? seriesColour(hash(run.id))
}

/** Colours for runs shown together: each keeps its own where it can; one whose colour is taken moves to the next free one, in the order of ids. */
export function coloursTogether(runs: readonly { id: string; colour?: string | null }[]): Map<string, string> {
  const taken = new Set<number>()
  const result = new Map<string, string>()
  for (const run of [...runs].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    if (run.colour) {
      result.set(run.id, run.colour)
      continue
    }
    let place = hash(run.id) % count
    for (let tries = 0; taken.has(place) && tries < count; tries++) place = (place + 1) % count
    taken.add(place)
    result.set(run.id, seriesColour(place))
  }
  return result
}
