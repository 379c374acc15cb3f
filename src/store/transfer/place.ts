// What leaves the workspace: complete under its name, or not there.
import { basename, dirname, join, resolve } from 'node:path'
import { partialEnding, renamePatiently, StorageError, translating, type FileSystem } from '../files'

/**
 * `work` makes a file or a folder under the path it is given, which then takes the name `out`. Returns that path. Throws StorageError (`conflict` when there
 * is something already; an empty folder is nothing).
 */
export async function placeOutside(fileSystem: FileSystem, out: string, work: (partial: string) => Promise<void>): Promise<string> {
  const path = resolve(out)
  const existing = await translating(`write ${path}`, () => fileSystem.info(path))
  if (existing && !(existing.kind === 'folder' && (await fileSystem.list(path)).length === 0))
    throw new StorageError('conflict', `${path} exists already; choose another --out or remove it`)
  const partial = join(dirname(path), `${basename(path)}${partialEnding}`)
  try {
    await translating(`write ${partial}`, () => fileSystem.remove(partial))
    await work(partial)
    if (existing) await fileSystem.remove(path)
    await translating(`write ${path}`, () => renamePatiently(fileSystem, partial, path))
  } catch (error) {
    await fileSystem.remove(partial).catch(() => undefined)
    throw error
  }
  return path
}
