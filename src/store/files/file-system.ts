// The file operations the store writes with, as a plain object of functions, so that tests can fail or cut off any one of them.
import * as nodeFs from 'node:fs'
import { copyFile, link, lstat, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StorageError, systemCodeOf } from './storage-error'

/** `read`: must exist; `create`: emptied or made; `exclusive`: must not exist yet; `update`: kept or made, read and write. */
export type OpenMode = 'read' | 'create' | 'exclusive' | 'update'

export interface OpenFile {
  /** Writes all of `bytes` at `position`. */
  write(bytes: Uint8Array, position: number): Promise<void>
  /** Fills `into` from `position`; returns the bytes read, fewer only at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>
  bytes(): Promise<number>
  truncate(bytes: number): Promise<void>
  /** Contents reach the disk before this returns. */
  sync(): Promise<void>
  close(): Promise<void>
}

export interface FileInfo {
  readonly kind: 'file' | 'folder' | 'other'
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly modified: number
  /** Another number after the file was replaced by another (inode); not to be relied on alone. */
  readonly identity: number
}

export interface FileSystem {
  readonly platform: NodeJS.Platform
  open(path: string, mode: OpenMode): Promise<OpenFile>
  readFile(path: string): Promise<Uint8Array>
  /** Null when there is nothing of that name. Links are followed. */
  info(path: string): Promise<FileInfo | null>
  /** True for a symbolic link, wherever it leads. */
  isLink(path: string): Promise<boolean>
  /** Names in a folder, sorted; empty when it does not exist. */
  list(path: string): Promise<string[]>
  makeFolder(path: string): Promise<void>
  /** Fails with EEXIST when the folder is there already. */
  makeNewFolder(path: string): Promise<void>
  /** Replaces a file of that name; fails over a folder that is not empty. */
  rename(from: string, to: string): Promise<void>
  /** Gives a complete file a second name, in one operation; fails with EEXIST when there is something of that name. */
  linkNew(from: string, to: string): Promise<void>
  /** A file or a folder with all it holds; nothing happens when it does not exist. */
  remove(path: string): Promise<void>
  /** Renames in this folder reach the disk before this returns (no such thing on Windows). */
  syncFolder(path: string): Promise<void>
  /** Free bytes for this user on the path's drive; null where that is not known. */
  freeBytes(path: string): Promise<number | null>
  wait(milliseconds: number): Promise<void>
}

/** No call of the operating system reads or writes 2 GiB or more. */
const mostAtOnce = 2 ** 30

const flags: Readonly<Record<OpenMode, string>> = { read: 'r', create: 'w+', exclusive: 'wx+', update: 'r+' }

/** A pipe would be waited for without end, and a device may be read without end. */
async function requireFile(path: string): Promise<void> {
  const found = await stat(path)
  if (!found.isFile() && !found.isDirectory()) throw new StorageError('bad-input', `${path}: is a device, a pipe or a socket, not a file`)
}

async function openReal(path: string, mode: OpenMode): Promise<OpenFile> {
  if (mode === 'read') await requireFile(path)
  const handle = await open(path, flags[mode]).catch((error: unknown) => {
    if (mode === 'update' && systemCodeOf(error) === 'ENOENT') return open(path, 'wx+')
    throw error
  })
  return {
    async write(bytes, position) {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await handle.write(bytes, done, Math.min(bytes.length - done, mostAtOnce), position + done)
        done += bytesWritten
      }
    },
    async read(into, position) {
      let done = 0
      while (done < into.length) {
        const { bytesRead } = await handle.read(into, done, Math.min(into.length - done, mostAtOnce), position + done)
        if (bytesRead === 0) break
        done += bytesRead
      }
      return done
    },
    bytes: async () => (await handle.stat()).size,
    truncate: (bytes) => handle.truncate(bytes),
    sync: () => handle.sync(),
    close: () => handle.close()
  }
}

async function syncFolderReal(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

type StatFs = (
  path: string,
  done: (error: Error | null, stats: { readonly bavail: number; readonly bsize: number } | undefined) => void
) => void

/** `fs.statfs` came with Node 18.15; older Electrons do without the figure. */
async function freeBytesReal(path: string): Promise<number | null> {
  const statfs = (nodeFs as { readonly statfs?: StatFs }).statfs
  if (!statfs) return null
  const found = await new Promise<number | null>((resolve) =>
    statfs(path, (error, stats) => resolve(error || !stats ? null : stats.bavail * stats.bsize))
  )
  if (found !== null || dirname(path) === path) return found
  return freeBytesReal(dirname(path))
}

const kindOf = (stats: nodeFs.Stats): FileInfo['kind'] => (stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other')

/** Makes a folder and those above it. Not Node's own `recursive`, which never returns where a parent cannot be made and says ENOENT (as in /proc). */
async function makeFolders(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'ENOENT' && dirname(path) !== path) {
      await makeFolders(dirname(path))
      // A parent that is there and a child that still cannot be made: the second error is the answer.
      await makeOne(path)
    } else await acceptFolder(path, error)
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    await acceptFolder(path, error)
  }
}

/** Somebody else made it meanwhile, or it was there: fine when it is a folder. */
async function acceptFolder(path: string, reason: unknown): Promise<void> {
  const found = await stat(path).catch(() => null)
  if (!found?.isDirectory()) throw reason
}

/** The real disk. */
export const realFileSystem: FileSystem = {
  platform: process.platform,
  open: openReal,
  async readFile(path) {
    await requireFile(path)
    return readFile(path)
  },
  info: (path) =>
    stat(path).then(
      (stats) => ({ kind: kindOf(stats), bytes: stats.size, modified: stats.mtimeMs, identity: stats.ino }),
      (error: unknown) => {
        if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR') return null
        throw error
      }
    ),
  isLink: async (path) => (await lstat(path)).isSymbolicLink(),
  list: (path) =>
    readdir(path).then(
      (names) => names.sort(),
      (error: unknown) => {
        if (systemCodeOf(error) === 'ENOENT') return []
        throw error
      }
    ),
  makeFolder: makeFolders,
  makeNewFolder: (path) => mkdir(path),
  rename,
  linkNew: (from, to) =>
    link(from, to).catch((error: unknown) => {
      if (systemCodeOf(error) === 'EEXIST') throw error
      // FAT and some network drives have no hard links.
      return copyFile(from, to, nodeFs.constants.COPYFILE_EXCL)
    }),
  remove: (path) => rm(path, { recursive: true, force: true, maxRetries: 5 }),
  syncFolder: syncFolderReal,
  freeBytes: freeBytesReal,
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))
}
