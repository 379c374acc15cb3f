// Ids of runs (and comparisons, datasets): folder names that work on every system.
import { join } from 'node:path'
import { deviceNames, runIdPattern } from '../../shared/spec/schema'
import { StorageError, type FileSystem } from '../files'

/** Throws StorageError `bad-input` saying what is wrong with the id. */
export function requireId(id: string, what = 'run id'): string {
  if (!runIdPattern.test(id))
    throw new StorageError(
      'bad-input',
      `${what} "${id.slice(0, 80)}": must be 1 to 64 of a-z, 0-9 and "-", starting with a letter or digit`
    )
  if (deviceNames.test(id)) throw new StorageError('bad-input', `${what} "${id}": is the name of a device on Windows; choose another`)
  return id
}

export function isId(name: string): boolean {
  return runIdPattern.test(name) && !deviceNames.test(name)
}

/** A name as an id: lower case, "-" for everything else, at most 48 letters. */
export function slug(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48)
    .replace(/-+$/, '')
  return plain === '' || deviceNames.test(plain) ? `run-${plain}`.replace(/-$/, '') : plain
}

/** Makes and claims a new folder in `parent` named after `name`: name, name-2, name-3, … */
export async function makeUniqueFolder(fileSystem: FileSystem, parent: string, name: string): Promise<string> {
  const base = slug(name)
  const taken = new Set((await fileSystem.list(parent)).map((existing) => existing.toLowerCase()))
  for (let k = 1; ; k++) {
    const id = k === 1 ? base : `${base}-${k}`
    if (taken.has(id)) continue
    try {
      await fileSystem.makeNewFolder(join(parent, id))
      return id
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
}
