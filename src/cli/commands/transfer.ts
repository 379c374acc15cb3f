// `export RUN… --out PATH` and `import PATH`.
import { importRunWithSpectrum } from '../../engine-process/import-run'
import type { ExportFormat } from '../../shared/run/export-formats'
import { realFileSystem } from '../../store'
import { isModelPath } from '../../store/models'
import { exportRuns } from '../../store/transfer'
import { printJson, readableWorkspace, say, stopSignal, userPath, writableWorkspace, type WorkspaceOptions } from '../context'
import { UsageError } from '../ending'
import { withProgress } from '../with-progress'
import { importModelOne, type ModelOptions } from './models'

export async function exportThem(
  ids: readonly string[],
  options: WorkspaceOptions & { readonly out: string; readonly format?: ExportFormat }
): Promise<void> {
  const workspace = readableWorkspace(options)
  const stop = stopSignal(() => say('\nstopping…'))
  try {
    const format = options.format ?? (ids.length === 1 && options.out.toLowerCase().endsWith('.zip') ? 'zip' : 'folder')
    const { path, files, notes } = await exportRuns(workspace, ids, format, userPath(options.out), { signal: stop.signal })
    for (const note of notes) say(note)
    if (options.json) printJson({ ...(ids.length === 1 ? { run: ids[0] } : { runs: ids }), format, path, files, notes })
    else say(`exported ${ids.join(', ')} to ${path}: ${files} ${files === 1 ? 'file' : 'files'}`)
  } finally {
    stop.dispose()
  }
}

/** What only networks are imported with. */
const ofNetworks = [
  'data',
  'activation',
  'outputActivation',
  'loss',
  'order',
  'expectLoss',
  'targets',
  'transforms',
  'trainLimit',
  'name'
] as const

export async function importOne(path: string, options: ModelOptions): Promise<void> {
  if (options.data !== undefined || (await isModelPath(realFileSystem, userPath(path)))) return importModelOne(path, options)
  const odd = ofNetworks.find((name) => options[name] !== undefined)
  if (odd !== undefined) throw new UsageError(`${path} is taken for no network; ${odd} can be said of networks only (with --data)`)
  const workspace = await writableWorkspace(options)
  const id = await withProgress((signal, { onPhase, onProgress }) =>
    importRunWithSpectrum(workspace, userPath(path), {
      ...(options.id === undefined ? {} : { id: options.id }),
      signal,
      onPhase,
      onProgress
    })
  )
  if (options.json) printJson({ run: id })
  else say(`imported as run ${id}`)
}
