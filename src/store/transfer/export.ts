// A run as a folder or a zip that a notebook opens and `import` takes back.
import { basename, dirname, join } from 'node:path'
import { csvLine } from '../../shared/csv'
import { storedZipBytes } from '../../shared/npy'
import type { RunSummary } from '../../shared/run/summary'
import { StorageError, translating, type FileSystem } from '../files'
import { isDerived, metricsService } from '../metrics'
import { lossText, runFolder, setAsideFolder, specPath } from '../run-folder'
import { summarize } from '../run-index'
import type { Workspace } from '../workspace'
import { copyFile, writingFile, zipChunks, type ArchiveMember } from './copy'
import { belongsToRun } from './names'
import { placeOutside } from './place'
import { notebookText, readmeText } from './readme'

/** Paths of the run's files below its folder, "/" between parts. */
export async function runFiles(fileSystem: FileSystem, folder: string): Promise<{ readonly name: string; readonly bytes: number }[]> {
  const found: { name: string; bytes: number }[] = []
  const walk = async (below: string): Promise<void> => {
    for (const name of await fileSystem.list(join(folder, below))) {
      const path = below === '' ? name : `${below}/${name}`
      const info = await fileSystem.info(join(folder, path))
      if (info?.kind === 'folder') await walk(path)
      else if (info?.kind === 'file') found.push({ name: path, bytes: info.bytes })
    }
  }
  await translating(`read ${folder}`, () => walk(''))
  return found
}

/** metrics.csv: every figure of the lines a column, a step a row (empty cells where a step has no line); and what is missing, null when nothing is. */
export async function metricsCsv(workspace: Workspace, id: string): Promise<{ readonly csv: string; readonly missing: string | null }> {
  const service = metricsService(workspace, 1)
  const available = (await service.read(id, { columns: [] })).available.filter((name) => !isDerived(name))
  const { steps, columns, ...lost } = await service.read(id, { columns: available })
  const held = available.map((name) => columns[name])
  const lines = [csvLine(['step', ...available])]
  for (let k = 0; k < steps.length; k++) lines.push(csvLine([steps[k], ...held.map((column) => column[k])]))
  return { csv: lines.join(''), missing: lossText(lost) }
}

function setAsideNote(files: readonly { readonly name: string }[], folder: string): string[] {
  const place = setAsideFolder(folder)
  const count = files.filter(({ name }) => name.startsWith(`${basename(place)}/`)).length
  return count === 0 ? [] : [`${count} file${count === 1 ? '' : 's'} that damage took out of the run's way stay in ${place}`]
}

export async function summaryOf(workspace: Workspace, id: string): Promise<RunSummary> {
  const folder = runFolder(workspace, id)
  const { fileSystem } = workspace
  const bytes = async (name: string) => ((await fileSystem.info(join(folder, name))) ? fileSystem.readFile(join(folder, name)) : null)
  const spec = await translating(`read ${specPath(folder)}`, () => bytes('spec.json'))
  if (spec === null) throw new StorageError('not-found', `there is no run "${id}" in this workspace`)
  return summarize(id, { spec, meta: await bytes('meta.json'), status: await bytes('status.json') }).summary
}

interface Collected {
  readonly members: readonly ArchiveMember[]
  readonly notes: readonly string[]
}

/** All that an export holds, in its order. Throws StorageError (`not-found`). */
async function collectRun(workspace: Workspace, id: string): Promise<Collected> {
  const { fileSystem } = workspace
  const folder = runFolder(workspace, id)
  const summary = await summaryOf(workspace, id)
  const { csv, missing } = await metricsCsv(workspace, id)
  const files = await runFiles(fileSystem, folder)
  const notes = [
    ...(summary.damage === null ? [] : [summary.damage]),
    ...(missing === null ? [] : [missing]),
    ...setAsideNote(files, folder)
  ]
  const text = (name: string, written: string): ArchiveMember => {
    const content = new TextEncoder().encode(written)
    return { name, content, bytes: content.length }
  }
  const members = [
    text('README.md', readmeText(summary, notes)),
    text('notebook.py', notebookText()),
    text('metrics.csv', csv),
    ...files.filter(({ name }) => belongsToRun(name)).map(({ name, bytes }): ArchiveMember => ({ name, bytes, path: join(folder, name) }))
  ]
  return { members, notes }
}

/** Beyond it a zip needs other records than ours. */
const largestZip = 0xffff_ffff

export function requireZippable(id: string, members: readonly ArchiveMember[]): number {
  const bytes = storedZipBytes(members)
  if (bytes > largestZip || members.length > 65_534)
    throw new StorageError('too-large', `run "${id}" is larger than the 4 GiB or 65,534 files of a zip: export it as a folder instead`)
  return bytes
}

/** The run as a zip to be sent somewhere: its exact length, and its bytes as they are asked for. Throws StorageError (`not-found`, `too-large`). */
export async function zippedRun(
  workspace: Workspace,
  id: string
): Promise<{ readonly bytes: number; readonly chunks: () => AsyncGenerator<Uint8Array, void> }> {
  const { members } = await collectRun(workspace, id)
  return { bytes: requireZippable(id, members), chunks: () => zipChunks(workspace.fileSystem, members) }
}

export interface Exported {
  readonly path: string
  readonly files: number
  /** What of the run is not in it, one sentence each; the README says it too. */
  readonly notes: readonly string[]
}

export interface ExportOptions {
  readonly signal?: AbortSignal
  /** Fraction done, 0…1. */
  readonly onProgress?: (fraction: number) => void
}

/**
 * Writes the run to `out`: a zip when it ends in .zip, else a new folder. Complete under that name or not there.
 * Throws StorageError (`not-found`, `conflict` when `out` exists).
 */
export async function exportRun(
  workspace: Workspace,
  id: string,
  out: string,
  { signal, onProgress }: ExportOptions = {}
): Promise<Exported> {
  const { fileSystem } = workspace
  const { members, notes } = await collectRun(workspace, id)
  const asZip = out.toLowerCase().endsWith('.zip')
  if (asZip) requireZippable(id, members)
  const total = members.reduce((sum, member) => sum + member.bytes, 1)
  let written = 0
  const onBytes = (bytes: number) => onProgress?.(Math.min(1, (written += bytes) / total))
  const path = await placeOutside(fileSystem, out, async (partial) => {
    if (asZip)
      await writingFile(fileSystem, partial, async (append) => {
        for await (const chunk of zipChunks(fileSystem, members, signal)) {
          await append(chunk)
          onBytes(chunk.length)
        }
      })
    else
      for (const member of members) {
        const to = join(partial, member.name)
        await translating(`write ${to}`, () => fileSystem.makeFolder(dirname(to)))
        if ('content' in member) {
          await writingFile(fileSystem, to, (append) => append(member.content))
          onBytes(member.bytes)
        } else await copyFile(fileSystem, member.path, to, { to: member.bytes, signal, onBytes })
      }
    signal?.throwIfAborted()
  })
  return { path, files: members.length, notes }
}
