// studies/<id>/slurm/<n>/: a submission to a Slurm cluster: array.json, the batch script, a log a job.
import { join } from 'node:path'
import { slurmArraySchema, type SlurmArray } from '../../shared/studies/slurm'
import { readJson, StorageError, systemCodeOf, translating, writeAtomically, writeJson } from '../files'
import type { Workspace } from '../workspace'
import { studyFolder } from './study-path'

const slurmFolder = (workspace: Workspace, study: string) => join(studyFolder(workspace, study), 'slurm')
const arrayPath = (folder: string) => join(folder, 'array.json')

/** Its folder: array.json, `script` and the logs. */
export const slurmArrayFolder = (workspace: Workspace, study: string, number: number) => join(slurmFolder(workspace, study), String(number))
export const slurmScript = 'job.sh'

/** The submissions of a study, the oldest first; one whose array.json is not there yet, or is damaged, is left out. */
export async function readSlurmArrays(workspace: Workspace, study: string): Promise<SlurmArray[]> {
  const { fileSystem } = workspace
  const names = await fileSystem.list(slurmFolder(workspace, study)).catch(() => [])
  const numbers = names.filter((name) => /^[1-9]\d{0,6}$/.test(name)).map(Number)
  const arrays: SlurmArray[] = []
  for (const number of numbers.sort((a, b) => a - b)) {
    const found = await readJson(fileSystem, arrayPath(slurmArrayFolder(workspace, study, number)), slurmArraySchema).catch(() => null)
    if (found) arrays.push({ ...found, number })
  }
  return arrays
}

/** Throws StorageError `not-found` or `damaged`. */
export async function readSlurmArray(workspace: Workspace, study: string, number: number): Promise<SlurmArray> {
  const folder = slurmArrayFolder(workspace, study, number)
  const found = await readJson(workspace.fileSystem, arrayPath(folder), slurmArraySchema)
  if (!found) throw new StorageError('not-found', `study ${study} has no job array ${number} (${folder})`)
  return { ...found, number }
}

/** Writes what is to be submitted under the next free number, which of several callers one gets. `script` is given the folder. */
export async function addSlurmArray(
  workspace: Workspace,
  study: string,
  array: Omit<SlurmArray, 'number'>,
  script: (folder: string, number: number) => string
): Promise<SlurmArray> {
  const { fileSystem } = workspace
  const parent = slurmFolder(workspace, study)
  return translating(`write ${parent}`, async () => {
    await fileSystem.makeFolder(parent)
    for (let number = 1; ; number++) {
      const folder = slurmArrayFolder(workspace, study, number)
      try {
        await fileSystem.makeNewFolder(folder)
      } catch (error) {
        if (systemCodeOf(error) === 'EEXIST') continue
        throw error
      }
      await writeAtomically(fileSystem, join(folder, slurmScript), script(folder, number))
      await writeJson(fileSystem, arrayPath(folder), array)
      return { ...array, number }
    }
  })
}

/** Records the id that Slurm gave it. */
export async function recordSlurmJob(
  workspace: Workspace,
  study: string,
  { number, ...array }: SlurmArray,
  job: string
): Promise<SlurmArray> {
  await writeJson(workspace.fileSystem, arrayPath(slurmArrayFolder(workspace, study, number)), { ...array, job })
  return { ...array, number, job }
}

/** Takes back one that was not submitted. */
export async function dropSlurmArray(workspace: Workspace, study: string, number: number): Promise<void> {
  await workspace.fileSystem.remove(slurmArrayFolder(workspace, study, number))
}

/** What study.json says of them. */
export const slurmRecord = ({ shares, ...array }: SlurmArray) => ({
  ...array,
  jobs: shares.length,
  runs: shares.reduce((sum, share) => sum + share.length, 0)
})
