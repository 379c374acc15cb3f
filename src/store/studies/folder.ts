// studies/<id>: study.json and the tables beside it, written whole or not at all.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import type { RunState } from '../../shared/run/schema'
import { cellsOf } from '../../shared/studies/cells'
import { storedStudy } from '../../shared/studies/check'
import type { StudyDetails } from '../../shared/studies/answers'
import type { KnownRun } from '../../shared/studies/details'
import type { Cell, StudySpec } from '../../shared/studies/spec'
import type { SlurmArray } from '../../shared/studies/slurm'
import { resultsCsv, summaryCsv } from '../../shared/studies/tables'
import { differences, type LeafDifference } from '../../shared/spec/leaves'
import {
  jsonText,
  partialEnding,
  readJson,
  removeWhole,
  StorageError,
  systemCodeOf,
  translating,
  writeAtomically,
  writeJson,
  writeParts
} from '../files'
import { holdLock, isLocked } from '../run-folder'
import { slug, type Workspace } from '../workspace'
import { readSlurmArrays, slurmRecord } from './slurm'
import { isStudyId, studiesFolder, studyFolder } from './study-path'
import { messageOf } from '../../shared/format/message-of'

export interface StoredStudy {
  readonly id: string
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly spec: StudySpec
  readonly cells: readonly Cell[]
}

/** How often whoever waits for his turn to write the tables asks for it. */
const writingPause = 200

const documentSchema = z.looseObject({ schemaVersion: z.literal(1), createdAt: z.string(), spec: z.unknown() })

const studyPath = (folder: string) => join(folder, 'study.json')
/** A name or the name of a file as a study id. */
export const studyIdOf = (name: string) => slug(name).slice(0, 48).replace(/-+$/, '')

/** An id of that name that no study and no run of one has. */
export async function freeStudyId(workspace: Workspace, name: string): Promise<string> {
  const taken = new Set(await workspace.fileSystem.list(studiesFolder(workspace)).catch(() => []))
  const runs = await workspace.fileSystem.list(join(workspace.folder, 'runs')).catch(() => [])
  for (const run of runs) taken.add(run.replace(/-\d{4}-\d+$/, ''))
  const base = studyIdOf(name).slice(0, 44).replace(/-+$/, '')
  for (let k = 1; ; k++) {
    const id = k === 1 ? base : `${base}-${k}`
    if (!taken.has(id)) return id
  }
}

type States = Readonly<Record<string, RunState | 'planned'>>

const documentOf = ({ createdAt, spec, cells }: Omit<StoredStudy, 'id'>, states: States, slurm: readonly SlurmArray[] = []) => ({
  schemaVersion: 1,
  name: spec.name,
  createdAt,
  spec,
  cells,
  states,
  ...(slurm.length === 0 ? {} : { slurm: slurm.map(slurmRecord) })
})

/** Throws StorageError (`not-found`, `damaged`, or `conflict` when a newer version wrote it). */
export async function readStudy(workspace: Workspace, id: string): Promise<StoredStudy> {
  const path = studyPath(studyFolder(workspace, id))
  const found = await readJson(workspace.fileSystem, path, documentSchema)
  if (!found) throw new StorageError('not-found', `there is no study "${id}" in this workspace`)
  const spec = storedStudy(found.spec)
  if (!spec) throw new StorageError('damaged', `${path}: its spec is no complete study`)
  try {
    return { id, createdAt: found.createdAt, spec, cells: cellsOf(spec, id) }
  } catch (error) {
    throw new StorageError('damaged', `${path}: ${messageOf(error)}`)
  }
}

/** What differs between a study and the one that is stored. */
export const studyDifferences = (here: StudySpec, there: StudySpec): LeafDifference[] => differences(here, there)

