// Writing so that whatever has its final name is complete: `.partial`, sync, rename, sync of the folder.
import { createHash, randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import type { FileSystem } from './file-system'
import { systemCodeOf, translating } from './storage-error'

export const partialEnding = '.partial'
/** How long a rename is tried again while a virus scanner or a reader holds the file open. */
const renamePatience = 2000

export interface WrittenFile {
  readonly bytes: number
  readonly sha256: string
}

/**
 * Renames, trying again for up to 2 s where another program may hold the file open for a moment: EBUSY anywhere, EPERM and EACCES on
 * Windows, where they mean the same.
 */
export async function renamePatiently(fileSystem: FileSystem, from: string, to: string): Promise<void> {
  let pause = 5
  for (let waited = 0; ; waited += pause, pause = Math.min(pause * 2, 250)) {
    try {
      return await fileSystem.rename(from, to)
    } catch (error) {
      const code = systemCodeOf(error)
      const passing = code === 'EBUSY' || (fileSystem.platform === 'win32' && (code === 'EPERM' || code === 'EACCES'))
      if (!passing || waited + pause > renamePatience) throw error
      await fileSystem.wait(pause)
    }
  }
}

/** Writes a file in pieces under its own name and syncs it. Only for files inside a folder that is itself `.partial`. */
export async function writeParts(fileSystem: FileSystem, path: string, parts: Iterable<Uint8Array>): Promise<WrittenFile> {
  return translating(`write ${path}`, async () => {
    const hash = createHash('sha256')
    const file = await fileSystem.open(path, 'create')
    let bytes = 0
    try {
      for (const part of parts) {
        await file.write(part, bytes)
        hash.update(part)
        bytes += part.length
      }
      await file.sync()
    } finally {
      await file.close()
    }
    return { bytes, sha256: hash.digest('hex') }
  })
}

/**
 * Replaces `path` by these bytes: a reader, and a reader after a crash, sees the old file or the new one, never half of one.
 * Throws StorageError; the leftover is removed where that is still possible.
 */
export async function writeAtomically(fileSystem: FileSystem, path: string, content: Uint8Array | string): Promise<WrittenFile> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return translating(`write ${path}`, async () => {
    for (let attempt = 0; ; attempt++) {
      const partial = `${path}.${randomBytes(4).toString('hex')}${partialEnding}`
      try {
        const written = await writeParts(fileSystem, partial, [bytes])
        await renamePatiently(fileSystem, partial, path)
        await fileSystem.syncFolder(dirname(path))
        return written
      } catch (error) {
        await fileSystem.remove(partial).catch(() => undefined)
        // Another process that took the run over has just cleaned up, and took this for a leftover.
        const swept = systemCodeOf(error) === 'ENOENT' && (await fileSystem.info(dirname(path))) !== null
        if (!swept || attempt >= 3) throw error
      }
    }
  })
}

/** Deletes a folder: out of sight in one operation, then for good, so that a crash leaves a leftover and never half of it. Throws StorageError. */
export function removeWhole(fileSystem: FileSystem, path: string): Promise<void> {
  return translating(`remove ${path}`, async () => {
    const leftover = `${path}${partialEnding}`
    await fileSystem.remove(leftover)
    await fileSystem.rename(path, leftover)
    await fileSystem.remove(leftover)
  })
}

/** JSON for people and programs: two spaces, a newline at the end. */
export function writeJson(fileSystem: FileSystem, path: string, value: unknown): Promise<WrittenFile> {
  return writeAtomically(fileSystem, path, jsonText(value))
}

/** What `writeJson` writes. */
export const jsonText = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

const replacedEnding = /\.old-[0-9a-f]{8}\.partial$/
/** True for the name under which `publishFolder` leaves an older folder when it is cut off. */
export const isReplaced = (name: string) => replacedEnding.test(name)
/** The name that such a folder had; null for any other. */
export const replacedName = (name: string): string | null => (isReplaced(name) ? name.replace(replacedEnding, '') : null)

/** Gives a finished `.partial` folder its final name. An older folder of that name is replaced; a crash in between leaves leftovers only. */
export async function publishFolder(fileSystem: FileSystem, partial: string, path: string): Promise<void> {
  await translating(`write ${path}`, async () => {
    await fileSystem.syncFolder(partial)
    if (await fileSystem.info(path)) {
      const old = `${path}.old-${randomBytes(4).toString('hex')}${partialEnding}`
      await renamePatiently(fileSystem, path, old)
      await renamePatiently(fileSystem, partial, path)
      await fileSystem.remove(old)
    } else await renamePatiently(fileSystem, partial, path)
    await fileSystem.syncFolder(dirname(path))
  })
}
