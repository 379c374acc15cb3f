// What an axis is called: by the help of its field, else as the study says.
import { fieldHelp } from '../../../shared/spec/help'

/** Sections whose fields are named too shortly to stand alone, such as "Size" of a batch. */
const sections = /^(batch|budget|evaluate|snapshots|checkpoints|diagnostics)\./

/** The label of a path of a spec; places of lists by number. */
export function labelOfPath(path: string): string {
  const [, section] = sections.exec(path) ?? []
  const own = fieldHelp[path]?.label
  if (own && section) return `${fieldHelp[section].label}: ${own.toLowerCase()}`
  if (own) return own
  const [, owner, place] = /^(.*)\.(\d+)$/.exec(path) ?? []
  const item = owner === undefined ? undefined : fieldHelp[`${owner}[]`]
  if (item) return `${item.label} ${Number(place) + 1}`
  return fieldHelp[path.replace(/\.\d+/g, '[]')]?.label ?? path
}

/** Labels that several fields have, and say nothing without what they are of. */
const general = new Set(['Kind', 'Value', 'File', 'Path', 'Run', 'Step', 'Slope', 'To', 'Coordinate'])

export function axisLabel({ path, label }: { readonly path: string; readonly label: string }): string {
  const own = labelOfPath(path)
  return own === path || general.has(own) ? label : own
}
