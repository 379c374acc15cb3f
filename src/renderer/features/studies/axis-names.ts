// What an axis is called: as the study says, else by the help of its field.
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
  if (owner && fieldHelp[owner]) return `${fieldHelp[owner].label} ${Number(place) + 1}`
  return fieldHelp[path.replace(/\.\d+/g, '[]')]?.label ?? path
}

export const axisLabel = ({ path, label }: { readonly path: string; readonly label: string }): string =>
  label === '' || label === path ? labelOfPath(path) : label
