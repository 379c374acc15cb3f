// Runs that are looked at as one: those that differ in nothing but a setting (seeds above all), or those that share one.
import { leaves } from '../../../shared/spec/leaves'
import { pathWord, settingText } from './names'

/** `over:seed`: differ in nothing else. `by:optimizer.kind`: have the same. `none`: each for itself. */
export type Grouping = 'none' | `over:${string}` | `by:${string}`

export interface GroupedRun {
  readonly id: string
  readonly name: string
  readonly group: string | null
  readonly tags: readonly string[]
  /** Null while it is not known. */
  readonly spec: unknown
}

export interface RunGroup<Run extends GroupedRun> {
  /** Stable while the grouping is. */
  readonly id: string
  readonly runs: readonly Run[]
}

const descriptive = ['name', 'tags', 'schemaVersion']
const isDescriptive = (path: string) => descriptive.includes(path.split('.')[0])

function keyOf(run: GroupedRun, grouping: Grouping): string {
  if (grouping === 'none' || run.spec === null) return `run ${run.id}`
  const path = grouping.slice(grouping.indexOf(':') + 1)
  if (grouping === 'by:group') return run.group === null ? `run ${run.id}` : JSON.stringify(run.group)
  if (grouping === 'by:tags') return JSON.stringify([...run.tags].sort())
  const all = leaves(run.spec)
  if (grouping.startsWith('by:')) return all.get(path) ?? 'absent'
  return JSON.stringify([...all].filter(([one]) => !isDescriptive(one) && one !== path).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Groups in the order of their first runs; the runs keep theirs. */
export function groupRuns<Run extends GroupedRun>(runs: readonly Run[], grouping: Grouping): RunGroup<Run>[] {
  const groups = new Map<string, Run[]>()
  for (const run of runs) {
    const key = keyOf(run, grouping)
    groups.set(key, [...(groups.get(key) ?? []), run])
  }
  return [...groups.values()].map((members) => ({ id: members[0].id, runs: members }))
}

/** What a group of this grouping has in common, where that is one setting. */
export function groupValue(run: GroupedRun, grouping: Grouping): string | null {
  if (grouping === 'by:group') return run.group
  if (grouping === 'by:tags') return run.tags.length === 0 ? 'no tags' : [...run.tags].sort().join(', ')
  if (!grouping.startsWith('by:')) return null
  const path = grouping.slice(3)
  const text = settingText(leaves(run.spec).get(path))
  return path === 'optimizer.kind' ? text : `${pathWord(path)} ${text}`
}

/** Settings in which these runs differ. */
export function differingPaths(runs: readonly GroupedRun[]): string[] {
  const all = runs.filter((run) => run.spec !== null).map((run) => leaves(run.spec))
  const paths = [...new Set(all.flatMap((one) => [...one.keys()]))]
  return paths.filter((path) => !isDescriptive(path) && all.some((one) => one.get(path) !== all[0].get(path)))
}

/** What can be chosen for these runs. */
export function groupingOptions(runs: readonly GroupedRun[]): { value: Grouping; label: string }[] {
  const paths = differingPaths(runs)
  return [
    { value: 'over:seed', label: 'seeds: all else equal' },
    { value: 'none', label: 'none' },
    { value: 'by:optimizer.kind', label: 'same optimizer' },
    { value: 'by:group', label: 'same group' },
    { value: 'by:tags', label: 'same tags' },
    ...paths.filter((path) => path !== 'optimizer.kind').map((path) => ({ value: `by:${path}` as Grouping, label: `same ${path}` })),
    ...paths.filter((path) => path !== 'seed').map((path) => ({ value: `over:${path}` as Grouping, label: `all equal but ${path}` }))
  ]
}