/** Makes the study, or finds it there with the same spec. Throws StorageError `conflict` naming what differs where another one has the id. */
export async function openStudy(workspace: Workspace, id: string, spec: StudySpec): Promise<StoredStudy> {
  const { fileSystem } = workspace
  const folder = studyFolder(workspace, id)
  const path = studyPath(folder)
  const made: StoredStudy = { id, createdAt: new Date().toISOString(), spec, cells: cellsOf(spec, id) }
  const prepared = `${path}.${randomBytes(4).toString('hex')}.new${partialEnding}`
  const isNew = await translating(`write ${path}`, async () => {
    if (await fileSystem.info(path)) return false
    await fileSystem.makeFolder(folder)
    await writeParts(fileSystem, prepared, [new TextEncoder().encode(jsonText(documentOf(made, {})))])
    try {
      await fileSystem.linkNew(prepared, path)
      await fileSystem.syncFolder(folder)
      return true
    } catch (error) {
      if (systemCodeOf(error) === 'EEXIST') return false
      throw error
    } finally {
      await fileSystem.remove(prepared)
    }
  })
  if (isNew) return made
  const stored = await readStudy(workspace, id)
  const [first, ...more] = studyDifferences(spec, stored.spec)
  if (first)
    throw new StorageError(
      'conflict',
      `there is another study "${id}": ${first.path} is ${first.there ?? 'not there'} in it, ${first.here ?? 'left out'} here${
        more.length === 0
          ? ''
          : ` (and ${more
              .map(({ path: where }) => where)
              .slice(0, 5)
              .join(', ')}${more.length > 5 ? ', …' : ''})`
      }; give this one another id, or remove that one`
    )
  return stored
}

export interface StudyLook {
  readonly details: StudyDetails
  readonly run: (id: string) => KnownRun | null
}

/**
 * Writes the tables of a study as it is when they are written: of several that work on it one looks and writes at a time, so that the last to look is
 * the last to write. Null, and nothing is written, where another process writes them now; with `patience` (milliseconds) that one is waited for, and
 * after it StorageError `locked` is thrown.
 */
export async function refreshStudyTables<Look extends StudyLook>(
  workspace: Workspace,
  stored: StoredStudy,
  look: () => Promise<Look>,
  patience = 0
): Promise<Look | null> {
  const { fileSystem } = workspace
  const path = join(studyFolder(workspace, stored.id), 'tables.lock.json')
  for (let waited = 0; ; waited += writingPause) {
    let began = false
    try {
      return await holdLock(fileSystem, path, async () => {
        began = true
        const seen = await look()
        await writeStudyTables(workspace, stored, seen)
        return seen
      })
    } catch (error) {
      if (!isLocked(error) || began) throw error
      if (patience === 0) return null
      if (waited >= patience) throw error
      await fileSystem.wait(writingPause)
    }
  }
}

/** study.json with the states, results.csv and summary.csv. */
async function writeStudyTables(workspace: Workspace, stored: StoredStudy, { details, run }: StudyLook): Promise<void> {
  const { fileSystem } = workspace
  const folder = studyFolder(workspace, stored.id)
  const states = Object.fromEntries(details.table.flatMap(({ runs }) => runs.map((one) => [one.run, one.state])))
  await writeAtomically(fileSystem, join(folder, 'results.csv'), resultsCsv(details, run))
  await writeAtomically(fileSystem, join(folder, 'summary.csv'), summaryCsv(details))
  await writeJson(fileSystem, studyPath(folder), documentOf(stored, states, await readSlurmArrays(workspace, stored.id)))
}

/** What a killed process left in the folder; one that writes right now writes again. */
export async function sweepStudy(workspace: Workspace, id: string): Promise<void> {
  const folder = studyFolder(workspace, id)
  for (const name of await workspace.fileSystem.list(folder))
    if (name.endsWith(partialEnding)) await workspace.fileSystem.remove(join(folder, name)).catch(() => undefined)
}

/** Every study, damaged ones with the sentence that says why. */
export async function listStudies(
  workspace: Workspace
): Promise<({ readonly id: string } & ({ study: StoredStudy } | { damage: string }))[]> {
  const names = await workspace.fileSystem.list(studiesFolder(workspace)).catch(() => [])
  return Promise.all(
    names.filter(isStudyId).map(async (id) => {
      try {
        return { id, study: await readStudy(workspace, id) }
      } catch (error) {
        return { id, damage: messageOf(error) }
      }
    })
  )
}

/** Deletes the study's own folder for good; its runs stay. Throws StorageError `not-found`. */
export async function removeStudy(workspace: Workspace, id: string): Promise<void> {
  const folder = studyFolder(workspace, id)
  if (!(await workspace.fileSystem.info(folder))) throw new StorageError('not-found', `there is no study "${id}" in this workspace`)
  await removeWhole(workspace.fileSystem, folder)
}
