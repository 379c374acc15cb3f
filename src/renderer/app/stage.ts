// What was opened, and data sets that wait for the word *Import*: files that belong together are one set.
import type { OpenKind, Recognized } from '../../shared/open-kinds'

/** One thing with what it is, and the files or the path it is. */
export type Found = Recognized & { readonly bytes: number } & ({ readonly file: File } | { readonly path: string })
export type Known = Extract<Found, { readonly kind: OpenKind }>

const folderOf = (path: string) => path.replace(/[/\\][^/\\]*$/, '')

/** Sends files of which one thing is made; the path of the first on the workbench's machine. */
export type Send = (files: readonly File[]) => Promise<string>

/** The path of one thing, or of the first part of one, on the workbench's machine. */
export function placeOf(parts: readonly Known[], send: Send): Promise<string> {
  const [first] = parts
  return 'path' in first ? Promise.resolve(first.path) : send(parts.flatMap((part) => ('file' in part ? [part.file] : [])))
}

/** Files that make a set together are one: in a browser all of them, by their paths those of one folder. */
export function stage(found: readonly Known[], send: Send): StagedSet[] {
  const sets = new Map<string, Known[]>()
  found.forEach((one, place) => {
    const key = !one.together ? `alone ${place}` : 'path' in one ? folderOf(one.path) : 'sent'
    sets.set(key, [...(sets.get(key) ?? []), one])
  })
  return [...sets.values()].map((parts) => {
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
    return {
      kind: parts[0].kind,
      names: parts.map(({ name }) => name),
      bytes: bytes === 0 ? null : bytes,
      place: () => placeOf(parts, send)
    }
  })
}

/** A data set that waits on the Import card of the Datasets screen: how it is read can be said there. */
export interface StagedSet {
  readonly kind: OpenKind
  readonly names: readonly string[]
  /** null: of a folder, which is not counted. */
  readonly bytes: number | null
  /** Its path on the workbench's machine; in a browser its files are sent first. */
  place(): Promise<string>
}
