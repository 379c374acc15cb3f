// Tags as they are typed: words between commas.

/** Each once, in order, without blanks. */
export function parseTags(text: string): string[] {
  const tags = text.split(',').map((tag) => tag.trim())
  return [...new Set(tags.filter((tag) => tag !== ''))]
}

/** Tags of these runs with how many have each, the most frequent first. */
export function tagCounts(runs: readonly { readonly tags: readonly string[] }[]): { tag: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const { tags } of runs) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1)
  return [...counts].map(([tag, count]) => ({ tag, count })).sort((a, b) => b.count - a.count || a.tag.localeCompare(b.tag))
}

/** The tags after adding and removing some; null when nothing changes. */
export function changedTags(before: readonly string[], add: readonly string[], remove: readonly string[]): string[] | null {
  const after = [...new Set([...before, ...add])].filter((tag) => !remove.includes(tag))
  return after.length === before.length && after.every((tag, i) => tag === before[i]) ? null : after
}
