// What the paths that a person opened hold: each is looked at where it lies, and nothing is taken on its word.
import { basename, isAbsolute, resolve } from 'node:path'
import { recognize, type Recognized } from '../../shared/open-kinds'
import { fileSource, isDevicePath, StorageError, translating, type FileSystem } from '../files'
import { folderFiles, pathKind } from '../datasets/file-set'

async function look(fileSystem: FileSystem, path: string): Promise<Recognized & { readonly bytes: number }> {
  const name = basename(path)
  if ((await pathKind(fileSystem, path)) === 'folder') {
    const names = await fileSystem.list(path)
    if (names.includes('runs') && names.includes('datasets'))
      return { name, why: `${name} is a workspace: in the desktop app “Open another workspace…” opens it`, bytes: 0 }
    const { paths } = await folderFiles(fileSystem, path)
    const none = async () => new Uint8Array(0)
    return { ...(await recognize({ name, isFolder: true, bytes: 0, read: none, list: async () => paths })), bytes: 0 }
  }
  const file = await fileSystem.open(path, 'read')
  try {
    const bytes = await file.bytes()
    return { ...(await recognize({ ...fileSource(file, path, bytes), name, isFolder: false, list: async () => [] })), bytes }
  } finally {
    await file.close()
  }
}

/** Never throws for what is wrong with the path: that is its answer. */
export async function recognizePath(fileSystem: FileSystem, path: string): Promise<Recognized & { readonly bytes: number }> {
  const name = basename(path)
  if (!isAbsolute(path) || path.includes('\0') || isDevicePath(path))
    return { name, why: `"${path.slice(0, 200)}" is no absolute path`, bytes: 0 }
  try {
    return await translating(`read ${path}`, () => look(fileSystem, resolve(path)))
  } catch (error) {
    if (error instanceof StorageError) return { name, why: error.message, bytes: 0 }
    throw error
  }
}
