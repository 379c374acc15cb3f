// Runs in the formats of others: tables, NumPy archives, TensorBoard's event files, notebooks and scripts for matplotlib.
import { join } from 'node:path'
import type { ExportFormat } from '../../shared/run/export-formats'
import { StorageError, translating } from '../files'
import { requireRun } from '../run-folder'
import type { Workspace } from '../workspace'
import { writingFile, zipChunks } from './copy'
import { exportRun, metricsCsv, requireZippable, summaryOf, type Exported } from './export'
import { figuresNotebook, figuresScript } from './figure-code'
import { figureArrays } from './figures'
import { placeOutside } from './place'
import { eventFile } from './tensorboard'

interface Written {
  readonly files: number
  readonly notes: readonly string[]
}

async function writeText(workspace: Workspace, path: string, text: string): Promise<void> {
  await writingFile(workspace.fileSystem, path, (append) => append(new TextEncoder().encode(text)))
}

async function writeArrays(workspace: Workspace, id: string, path: string, signal?: AbortSignal): Promise<readonly string[]> {
  const { members, notes } = await figureArrays(workspace, id)
  requireZippable(id, members)
  await writingFile(workspace.fileSystem, path, async (append) => {
    for await (const chunk of zipChunks(workspace.fileSystem, members, signal)) await append(chunk)
  })
  return notes
}

/** One run as one file of that format. */
async function writeOne(workspace: Workspace, id: string, format: 'csv' | 'npz', path: string, signal?: AbortSignal): Promise<Written> {
  if (format === 'npz') return { files: 1, notes: await writeArrays(workspace, id, path, signal) }
  const { csv, missing } = await metricsCsv(workspace, id)
  await writeText(workspace, path, csv)
  return { files: 1, notes: missing === null ? [] : [missing] }
}

/** A folder a run, as TensorBoard tells runs apart. */
async function writeEvents(workspace: Workspace, id: string, folder: string, signal?: AbortSignal): Promise<Written> {
  const { name, notes, chunks } = await eventFile(workspace, id)
  const own = join(folder, id)
  await translating(`write ${own}`, () => workspace.fileSystem.makeFolder(own))
  await writingFile(workspace.fileSystem, join(own, name), async (append) => {
    let held: Uint8Array[] = []
    let bytes = 0
    const flush = async () => {
      await append(Buffer.concat(held))
      held = []
      bytes = 0
    }
    for (const chunk of chunks()) {
      held.push(chunk)
      bytes += chunk.length
      if (bytes < 1_048_576) continue
      signal?.throwIfAborted()
      await flush()
    }
    await flush()
  })
  return { files: 1, notes }
}

async function writeDrawn(
  workspace: Workspace,
  ids: readonly string[],
  format: 'notebook' | 'matplotlib',
  folder: string,
  signal?: AbortSignal
): Promise<Written> {
  const runs = []
  const notes: string[] = []
  for (const id of ids) {
    runs.push(await summaryOf(workspace, id))
    const own = await writeArrays(workspace, id, join(folder, `${id}.npz`), signal)
    notes.push(...own.map((note) => `${id}: ${note}`))
  }
  if (format === 'notebook') await writeText(workspace, join(folder, 'notebook.ipynb'), figuresNotebook({ runs, notes }))
  else await writeText(workspace, join(folder, 'figures.py'), figuresScript({ runs, notes }))
  return { files: ids.length + 1, notes }
}

/**
 * Writes runs to `out`, complete under that name or not there. `csv`, `npz`, `zip` and `folder` of one run are that file or folder; of several a folder with
 * one each, named by the runs' ids. The other formats are a folder. Throws StorageError (`not-found`, `conflict` when `out` exists, `bad-input`).
 */
export async function exportRuns(
  workspace: Workspace,
  runs: readonly string[],
  format: ExportFormat,
  out: string,
  { signal }: { readonly signal?: AbortSignal } = {}
): Promise<Exported> {
  const ids = [...new Set(runs)]
  for (const id of ids) await requireRun(workspace, id)
  const zipNamed = /\.zip$/i.test(out)
  if (format !== 'zip' && zipNamed) throw new StorageError('bad-input', `${out}: --format ${format} makes no .zip; name it otherwise`)
  if (ids.length === 1 && (format === 'folder' || format === 'zip')) {
    if (format === 'zip' && !zipNamed) throw new StorageError('bad-input', `${out}: a zip's name ends in .zip`)
    return exportRun(workspace, ids[0], out, { signal })
  }
  if (ids.length > 1 && zipNamed)
    throw new StorageError('bad-input', `${out}: ${ids.length} runs become a folder with a zip each; leave .zip out of --out`)
  let files = 0
  const notes: string[] = []
  const count = (written: Written, prefix = '') => {
    files += written.files
    notes.push(...written.notes.map((note) => `${prefix}${note}`))
  }
  const path = await placeOutside(workspace.fileSystem, out, async (partial) => {
    const single = ids.length === 1 && (format === 'csv' || format === 'npz')
    if (single) return count(await writeOne(workspace, ids[0], format, partial, signal))
    await translating(`write ${partial}`, () => workspace.fileSystem.makeFolder(partial))
    if (format === 'notebook' || format === 'matplotlib') return count(await writeDrawn(workspace, ids, format, partial, signal))
    for (const id of ids) {
      signal?.throwIfAborted()
      if (format === 'tensorboard') count(await writeEvents(workspace, id, partial, signal), `${id}: `)
      else if (format === 'csv' || format === 'npz')
        count(await writeOne(workspace, id, format, join(partial, `${id}.${format}`), signal), `${id}: `)
      else count(await exportRun(workspace, id, join(partial, format === 'zip' ? `${id}.zip` : id), { signal }), `${id}: `)
    }
    return undefined
  })
  return { path, files, notes }
}
