// Ids of studies and where each lies.
import { join } from 'node:path'
import { deviceNames } from '../../shared/spec/schema'
import { studyIdPattern } from '../../shared/studies/spec'
import { StorageError } from '../files'
import type { Workspace } from '../workspace'

export const studiesFolder = (workspace: Workspace) => join(workspace.folder, 'studies')
export const isStudyId = (id: string) => studyIdPattern.test(id) && !deviceNames.test(id)

/** Throws StorageError `bad-input` for what is no id of a study: the ids of its runs are made of it. */
export function requireStudyId(id: string): string {
  if (isStudyId(id)) return id
  throw new StorageError(
    'bad-input',
    `study id "${id.slice(0, 80)}": must be 1 to 50 of a-z, 0-9 and "-", starting with a letter or digit, and no name of a device on Windows`
  )
}

export const studyFolder = (workspace: Workspace, id: string) => join(studiesFolder(workspace), requireStudyId(id))
