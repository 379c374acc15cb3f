// What a run takes on the disk, told anew in its status after something in its folder was added or removed.
import type { Workspace } from '../workspace'
import { readStatus, updateStatus } from './documents'
import { runFolder } from './paths'
import { measureRun } from './sizes'

/** The caller has made sure that nobody works on the run: its owner counts at its end. A status that cannot be read is left. Throws StorageError. */
export async function recountRun(workspace: Workspace, run: string): Promise<void> {
  const figures = (await readStatus(workspace, run).catch(() => null))?.figures
  if (!figures) return
  const measured = await measureRun(workspace.fileSystem, runFolder(workspace, run))
  await updateStatus(workspace, run, { figures: { ...figures, ...measured } })
}
