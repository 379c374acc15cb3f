// Snapshots in an address: run/step/block, several with commas between them.
import type { SnapshotAt } from '../curvature/snapshot-options'

const form = /^([a-z0-9][a-z0-9-]{0,63})\/(\d{1,12})\/([^,/]{1,100})$/

/** Those that are well formed. */
export function parseSnapshots(text: string): SnapshotAt[] {
  return text.split(',').flatMap((part) => {
    const found = form.exec(part)
    return found ? [{ run: found[1], step: Number(found[2]), block: found[3] }] : []
  })
}

/** One, with the place of an eigenvalue behind it; null where it is none. */
export function parseVector(text: string): { readonly at: SnapshotAt; readonly index: number } | null {
  const cut = text.lastIndexOf('/')
  const [at] = parseSnapshots(text.slice(0, Math.max(0, cut)))
  const index = text.slice(cut + 1)
  return at && /^\d{1,9}$/.test(index) ? { at, index: Number(index) } : null
}
