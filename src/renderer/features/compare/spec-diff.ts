// What differs between specs: one row a path, only where they are not all the same; and whether it differs between groups of runs or within them.
import { leaves } from '../../../shared/spec/leaves'

export interface DiffRow {
  readonly path: string
  /** As JSON text, in the order of the specs; null where a spec has no such key. */
  readonly values: readonly (string | null)[]
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

export interface ValueCount {
  readonly value: string | null
  readonly count: number
}

export interface GroupDiffRow {
  readonly path: string
  /** `between`: groups have other values than each other. `within`: every group has the same ones, and its runs differ. */
  readonly kind: 'between' | 'within'
  /** For each group its different values, the most frequent first. */
  readonly groups: readonly (readonly ValueCount[])[]
}

function counted(values: readonly (string | null)[]): ValueCount[] {
  const counts = new Map<string | null, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count)
}

/** What differs between groups first, then what differs within them only. */
export function groupDiff(groups: readonly (readonly unknown[])[], ignore: readonly string[] = ['name']): GroupDiffRow[] {
  const sizes = groups.map((group) => group.length)
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, 0))
  const rows = specDiff(groups.flat(), ignore).map(({ path, values }): GroupDiffRow => {
    const own = sizes.map((size, i) => values.slice(starts[i], starts[i] + size))
    const setOf = (list: readonly (string | null)[]) => JSON.stringify([...new Set(list)].sort((a, b) => (String(a) < String(b) ? -1 : 1)))
    const same = own.every((list) => setOf(list) === setOf(own[0]))
    return { path, kind: same ? 'within' : 'between', groups: own.map(counted) }
  })
  return [...rows.filter((row) => row.kind === 'between'), ...rows.filter((row) => row.kind === 'within')]
}
