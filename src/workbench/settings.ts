// Settings of a workspace: one JSON file, keys that the page or we know, values as JSON.
import { join } from 'node:path'
import { z } from 'zod'
import { readJson, writeJson, type Workspace } from '../store'

export interface Settings {
  all(): Readonly<Record<string, unknown>>
  /** null removes a key. */
  set(values: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>
  /** Runs at once, 1 unless set otherwise (`runsAtOnce`). */
  runsAtOnce(): number
  /** Bytes that the workspace is meant to stay within (`diskBudget`); null: no budget. */
  diskBudget(): number | null
}

const settingsSchema = z.record(z.string(), z.unknown())

export async function openSettings(workspace: Workspace): Promise<Settings> {
  const path = join(workspace.folder, 'settings.json')
  let values: Record<string, unknown> = (await readJson(workspace.fileSystem, path, settingsSchema).catch(() => null)) ?? {}
  return {
    all: () => values,
    async set(changed) {
      const next = Object.fromEntries(Object.entries({ ...values, ...changed }).filter(([, value]) => value !== null))
      await writeJson(workspace.fileSystem, path, next)
      values = next
      return { ...values }
    },
    runsAtOnce() {
      const { runsAtOnce } = values
      return typeof runsAtOnce === 'number' && Number.isInteger(runsAtOnce) && runsAtOnce >= 1 ? Math.min(runsAtOnce, 8) : 1
    },
    diskBudget() {
      const { diskBudget } = values
      return typeof diskBudget === 'number' && Number.isFinite(diskBudget) && diskBudget > 0 ? diskBudget : null
    }
  }
}
