// Do runs start from the same weights and see the same batches of the same data? Seeds of a group may differ: groups are compared seed by seed.

const words = { weights: 'start weights', batches: 'batch order', dataset: 'dataset' } as const
type What = keyof typeof words
export type Hashes = Readonly<Record<What, string | null>>

export interface Fairness {
  readonly fair: boolean
  readonly text: string
}

const listed = (parts: readonly string[]) => (parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`)

/** `groups`: the hashes of each group's runs. Null when there is nothing to compare or something is not known yet. */
export function fairnessOf(groups: readonly (readonly (Hashes | undefined)[])[]): Fairness | null {
  const all = groups.flat()
  if (all.length < 2 || all.some((one) => !one)) return null
  const known = all as Hashes[]
  const setOf = (list: readonly (Hashes | undefined)[], what: What) =>
    JSON.stringify(list.map((one) => one?.[what] ?? null).sort((a, b) => (String(a) < String(b) ? -1 : 1)))
  const everywhere = (what: What) => known.every((one) => one[what] === known[0][what])
  const acrossGroups = (what: What) => groups.length > 1 && groups.every((group) => setOf(group, what) === setOf(groups[0], what))
  const kinds = Object.keys(words) as What[]
  const differ = kinds.filter((what) => !everywhere(what))
  if (differ.length === 0) return { fair: true, text: 'Same start weights, batch order and dataset.' }
  const unfair = differ.filter((what) => !acrossGroups(what))
  if (unfair.length === 0)
    return {
      fair: true,
      text: `Every group has the same set of ${listed(differ.map((what) => words[what]))}: they are compared seed by seed.`
    }
  // One group of seeds is no contest.
  if (groups.length === 1 && !differ.includes('dataset'))
    return { fair: true, text: `One group: its runs differ in ${listed(differ.map((what) => words[what]))}, as seeds do.` }
  return { fair: false, text: `They differ in ${listed(unfair.map((what) => words[what]))}.` }
}
