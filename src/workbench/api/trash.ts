// trash.*: what was removed, with names and sizes, the way back and the way out.
import { join } from 'node:path'
import { emptyTrash, folderBytes, listTrash, metaNameIn, trashFolder } from '../../store'
import type { WorkbenchContext } from '../context'
import { Failure } from '../failure'
import type { HandlersOf } from '../router'

type Names = 'trash.list' | 'trash.restore' | 'trash.empty'

export function trashHandlers({ workspace, runs, storage }: WorkbenchContext): HandlersOf<Names> {
  /** What lies in the trash does not change, so each entry is looked through once. */
  const known = new Map<string, { name: string; bytes: number }>()

  async function list() {
    const trashed = await listTrash(workspace)
    for (const entry of known.keys()) if (!trashed.some((one) => one.entry === entry)) known.delete(entry)
    const rows = []
    for (const { id, entry, removedAt } of trashed) {
      const folder = join(trashFolder(workspace), entry)
      const facts = known.get(entry) ?? {
        name: (await metaNameIn(workspace, folder)) ?? id,
        bytes: await folderBytes(workspace.fileSystem, folder)
      }
      known.set(entry, facts)
      rows.push({ entry, id, removedAt, ...facts })
    }
    return rows
  }

  return {
    'trash.list': list,
    async 'trash.restore'({ entries }) {
      const trashed = await listTrash(workspace)
      for (const entry of entries) {
        const found = trashed.find((one) => one.entry === entry)
        if (!found) throw new Failure('not-found', `"${entry}" is not in the trash any more`)
        await runs.restore([found.id], entry)
      }
      return {}
    },
    async 'trash.empty'({ entries }) {
      const gone = (await list()).filter(({ entry }) => !entries || entries.includes(entry))
      const count = await emptyTrash(
        workspace,
        gone.map(({ entry }) => entry)
      )
      storage.changed()
      return { count, bytes: gone.reduce((sum, { bytes }) => sum + bytes, 0) }
    }
  }
}
