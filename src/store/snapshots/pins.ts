// Which snapshots of a run are pinned: `prune` leaves them alone. Kept in the run's meta.json.
import { z } from 'zod'
import { readJson, writeJson } from '../files'
import { readMeta } from '../run-folder/documents'
import { metaPath, runFolder } from '../run-folder/paths'
import type { Workspace } from '../workspace'

const pinsSchema = z.looseObject({ pinnedSnapshots: z.array(z.number().int().nonnegative()).default([]) })

/** Steps of the pinned snapshots. */
export async function pinnedSnapshots(workspace: Workspace, id: string): Promise<number[]> {
  return (await readJson(workspace.fileSystem, metaPath(runFolder(workspace, id)), pinsSchema))?.pinnedSnapshots ?? []
}

/** Pins or unpins snapshots of a run. */
export async function pinSnapshots(workspace: Workspace, id: string, steps: readonly number[], pinned: boolean): Promise<void> {
  const meta = await readMeta(workspace, id)
  const others = (await pinnedSnapshots(workspace, id)).filter((one) => !steps.includes(one))
  const pinnedSteps = pinned ? [...new Set([...others, ...steps])].sort((a, b) => a - b) : others
  await writeJson(workspace.fileSystem, metaPath(runFolder(workspace, id)), { ...meta, pinnedSnapshots: pinnedSteps })
}
