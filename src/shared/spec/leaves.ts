// A spec taken apart into its leaves, and what differs between two.

/** Every leaf of a JSON value by its dotted path; arrays count as leaves, so that `layers` stays one row. */
export function leaves(value: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 0)
    for (const [key, item] of Object.entries(value)) leaves(item, path === '' ? key : `${path}.${key}`, into)
  else if (value !== undefined) into.set(path, JSON.stringify(value))
  return into
}

export interface LeafDifference {
  readonly path: string
  /** As JSON text; null where there is no such key. */
  readonly here: string | null
  readonly there: string | null
}

/** All leaves of both, in the order of `here`, those that only `there` has at the end. */
export function leafPairs(here: unknown, there: unknown): LeafDifference[] {
  const [own, other] = [leaves(here), leaves(there)]
  const paths = [...own.keys(), ...[...other.keys()].filter((path) => !own.has(path))]
  return paths.map((path) => ({ path, here: own.get(path) ?? null, there: other.get(path) ?? null }))
}

export const differences = (here: unknown, there: unknown) => leafPairs(here, there).filter((pair) => pair.here !== pair.there)

/** What a spec is called by, not what is run. */
const labels: ReadonlySet<string> = new Set(['name', 'tags'])

export interface NearPreset {
  readonly preset: string
  /** What differs from it, names and tags left out. */
  readonly differences: readonly LeafDifference[]
}

/** The preset that a spec differs least from; null where it has too little in common with any. */
export function nearestPreset(
  spec: unknown,
  presets: readonly { readonly name: string; readonly specs: readonly unknown[] }[],
  most = 8
): NearPreset | null {
  let best: NearPreset | null = null
  for (const { name, specs } of presets)
    for (const one of specs) {
      const found = differences(spec, one).filter(({ path }) => !labels.has(path))
      if (found.length <= most && (best === null || found.length < best.differences.length)) best = { preset: name, differences: found }
    }
  return best
}
