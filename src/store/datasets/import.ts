// One way in for every importable thing: recognizes what a path holds and reads it; `importDataset` installs it into a workspace.
import { basename, dirname, resolve } from 'node:path'
import { cifarLayoutOf, isIdxName, isKnownName } from '../../shared/datasets/known-files'
import type { CsvOptions, DatasetManifest } from '../../shared/datasets/schema'
import { NpyError } from '../../shared/npy'
import { fileStart, toStorageError, type FileSystem } from '../files'
import type { Workspace } from '../workspace'
import { badData, badInput } from '../formats/data-error'
import type { DatasetSource } from '../../engine/data/dataset'
import { archiveFiles, folderFiles, folderOf, pathKind, zipFiles, type FileSet } from './file-set'
import { importCifar } from './import-cifar'
import { importCsv } from './import-csv'
import { importIdx } from './import-idx'
import { importNpz } from './import-own'
import { installDataset, type InstallOptions } from './install'
import { checkDatasetId, type JobOptions } from './installed'

const baseOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)

const readable =
  'CIFAR-10 or CIFAR-100 (python or binary version: .tar.gz, .zip or its unpacked folder), MNIST’s IDX files (also in a .zip), .npz with x and y, or .csv'

/** The first folder of the set that holds a known layout. */
async function importSet(files: FileSet): Promise<DatasetSource> {
  const folders = [...new Set(files.paths.map(folderOf))].sort((a, b) => a.length - b.length)
  for (const folder of folders) {
    const bases = new Set(files.paths.filter((path) => folderOf(path) === folder).map(baseOf))
    const layout = cifarLayoutOf(bases)
    if (layout) return importCifar(files, folder, layout)
    if ([...bases].some(isIdxName)) return importIdx(files, folder)
  }
  throw badData(`${files.name}: holds no dataset that is known here; what can be read is ${readable}`)
}

const isCsvName = (base: string) => /\.(csv|tsv|txt)$/i.test(base)

async function readSource(fileSystem: FileSystem, path: string, options: ReadOptions): Promise<DatasetSource> {
  const kind = await pathKind(fileSystem, path)
  const base = basename(path)
  const given = Object.entries(options.csv ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  if (given.length > 0 && (kind === 'folder' || !isCsvName(base)))
    throw badInput(`${base}: is no .csv, .tsv or .txt file; ${given.join(', ')} can be said of such files only`)
  if (kind === 'folder') return importSet(await folderFiles(fileSystem, path))
  if (isKnownName(base)) {
    // One file of a layout stands for the files beside it.
    const beside = await folderFiles(fileSystem, dirname(path))
    return importSet({ ...beside, paths: beside.paths.filter((name) => folderOf(name) === '' && isKnownName(name)) })
  }
  const start = await fileStart(fileSystem, path, 4)
  if (isCsvName(base)) return importCsv(fileSystem, path, options.csv ?? {}, options)
  if (/\.npz$/i.test(base)) return importNpz(fileSystem, path)
  if (start[0] === 0x50 && start[1] === 0x4b) {
    const files = await zipFiles(fileSystem, path, isKnownName, options)
    return files === null ? importNpz(fileSystem, path) : importSet(files)
  }
  if ((start[0] === 0x1f && start[1] === 0x8b) || /\.tar$/i.test(base))
    return importSet(await archiveFiles(fileSystem, path, isKnownName, options))
  throw badData(`${base}: is no dataset that is known here; what can be read is ${readable}`)
}

export interface ReadOptions extends JobOptions {
  /** How a file of separated values is to be read; refused for anything else. */
  readonly csv?: CsvOptions
}

/** Reads what a path holds into memory, without installing it. Throws one sentence naming file and place. */
export async function readDatasetSource(fileSystem: FileSystem, path: string, options: ReadOptions = {}): Promise<DatasetSource> {
  options.signal?.throwIfAborted()
  try {
    return await readSource(fileSystem, resolve(path), options)
  } catch (error) {
    if (error instanceof NpyError) throw badData(error.message)
    if (options.signal?.aborted) throw error
    throw toStorageError(error, `read ${path}`)
  }
}

export interface ImportOptions extends InstallOptions, Pick<ReadOptions, 'csv'> {
  /** Left out: the known set's own id, or one made from the file's name. */
  readonly id?: string
}

/**
 * Reads an archive, folder or file and installs it as `datasets/<id>/`. Atomic: a killed or failed import leaves nothing that lists.
 * The same data again is no error. Throws one sentence: what, where, what would be right.
 */
export async function importDataset(workspace: Workspace, path: string, options: ImportOptions = {}): Promise<DatasetManifest> {
  if (options.id !== undefined) checkDatasetId(options.id)
  const { signal, csv } = options
  const source = await readDatasetSource(workspace.fileSystem, path, {
    signal,
    csv,
    onProgress: (fraction) => options.onProgress?.(fraction * 0.6)
  })
  const description = { ...source.description, id: options.id ?? source.description.id }
  return installDataset(
    workspace,
    { ...source, description },
    { ...options, onProgress: (fraction) => options.onProgress?.(0.6 + fraction * 0.4) }
  )
}
