// What differs between specs: one row a path, only where they are not all the same.

export interface DiffRow {
  readonly path: string
  /** As JSON text, in the order of the specs; null where a spec has no such key. */
  readonly values: readonly (string | null)[]
}

/** Every leaf of a JSON value by its dotted path; arrays count as leaves, so that `layers` stays one row. */
export function leaves(value: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 0)
    for (const [key, item] of Object.entries(value)) leaves(item, path === '' ? key : `${path}.${key}`, into)
  else if (value !== undefined) into.set(path, JSON.stringify(value))
  return into
}

/** Rows in the order in which the paths first occur. `ignore`: top-level keys that always differ. */
export function specDiff(specs: readonly unknown[], ignore: readonly string[] = ['name']): DiffRow[] {
  const all = specs.map((spec) => leaves(spec))
  const paths = [...new Set(all.flatMap((one) => [...one.keys()]))]
  return paths
    .filter((path) => !ignore.includes(path.split('.')[0]))
    .map((path) => ({ path, values: all.map((one) => one.get(path) ?? null) }))
    .filter((row) => row.values.some((value) => value !== row.values[0]))
}
