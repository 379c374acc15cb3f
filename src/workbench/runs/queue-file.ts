// queue.json: the order of the waiting runs, kept for the next start. It may be lost at any time; runs then wait in order of age.
import { join } from 'node:path'
import { z } from 'zod'
import { readJson, writeJson, type RunIndex, type Workspace } from '../../store'

const queueSchema = z.looseObject({ schemaVersion: z.literal(1), order: z.array(z.string()) })

export interface QueueFile {
  /** Runs that were left `queued`, in the order they had. */
  readonly left: readonly string[]
  keep(ids: readonly string[]): void
  /** Resolves when what was kept last is on disk. */
  settled(): Promise<void>
}

export async function openQueueFile(workspace: Workspace, index: RunIndex): Promise<QueueFile> {
  const path = join(workspace.folder, 'queue.json')
  const order = (await readJson(workspace.fileSystem, path, queueSchema).catch(() => null))?.order ?? []
  const left = index
    .query({ sort: 'createdAt', descending: false })
    .rows.filter(({ state }) => state === 'queued')
    .map(({ id }) => id)
  let newest: readonly string[] = order
  let writing: Promise<void> | null = null
  async function write() {
    for (let written: readonly string[] | null = null; written !== newest;) {
      written = newest
      await writeJson(workspace.fileSystem, path, { schemaVersion: 1, order: newest }).catch(() => undefined)
    }
    writing = null
  }
  return {
    left: [...order.filter((id) => left.includes(id)), ...left.filter((id) => !order.includes(id))],
    keep(ids) {
      newest = ids
      writing ??= write()
    },
    settled: async () => void (await writing)
  }
}
