// Takes a run folder, or a zip of one, into the workspace. Nothing in it is trusted: names, links, lengths, checksums and schemas are checked first.
import { basename, dirname, join, resolve } from 'node:path'
import { analysisManifestSchema } from '../../shared/analyses/manifest'
import { checkpointStateSchema, metaSchema, snapshotManifestSchema, statusSchema } from '../../shared/run/schema'
import { NpyError, readZipDirectory, type ZipEntry } from '../../shared/npy'
import { fileSource, hashFile, readJson, renamePatiently, StorageError, translating, writeJson, type FileSystem } from '../files'
import { measureRun, metaPath, newImportFolder, runsFolder, specPath, statusPath, stepOf } from '../run-folder'
import { readSpecFile } from '../run-folder/documents'
import { isId, slug, type Workspace } from '../workspace'
import { copyFile, extractEntry, type CopyOptions } from './copy'
import { runFiles } from './export'
import { pathFault } from '../formats/path-fault'
import { loneManifest, stageSnapshot } from './import-snapshot'
import { belongsToRun } from './names'

/** A run of a hundred thousand snapshots is no run. */
const maximumFiles = 100_000

export interface ImportRunOptions {
  readonly id?: string
  readonly signal?: AbortSignal
  /** Fraction done, 0…1. */
  readonly onProgress?: (fraction: number) => void
}

interface Watching {
  readonly signal?: AbortSignal
  readonly onFraction: (fraction: number) => void
}

function counting(total: number, onFraction: (fraction: number) => void): NonNullable<CopyOptions['onBytes']> {
  let done = 0
  return (bytes) => onFraction(Math.min(1, (done += bytes) / Math.max(1, total)))
}

/** Of the work, how much is copying; the rest is comparing checksums. */
const copying = 0.7

async function refuseLinks(fileSystem: FileSystem, folder: string, name: string): Promise<void> {
  let path = folder
  for (const part of name.split('/')) {
    path = join(path, part)
    if (await fileSystem.isLink(path)) throw new StorageError('bad-input', `${path}: is a link; links are not followed on import`)
  }
}

async function copyFolder(fileSystem: FileSystem, from: string, to: string, { signal, onFraction }: Watching): Promise<void> {
  const files = (await runFiles(fileSystem, from)).filter(({ name }) => belongsToRun(name))
  if (files.length > maximumFiles)
    throw new StorageError('bad-input', `${from}: has ${files.length} files, more than the ${maximumFiles} allowed`)
  const onBytes = counting(
    files.reduce((sum, { bytes }) => sum + bytes, 0),
    onFraction
  )
  for (const { name } of files) {
    await refuseLinks(fileSystem, from, name)
    await fileSystem.makeFolder(dirname(join(to, name)))
    await copyFile(fileSystem, join(from, name), join(to, name), { signal, onBytes })
  }
}

/** The entries of the run in the archive, by their place in the run folder: the folder that holds the outermost spec.json. */
function entriesOfRun(archive: string, entries: readonly ZipEntry[]): Map<string, ZipEntry> {
  for (const entry of entries) {
    const fault = pathFault(entry.name)
    if (fault) throw new StorageError('bad-input', `${archive}: "${entry.name.slice(0, 200)}" ${fault}`)
    if (entry.kind === 'link') throw new StorageError('bad-input', `${archive}: ${entry.name} is a link; links are not followed on import`)
  }
  const specs = entries.map((entry) => entry.name).filter((name) => name === 'spec.json' || name.endsWith('/spec.json'))
  if (specs.length === 0) throw new StorageError('bad-input', `${archive}: has no spec.json, so it is no run`)
  const root = specs.sort((a, b) => a.length - b.length)[0].slice(0, -'spec.json'.length)
  const found = new Map<string, ZipEntry>()
  const lower = new Set<string>()
  for (const entry of entries) {
    const name = entry.name.slice(root.length)
    if (!entry.name.startsWith(root) || entry.kind !== 'file' || !belongsToRun(name)) continue
    if (lower.has(name.toLowerCase())) throw new StorageError('bad-input', `${archive}: ${entry.name} occurs twice, differing in case only`)
    lower.add(name.toLowerCase())
    found.set(name, entry)
  }
  return found
}

