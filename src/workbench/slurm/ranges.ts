// Places in a job array as Slurm writes them: `5`, `[5-9%2]`, `[0-6,8-20:4]`.

/** Ascending and each once; null for what is no such list. `most` bounds what is made of it. */
export function placesIn(text: string, most = 4_000_000): number[] | null {
  const [list] = text.replace(/^\[(.*)\]$/, '$1').split('%')
  const places = new Set<number>()
  for (const part of list.split(',')) {
    const range = /^(\d{1,7})(?:-(\d{1,7})(?::(\d{1,7}))?)?$/.exec(part)
    if (!range) return null
    const [from, to, by] = [Number(range[1]), Number(range[2] ?? range[1]), Number(range[3] ?? 1)]
    if (to < from || by < 1 || (to - from) / by > most) return null
    for (let place = from; place <= to; place += by) places.add(place)
  }
  return [...places].sort((a, b) => a - b)
}

/** `12_[5-9%2]` as the array and its places; null for a job that is no array's. */
export function arrayJobs(id: string): { readonly array: string; readonly places: readonly number[] } | null {
  const found = /^(\d+)_(\d+|\[[^\]]*\])$/.exec(id)
  const places = found && placesIn(found[2])
  return found && places ? { array: found[1], places } : null
}
