// One file of a run's folder, to be sent or copied out: inside that folder, and no link on the way to it.
import { basename, dirname, join, resolve } from 'node:path'
import { partialEnding, renamePatiently, StorageError, translating } from '../files'
import { pathFault } from '../formats/path-fault'
import { runFolder, runsFolder } from '../run-folder'
import type { Workspace } from '../workspace'
import { copyFile, type CopyOptions } from './copy'

export interface RunFile {
  readonly path: string
  /** At the moment of asking: a running run's files grow. */
  readonly bytes: number
}

/** `name` is the file's path in the run's folder, "/" between parts. Throws StorageError (`bad-input`, `not-found`). */
export async function openRunFile(workspace: Workspace, id: string, name: string): Promise<RunFile> {
  const { fileSystem } = workspace
  const shown = name.slice(0, 200)
  const parts = name.split('/')
  const fault =
    pathFault(name) ?? (parts.includes('') || /[\\\p{C}]/u.test(name) ? 'is no plain path' : name.length > 1000 ? 'is too long' : null)
  if (fault) throw new StorageError('bad-input', `"${shown}" ${fault}`)
  runFolder(workspace, id)
  let path = runsFolder(workspace)
  for (const part of [id, ...parts]) {
    path = join(path, part)
    const missing = new StorageError('not-found', `run "${id}" has no file ${shown}`)
    if (!(await translating(`read ${path}`, () => fileSystem.info(path)))) throw missing
    if (await translating(`read ${path}`, () => fileSystem.isLink(path)))
      throw new StorageError('bad-input', `${shown} of run "${id}" is a link; links are not followed`)
  }
  const info = await translating(`read ${path}`, () => fileSystem.info(path))
  if (info?.kind !== 'file') throw new StorageError('not-found', `run "${id}" has no file ${shown}`)
  return { path, bytes: info.bytes }
}

/** Copies one file of a run to a place outside the workspace; what is there is replaced once the copy is complete. */
export async function copyRunFile(workspace: Workspace, id: string, name: string, out: string, options: CopyOptions = {}): Promise<number> {
  const { fileSystem } = workspace
  const { path, bytes } = await openRunFile(workspace, id, name)
  const to = resolve(out)
  const partial = join(dirname(to), `${basename(to)}${partialEnding}`)
  try {
    await copyFile(fileSystem, path, partial, { ...options, to: bytes })
    await translating(`write ${to}`, () => renamePatiently(fileSystem, partial, to))
  } catch (error) {
    await fileSystem.remove(partial).catch(() => undefined)
    throw error
  }
  return bytes
}