async function unpack(fileSystem: FileSystem, archive: string, to: string, { signal, onFraction }: Watching): Promise<void> {
  const file = await translating(`read ${archive}`, () => fileSystem.open(archive, 'read'))
  try {
    const source = fileSource(file, archive, await file.bytes())
    const entries = entriesOfRun(archive, await readZipDirectory(source))
    const total = [...entries.values()].reduce((sum, entry) => sum + entry.bytes, 0)
    const free = await fileSystem.freeBytes(dirname(to))
    if (free !== null && total > free)
      throw new StorageError('disk-full', `${archive}: unpacks to ${total} bytes, and the drive has ${free} free`)
    const onBytes = counting(total, onFraction)
    for (const [name, entry] of entries) {
      // Deflate expands at most 1032 : 1; a larger claim is a bomb or a lie.
      if (entry.bytes > entry.compressedBytes * 1032 + 64)
        throw new StorageError('bad-input', `${archive}: ${entry.name} declares ${entry.bytes} bytes from ${entry.compressedBytes}`)
      await translating(`write ${to}`, () => fileSystem.makeFolder(dirname(join(to, name))))
      await extractEntry(fileSystem, source, entry, join(to, name), { signal, onBytes })
    }
  } finally {
    await file.close()
  }
}

type Parts = 'checkpoints' | 'snapshots' | 'analyses'

/** The manifest of a checkpoint, snapshot or analysis; null when it is missing or of another step (or kind) than its folder's name. */
async function manifestOf(fileSystem: FileSystem, path: string, kind: Parts, name: string) {
  if (kind === 'analyses') {
    const manifest = await readJson(fileSystem, join(path, 'manifest.json'), analysisManifestSchema)
    return manifest && new RegExp(`^${manifest.step}(-\\d+)?$`).test(name.slice(manifest.kind.length + 1)) ? manifest : null
  }
  const manifest =
    kind === 'checkpoints'
      ? await readJson(fileSystem, join(path, 'state.json'), checkpointStateSchema)
      : await readJson(fileSystem, join(path, 'manifest.json'), snapshotManifestSchema)
  return manifest && manifest.step === stepOf(name) ? manifest : null
}

/** Every file of a finished checkpoint, snapshot or analysis is what its manifest says. */
async function verifySteps(fileSystem: FileSystem, folder: string, kind: Parts, { signal, onBytes }: CopyOptions): Promise<void> {
  for (const name of await fileSystem.list(join(folder, kind))) {
    const path = join(folder, kind, name)
    const manifest = await manifestOf(fileSystem, path, kind, name)
    if (!manifest) throw new StorageError('damaged', `${kind}/${name}: its manifest is missing or is of another step`)
    const listed = new Set(manifest.files.map((file) => file.name))
    for (const present of await fileSystem.list(path))
      if (!listed.has(present) && present !== 'state.json' && present !== 'manifest.json')
        throw new StorageError('damaged', `${kind}/${name}/${present}: is not in the manifest`)
    for (const file of manifest.files) {
      if (!belongsToRun(`${kind}/${name}/${file.name}`))
        throw new StorageError('damaged', `${kind}/${name}: "${file.name}" is no file of a run`)
      const { bytes, digest } = await hashFile(fileSystem, join(path, file.name), 'sha256', { signal })
      onBytes?.(bytes)
      if (bytes !== file.bytes || digest !== file.sha256)
        throw new StorageError('damaged', `${kind}/${name}/${file.name}: is not what its checksum says`)
    }
  }
}

