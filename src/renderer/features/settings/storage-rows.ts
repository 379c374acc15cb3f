// The bytes of a workspace by kind, in words: the largest first, each with where it can be freed.
import type { StorageSummary } from '../../../shared/api/contract'
import { bytesOnPage, parseBytes } from '../../../shared/format/bytes'
import { narrowSpace } from '../../../shared/format/figures'
import { storageKinds, type StorageKind } from '../../../shared/run/storage-kinds'

/** The screen where bytes of a kind are freed, and what is done there. */
const freedAt: Readonly<Partial<Record<StorageKind, { readonly to: string; readonly label: string }>>> = {
  snapshots: { to: '/snapshots', label: 'Prune' },
  checkpoints: { to: '/', label: 'Delete runs' },
  'other-run-files': { to: '/', label: 'Delete runs' },
  datasets: { to: '/datasets', label: 'Delete sets' },
  trash: { to: '/trash', label: 'Empty' }
}

export interface StorageRow {
  readonly kind: StorageKind
  readonly name: string
  readonly bytes: number
  readonly free: { readonly to: string; readonly label: string } | null
}

/** Kinds that take nothing are left out. */
export function storageRows({ kinds }: Pick<StorageSummary, 'kinds'>): StorageRow[] {
  return kinds
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
    .map(({ kind, bytes }) => ({ kind, name: storageKinds[kind], bytes, free: freedAt[kind] ?? null }))
}

/** The unit in which the largest is written, and the bytes that it stands for: one for all, on an axis. */
export function storageUnit(rows: readonly StorageRow[]): { readonly name: string; readonly bytes: number } {
  const name = bytesOnPage(Math.max(0, ...rows.map(({ bytes }) => bytes))).split(narrowSpace)[1]
  return { name, bytes: parseBytes(`1 ${name}`) }
}

/** How much of the budget is used: `near` from nine tenths on, `over` above it; null without a budget. */
export function budgetState({ used, budget }: Pick<StorageSummary, 'used' | 'budget'>): 'within' | 'near' | 'over' | null {
  if (budget === null) return null
  return used > budget ? 'over' : used > 0.9 * budget ? 'near' : 'within'
}
