// `export RUN… --out PATH` and `import PATH`.
import { exportForElpa, importFromElpa, isElpaFolder } from '../../engine-process/elpa'
import { importRunWithSpectrum } from '../../engine-process/import-run'
import { bytes } from '../../shared/format/bytes'
import { figure } from '../../shared/format/figures'
import type { ExportFormat } from '../../shared/run/export-formats'
import { matrixText, parseSnapshot } from '../../shared/run/matrix'
import { realFileSystem } from '../../store'
import { isModelPath } from '../../store/models'
import { exportRuns } from '../../store/transfer'
import { printJson, readableWorkspace, say, stopSignal, userPath, writableWorkspace, type WorkspaceOptions } from '../context'
import { UsageError } from '../ending'
import { withProgress } from '../with-progress'
import { importModelOne, type ModelOptions } from './models'

interface ExportOptions extends WorkspaceOptions {
  readonly out: string
  readonly format?: ExportFormat
  /** Only `elpa`. */
  readonly for?: string
  readonly vectors?: number
}

/** `export RUN:STEP[/BLOCK] --for elpa`. */
async function exportMatrix(places: readonly string[], { out, format, vectors = 8, ...options }: ExportOptions): Promise<void> {
  if (format !== undefined) throw new UsageError('--for elpa writes one folder of its own; --format is for runs')
  const target = places.length === 1 ? parseSnapshot(places[0]) : null
  if (!target)
    throw new UsageError(`--for elpa takes one matrix as RUN:STEP or RUN:STEP/BLOCK, such as sfn-mnist10:40, got "${places.join(' ')}"`)
  const workspace = readableWorkspace(options)
  const { path, about } = await withProgress((signal, display) =>
    exportForElpa(workspace, target, userPath(out), { vectors, signal, ...display })
  )
  if (options.json) return printJson({ path, ...about })
  say(
    `exported ${matrixText(about)} to ${path}: ${about.n} × ${about.n}, ${bytes(about.bytes)}; README.txt there says how to build and run driver.c`
  )
  return undefined
}

export async function exportThem(ids: readonly string[], options: ExportOptions): Promise<void> {
  if (options.for !== undefined) return exportMatrix(ids, options)
  if (options.vectors !== undefined) throw new UsageError('--vectors goes with --for elpa')
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

async function importSpectrum(path: string, options: ModelOptions & { readonly replace?: boolean }): Promise<void> {
  const odd = ['data' as const, 'id' as const, ...ofNetworks].find((name) => options[name] !== undefined)
  if (odd !== undefined)
    throw new UsageError(`${path} is the spectrum of a matrix that was exported; it goes to its own run, without ${odd}`)
  const workspace = await writableWorkspace(options)
  const { solved, ...found } = await withProgress((signal, display) =>
    importFromElpa(workspace, userPath(path), { replace: options.replace ?? false, signal, ...display })
  )
  if (options.json) return printJson({ ...found, solved })
  const { residual, trace, frobenius } = found.checks
  const text = (value: number | null) => figure(value ?? NaN, 2)
  say(
    `imported as the spectrum of ${matrixText(found)}, by ${solved.library} ${solved.version} on ${solved.ranks} ${solved.ranks === 1 ? 'rank' : 'ranks'}`
  )
  say(`residual ${text(residual)}, orthogonality ${text(solved.orthogonality)}, trace ${text(trace)}, frobenius ${text(frobenius)}`)
  return undefined
}

export async function importOne(path: string, options: ModelOptions & { readonly replace?: boolean }): Promise<void> {
  if (await isElpaFolder(readableWorkspace(options), userPath(path))) return importSpectrum(path, options)
  if (options.replace) throw new UsageError(`${path} becomes a run of its own; --replace is for spectra of exported matrices`)
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
