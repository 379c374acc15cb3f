// Settings of a workspace: one JSON file, keys that the page or we know, values as JSON.
import { join } from 'node:path'
import { Mutex } from 'async-mutex'
import { z } from 'zod'
import { backendChoices, backendSchema, linalgChoice, mostThreads, threadsSchema, type LinalgChoice } from '../shared/linalg-choice'
import { readJson, writeJson, type Workspace } from '../store'

export interface Settings {
  all(): Readonly<Record<string, unknown>>
  /** null removes a key. */
  set(values: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>
  /** Runs at once, 1 unless set otherwise (`runsAtOnce`). */
  runsAtOnce(): number
  /** What new runs and jobs are computed with (`backend`, `threads`). */
  linalg(): LinalgChoice
  /** Bytes that the workspace is meant to stay within (`diskBudget`); null: no budget. */
  diskBudget(): number | null
}

const settingsSchema = z.record(z.string(), z.unknown())

const settingsPath = (workspace: Workspace) => join(workspace.folder, 'settings.json')

/** Where a setting decides how something is computed, what it must be, in words. */
const rules: Readonly<Record<string, { readonly schema: z.ZodType; readonly words: string }>> = {
  runsAtOnce: { schema: z.number().int().min(1).max(8), words: 'an integer from 1 to 8' },
  threads: { schema: threadsSchema, words: `an integer from 1 to ${mostThreads}, or null for as many as there are cores` },
  backend: { schema: backendSchema, words: `one of ${backendChoices.join(', ')}` },
  diskBudget: { schema: z.number().positive(), words: 'a number of bytes above 0, or null for no budget' }
}

/** Why values cannot be kept, one sentence; null when they can. null, which removes a key, always can. */
export function settingsFault(values: Readonly<Record<string, unknown>>): string | null {
  for (const [key, value] of Object.entries(values)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined
    if (rule && value !== null && !rule.schema.safeParse(value).success)
      return `the setting ${key} must be ${rule.words}, got ${JSON.stringify(value)}`
  }
  return null
}

/** The settings of a workspace as they are on disk; none where there are none, or they cannot be read. */
export async function readSettings(workspace: Workspace): Promise<Record<string, unknown>> {
  const read = await readJson(workspace.fileSystem, settingsPath(workspace), settingsSchema).catch(() => null)
  return read ?? {}
}

/** `changed` hears of every change that was kept. */
export async function openSettings(workspace: Workspace, changed: () => void = () => undefined): Promise<Settings> {
  let values = await readSettings(workspace)
  const turn = new Mutex()
  return {
    all: () => values,
    set: (asked) =>
      // One after the other: two changes at once would each write what they knew before.
      turn.runExclusive(async () => {
        const next = Object.fromEntries(Object.entries({ ...values, ...asked }).filter(([, value]) => value !== null))
        await writeJson(workspace.fileSystem, settingsPath(workspace), next)
        values = next
        changed()
        return { ...values }
      }),
    linalg: () => linalgChoice(values),
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
