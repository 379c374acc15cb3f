// What a process that ended left half written.
import { join } from 'node:path'
import { partialEnding, replacedName, translating } from '../files'
import type { Workspace } from '../workspace'
import { checkpointsFolder, inputsFolder, snapshotsFolder } from './paths'

/** Removes what was being written when a process ended. Only under the run's lock. */
export async function dropLeftovers(workspace: Workspace, folder: string): Promise<string[]> {
  const dropped: string[] = []
  for (const parent of [folder, checkpointsFolder(folder), snapshotsFolder(folder), inputsFolder(folder)])
    for (const name of await translating(`read ${parent}`, () => workspace.fileSystem.list(parent)))
      if (name.endsWith(partialEnding)) {
        const path = join(parent, name)
        // Cut off between taking the old one away and giving the new one its name: the old one is still whole.
        const original = replacedName(path)
        if (original !== null && !(await workspace.fileSystem.info(original))) {
          await translating(`write ${original}`, () => workspace.fileSystem.rename(path, original))
          continue
        }
        await translating(`remove ${path}`, () => workspace.fileSystem.remove(path))
        dropped.push(path)
      }
  return dropped
}
