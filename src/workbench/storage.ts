// How much disk the workspace takes and may take. Counting walks every file, so a count is used again for a while that grows with what it cost.
import { storageKinds, type StorageKind } from '../shared/run/storage-kinds'
import type { StorageSummary } from '../shared/api/contract'
import type { DiskBudget } from '../shared/run/fit'
import { measureWorkspace, type Workspace } from '../store'
import type { Settings } from './settings'

export interface Storage {
  summary(): Promise<StorageSummary>
  /** Null where no budget is set. */
  budget(): Promise<DiskBudget | null>
  /** Something was deleted or brought in: the next question counts again. */
  changed(): void
}

/** A count that took a second is good for twenty. */
const patience = 20

export function openStorage(workspace: Workspace, settings: Pick<Settings, 'diskBudget'>): Storage {
  let counted: { readonly at: number; readonly cost: number; readonly bytes: Record<StorageKind, number> } | null = null
  let counting: Promise<Record<StorageKind, number>> | null = null
  let changes = 0

  async function count() {
    const began = performance.now()
    const seen = changes
    const bytes = await measureWorkspace(workspace)
    const at = performance.now()
    if (seen === changes) counted = { at, cost: at - began, bytes }
    return bytes
  }
  const bytesByKind = async () => {
    if (counted && performance.now() - counted.at < patience * counted.cost) return counted.bytes
    counting ??= count().finally(() => (counting = null))
    return counting
  }
  const sumOf = (bytes: Record<StorageKind, number>) => Object.values(bytes).reduce((sum, one) => sum + one, 0)

  return {
    async summary() {
      const bytes = await bytesByKind()
      return {
        kinds: (Object.keys(storageKinds) as StorageKind[]).map((kind) => ({ kind, bytes: bytes[kind] })),
        used: sumOf(bytes),
        free: await workspace.fileSystem.freeBytes(workspace.folder).catch(() => null),
        budget: settings.diskBudget()
      }
    },
    async budget() {
      const limit = settings.diskBudget()
      return limit === null ? null : { limit, used: sumOf(await bytesByKind()) }
    },
    changed() {
      changes++
      counted = null
      counting = null
    }
  }
}