/** Checks the copied run and gives it a state that is true here: nobody works on it. */
async function settle(fileSystem: FileSystem, folder: string, { signal, onFraction }: Watching): Promise<void> {
  if (!(await readSpecFile(fileSystem, specPath(folder)))) throw new StorageError('damaged', 'spec.json is missing')
  const status = await readJson(fileSystem, statusPath(folder), statusSchema)
  const meta = await readJson(fileSystem, metaPath(folder), metaSchema)
  if (!status || !meta) throw new StorageError('damaged', `${status ? 'meta.json' : 'status.json'} is missing`)
  const total = (await runFiles(fileSystem, folder)).reduce((sum, { bytes }) => sum + bytes, 0)
  const onBytes = counting(total, onFraction)
  await verifySteps(fileSystem, folder, 'checkpoints', { signal, onBytes })
  await verifySteps(fileSystem, folder, 'snapshots', { signal, onBytes })
  await verifySteps(fileSystem, folder, 'analyses', { signal, onBytes })
  const finished = status.state === 'done' || status.state === 'failed' || status.state === 'diverged'
  const figures = status.figures ? { ...status.figures, ...(await measureRun(fileSystem, folder)) } : null
  await writeJson(fileSystem, statusPath(folder), { ...status, figures, state: finished ? status.state : 'interrupted' })
}

/** Gives a finished folder its place among the runs: exactly `wanted`, or the first free name after it. Returns the id. */
export async function placeRun(workspace: Workspace, folder: string, wanted: string, exactly: boolean): Promise<string> {
  const { fileSystem } = workspace
  for (let k = 1; ; k++) {
    const id = k === 1 ? wanted : `${wanted.slice(0, 56)}-${k}`
    const to = join(runsFolder(workspace), id)
    if (!(await fileSystem.info(to))) {
      await translating(`write ${to}`, () => renamePatiently(fileSystem, folder, to))
      return id
    }
    if (exactly) throw new StorageError('conflict', `there is already a run "${id}"; choose another --id or remove it`)
  }
}

/** The same error in the user's terms: with the path that was given in place of the staging folder's. */
function named(error: unknown, staging: string, from: string): unknown {
  if (!(error instanceof StorageError || error instanceof NpyError)) return error
  const plain = error.message.replaceAll(staging, from)
  const message = plain.includes(from) ? plain : `${from}: ${plain}`
  return error instanceof NpyError ? new NpyError(message) : new StorageError(error.code, message, error.systemCode)
}

/**
 * Imports a run folder, a zip of one, or a folder that `hessian` made with a manifest; returns its id: `id`, else the folder's or file's own name, numbered when it is taken.
 * Throws StorageError or NpyError; the workspace is then as it was.
 */
export async function importRun(workspace: Workspace, path: string, { id, signal, onProgress }: ImportRunOptions = {}): Promise<string> {
  const { fileSystem } = workspace
  const from = resolve(path)
  const info = await translating(`read ${from}`, () => fileSystem.info(from))
  if (!info) throw new StorageError('not-found', `there is no file or folder ${from}`)
  if (info.kind === 'folder' && !(await fileSystem.info(join(from, 'spec.json'))))
    throw new StorageError('bad-input', `${from}: has no spec.json, so it is no run`)
  if (id !== undefined && !isId(id)) throw new StorageError('bad-input', `"${id}" is no run id`)
  await fileSystem.makeFolder(runsFolder(workspace))
  const folder = newImportFolder(workspace)
  try {
    await translating(`write ${folder}`, () => fileSystem.makeNewFolder(folder))
    const whileCopying = { signal, onFraction: (fraction: number) => onProgress?.(fraction * copying) }
    const lone = info.kind === 'folder' ? await loneManifest(fileSystem, from) : null
    if (lone !== null) {
      const onBytes = counting(
        lone.files.reduce((sum, { bytes }) => sum + bytes, 0),
        whileCopying.onFraction
      )
      await stageSnapshot(fileSystem, from, lone, folder, { signal, onBytes })
    } else if (info.kind === 'folder') await copyFolder(fileSystem, from, folder, whileCopying)
    else await unpack(fileSystem, from, folder, whileCopying)
    await settle(fileSystem, folder, { signal, onFraction: (fraction) => onProgress?.(copying + fraction * (1 - copying)) })
    signal?.throwIfAborted()
    return await placeRun(workspace, folder, id ?? slug(basename(from).replace(/\.(zip|saddlescope)$/i, '')), id !== undefined)
  } catch (error) {
    await fileSystem.remove(folder).catch(() => undefined)
    throw named(error, folder, from)
  }
}
