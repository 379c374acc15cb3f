// Snapshots in an address: RUN:STEP/BLOCK, several with commas between them.
import { parseMatrix } from '../../../shared/run/matrix'
import type { SnapshotAt } from '../curvature/snapshot-options'

/** Those that are well formed. */
export function parseSnapshots(text: string): SnapshotAt[] {
  return text.split(',').flatMap((part) => {
    const place = parseMatrix(part)
    return place && 'step' in place ? [place] : []
  })
}

/** One, with the place of an eigenvalue behind it; null where it is none. */
export function parseVector(text: string): { readonly at: SnapshotAt; readonly index: number } | null {
  const cut = text.lastIndexOf('/')
  const [at] = parseSnapshots(text.slice(0, Math.max(0, cut)))
  const index = text.slice(cut + 1)
  return at && /^\d{1,9}$/.test(index) ? { at, index: Number(index) } : null
}
