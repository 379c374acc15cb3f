// The files an importer may look at, alike for an unpacked folder and an archive: names with forward slashes, contents on demand.
import { basename, dirname, join, sep } from 'node:path'
import { readZipDirectory, readZipEntry, type ZipEntry, type ZipSource } from '../../shared/npy'
import { fileSource, StorageError, systemCodeOf, type FileSystem } from '../files'
import { badData, shown } from '../formats/data-error'
import { defaultTarLimits, readTar } from '../formats/tar'
import { pathFault } from '../formats/path-fault'
import type { JobOptions } from './installed'

export interface FileSet {
  /** What messages call it. */
  readonly name: string
  readonly paths: readonly string[]
  /** A file's bytes; the set forgets them, so that memory is free as soon as the caller lets go. */
  read(path: string): Promise<Uint8Array>
}

/** No file of the datasets read here comes near it, and an array buffer cannot be longer everywhere. */
const fileByteLimit = 2 ** 30
const folderEntryLimit = 10_000

/** Reads a whole file, refusing more than a gigabyte. */
export async function readWhole(fileSystem: FileSystem, path: string): Promise<Uint8Array> {
  const bytes = (await fileSystem.info(path))?.bytes ?? 0
  if (bytes > fileByteLimit)
    throw new StorageError('too-large', `${path}: has ${bytes} bytes, more than the ${fileByteLimit} that are read at once`)
  return fileSystem.readFile(path)
}

/** The files of a folder and of the folders in it; links to files count, links to folders do not. */
export async function folderFiles(fileSystem: FileSystem, folder: string): Promise<FileSet> {
  const paths: string[] = []
  const visit = async (relative: string, depth: number): Promise<void> => {
    for (const name of await fileSystem.list(join(folder, relative))) {
      const path = relative === '' ? name : `${relative}/${name}`
      const full = join(folder, relative, name)
      const info = await fileSystem.info(full).catch(async (error: unknown) => {
        // A link that leads nowhere, or in a circle, is no file.
        if (await fileSystem.isLink(full)) return null
        throw error
      })
      const kind = info?.kind
      if (kind === 'file') paths.push(path)
      else if (kind === 'folder' && depth < 1 && !(await fileSystem.isLink(full))) await visit(path, depth + 1)
      if (paths.length > folderEntryLimit)
        throw new StorageError('too-large', `${folder}: holds more than ${folderEntryLimit} files; give the dataset's own folder`)
    }
  }
  await visit('', 0)
  const read = (path: string) => readWhole(fileSystem, join(folder, path.split('/').join(sep)))
  return { name: basename(folder), paths: paths.sort(), read }
}

/** The files of an archive that any importer knows by name. */
export async function archiveFiles(
  fileSystem: FileSystem,
  path: string,
  wanted: (base: string) => boolean,
  options: JobOptions
): Promise<FileSet> {
  const files = await readTar(fileSystem, path, { ...options, wanted: (entry) => wanted(entry.slice(entry.lastIndexOf('/') + 1)) })
  return {
    name: basename(path),
    paths: [...files.keys()].sort(),
    read: async (entry) => {
      const bytes = files.get(entry)
      if (!bytes) throw badData(`${basename(path)}: has no entry ${entry}, or it was read before`)
      files.delete(entry)
      return bytes
    }
  }
}

/**
 * The files of a zip that any importer knows by name, read one by one when asked for; null where it holds NumPy arrays, so that it is an .npz by another
 * name. Entries that lead out of the archive, and links, are refused.
 */
export async function zipFiles(
  fileSystem: FileSystem,
  path: string,
  wanted: (base: string) => boolean,
  { signal }: JobOptions
): Promise<FileSet | null> {
  const name = basename(path)
  const open = async <T>(work: (source: ZipSource) => Promise<T>): Promise<T> => {
    const file = await fileSystem.open(path, 'read')
    try {
      return await work({ ...fileSource(file, path, await file.bytes()), name })
    } finally {
      await file.close()
    }
  }
  const all = await open(readZipDirectory)
  const files = new Map<string, ZipEntry>()
  for (const entry of all) {
    const fault = entry.kind === 'link' ? 'is a link' : pathFault(entry.name)
    if (fault) throw badData(`${name}: entry "${shown(entry.name)}" ${fault}; refused`)
    if (entry.kind === 'file' && wanted(entry.name.slice(entry.name.lastIndexOf('/') + 1))) files.set(entry.name, entry)
  }
  if (files.size === 0 && all.some((entry) => entry.name.endsWith('.npy'))) return null
  return {
    name,
    paths: [...files.keys()].sort(),
    async read(wantedPath) {
      signal?.throwIfAborted()
      const entry = files.get(wantedPath)
      if (!entry) throw badData(`${name}: has no entry ${wantedPath}`)
      return open((source) => readZipEntry(source, entry, defaultTarLimits.entryBytes))
    }
  }
}

/** What a path is, or one sentence that it is not there. */
export async function pathKind(fileSystem: FileSystem, path: string): Promise<'folder' | 'file'> {
  const found = await fileSystem.info(path).catch((error: unknown) => {
    if (systemCodeOf(error) !== 'EACCES') throw error
    throw new StorageError('not-found', `${path}: may not be read (permission denied)`)
  })
  if (!found) throw new StorageError('not-found', `${path}: there is no such file or folder`)
  if (found.kind === 'other') throw badData(`${path}: is neither a file nor a folder`)
  return found.kind
}

/** The folder part of a path inside a set, '' at its top. */
export function folderOf(path: string): string {
  const folder = dirname(path)
  return folder === '.' ? '' : folder
}
