// The different networks among compared runs, each with the runs that have it.
import type { RunSpec } from '../../../shared/spec/schema'
import { runPicture, type NetworkPicture } from '../network/picture'

export interface ComparedNetwork {
  readonly picture: NetworkPicture
  /** The runs that have it: at most two names, and how many more. */
  readonly title: string
}

const named = (labels: readonly string[]) =>
  labels.length <= 3 ? labels.join(', ') : `${labels.slice(0, 2).join(', ')} and ${labels.length - 2} more`

/** One for each that looks different, in the order of the runs; functions have none. */
export function distinctPictures(
  runs: readonly { readonly label: string; readonly spec: RunSpec | null; readonly parameters: number | null }[]
): ComparedNetwork[] {
  const found = new Map<string, { picture: NetworkPicture; labels: string[] }>()
  for (const { label, spec, parameters } of runs) {
    const picture = spec === null ? null : runPicture(spec, parameters)
    if (picture === null) continue
    const key = JSON.stringify(picture)
    const known = found.get(key)
    if (known) known.labels.push(label)
    else found.set(key, { picture, labels: [label] })
  }
  return [...found.values()].map(({ picture, labels }) => ({ picture, title: named(labels) }))
}
