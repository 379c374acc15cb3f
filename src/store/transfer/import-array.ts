// Any Hessian, or a list of eigenvalues, from a .npy file as a run with one snapshot: to be looked at like our own.
import { basename, resolve } from 'node:path'
import { NpyError } from '../../shared/npy'
import { arrayMeaning, type ArrayInspection } from '../../shared/open-kinds'
import { emptyFigures } from '../../shared/run/figures'
import { nothingChecked } from '../../shared/run/schema'
import type { Matrix } from '../../engine/linalg'
import type { SnapshotBlock } from '../../engine/curvature/snapshot'
import { openNpy, StorageError, translating, writeJson, type NpyFile } from '../files'
import {
  freshMeta,
  freshStatus,
  measureRun,
  metaPath,
  newImportFolder,
  snapshotFolder,
  snapshotsFolder,
  specPath,
  statusPath
} from '../run-folder'
import type { Precision } from '../snapshots/stream'
import { draftSnapshot } from '../snapshots/draft'
import { writeSnapshot } from '../snapshots/write'
import { isId, slug, type Workspace } from '../workspace'
import { placeRun } from './import-run'
import { importedSpec } from './imported-spec'

/** Rows of a panel are read together; about 100 MB at the largest size. */
const panelRows = 1024
/** Above this, relative to the largest entry, a matrix is not called symmetric. */
const symmetryLimit = 1e-3

export interface ImportArrayOptions {
  readonly id?: string
  /** Eigenvalues of a symmetric matrix (ascending), to be stored and checked with it; without it the Hessian alone is stored. */
  readonly eigenvalues?: (matrix: Matrix) => Promise<Float64Array>
  /** Above this size the eigenvalues are left to an analysis on request. */
  readonly eigenvaluesUpTo?: number
  readonly onProgress?: (fraction: number) => void
  readonly signal?: AbortSignal
}

interface Measured {
  /** max |H − Hᵀ| relative to max |H|. */
  readonly symmetry: number
  readonly least: number
  readonly greatest: number
  readonly trace: number
  /** Σ of the squares of all entries. */
  readonly squares: number
}

/** One pass over pairs of panels: entries finite, how far from symmetric, trace and norm. Throws NpyError naming the entry. */
async function measure(file: NpyFile, path: string, n: number, options: ImportArrayOptions): Promise<Measured> {
  let least = Infinity
  let greatest = -Infinity
  let difference = 0
  let trace = 0
  let squares = 0
  const panels = Math.ceil(n / panelRows)
  for (let p = 0; p < panels; p++) {
    const first = p * panelRows
    const rows = Math.min(panelRows, n - first)
    const a = await file.read(first * n, rows * n)
    for (let k = 0; k < a.length; k++) {
      const value = a[k]
      if (value - value !== 0) throw new NpyError(`${path}: entry (${first + Math.floor(k / n)}, ${k % n}) is ${value}, must be finite`)
      squares += value * value
      if (value < least) least = value
      if (value > greatest) greatest = value
    }
    for (let r = 0; r < rows; r++) trace += a[r * n + first + r]
    for (let q = p; q < panels; q++) {
      options.signal?.throwIfAborted()
      const start = q * panelRows
      const count = Math.min(panelRows, n - start)
      const b = q === p ? a : await file.read(start * n, count * n)
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < count; c++) {
          const gap = Math.abs(a[r * n + start + c] - b[c * n + first + r])
          if (gap > difference) difference = gap
        }
    }
    options.onProgress?.((p + 1) / panels / 2)
  }
  const largest = Math.max(Math.abs(least), Math.abs(greatest))
  return { symmetry: largest === 0 ? 0 : difference / largest, least, greatest, trace, squares }
}

/** Why a matrix is not taken for a Hessian; null when it is. */
const symmetryFault = ({ symmetry }: Measured) =>
  symmetry > symmetryLimit
    ? `is not symmetric (max |H − Hᵀ| is ${symmetry.toExponential(1)} of max |H|; at most ${symmetryLimit} is taken)`
    : null

async function* rowsOf(file: NpyFile, n: number): AsyncGenerator<Float64Array> {
  const rowsAtOnce = file.header.fortranOrder ? panelRows : Math.max(1, Math.floor(524_288 / n))
  for (let row = 0; row < n; row += rowsAtOnce) yield file.read(row * n, Math.min(rowsAtOnce, n - row) * n)
}

async function matrixBlock(file: NpyFile, path: string, options: ImportArrayOptions): Promise<SnapshotBlock> {
  const n = file.header.shape[0]
  const measured = await measure(file, path, n, options)
  const fault = symmetryFault(measured)
  if (fault !== null) throw new NpyError(`${path}: ${fault}`)
  let eigenvalues: Float64Array | null = null
  let { trace, frobenius } = nothingChecked
  if (options.eigenvalues && n <= (options.eigenvaluesUpTo ?? 4000)) {
    eigenvalues = await options.eigenvalues({ data: await file.read(0, n * n), rows: n, columns: n, offset: 0, stride: n })
    const sum = (of: (value: number) => number) => eigenvalues?.reduce((total, value) => total + of(value), 0) ?? 0
    const relative = (error: number, scale: number) => (scale === 0 ? 0 : Math.abs(error) / scale)
    trace = relative(measured.trace - sum((value) => value), sum(Math.abs))
    frobenius = relative(
      measured.squares - sum((value) => value * value),
      sum((value) => value * value)
    )
  }
  const checks = { ...nothingChecked, symmetry: measured.symmetry, trace, frobenius }
  return { name: 'full', size: n, units: 1, eigenvalues, eigenvectors: null, indices: [], checks }
}

async function finiteVector(file: NpyFile, path: string): Promise<Float64Array> {
  const values = await file.read(0, file.header.count)
  const bad = values.findIndex((value) => value - value !== 0)
  if (bad !== -1) throw new NpyError(`${path}: eigenvalue ${bad} is ${values[bad]}, must be finite`)
  return values
}

async function vectorBlock(file: NpyFile, path: string): Promise<SnapshotBlock> {
  const values = await finiteVector(file, path)
  // A typed array's sort is numeric. The copy keeps the caller's file order out of the spectrum.
  const eigenvalues = Float64Array.from(values).sort()
  return {
    name: 'full',
    size: values.length,
    units: 1,
    eigenvalues,
    eigenvectors: null,
    indices: [],
    checks: nothingChecked
  }
}

function kindOf(file: NpyFile, path: string): 'matrix' | 'eigenvalues' {
  const meaning = arrayMeaning(file.header)
  if ('fault' in meaning) throw new NpyError(`${path}: ${meaning.fault}`)
  return meaning.is
}

/** What an array was taken for, by the same reading as its import. */
export async function inspectArray(workspace: Workspace, path: string, options: ImportArrayOptions = {}): Promise<ArrayInspection> {
  const from = resolve(path)
  const file = await openNpy(workspace.fileSystem, from)
  try {
    const { header } = file
    const kind = kindOf(file, from)
    const common = {
      path: from,
      name: basename(from),
      shape: header.shape,
      type: header.type,
      bigEndian: header.bigEndian,
      fortranOrder: header.fortranOrder,
      kind
    }
    if (kind === 'matrix') {
      const measured = await measure(file, from, header.shape[0], options)
      const { symmetry, least, greatest } = measured
      return { ...common, symmetry, least, greatest, negative: null, fault: symmetryFault(measured) }
    }
    const values = await finiteVector(file, from)
    let [least, greatest, negative] = [Infinity, -Infinity, 0]
    for (const value of values) {
      least = Math.min(least, value)
      greatest = Math.max(greatest, value)
      if (value < 0) negative++
    }
    return { ...common, symmetry: null, least, greatest, negative, fault: null }
  } finally {
    await file.close()
  }
}

/** The documents of a run that was never trained here. */
async function writeDocuments(workspace: Workspace, folder: string, name: string, size: number): Promise<void> {
  const { fileSystem } = workspace
  const now = new Date()
  const measured = await measureRun(fileSystem, folder)
  const spec = importedSpec(name, 1)
  const status = {
    ...freshStatus(now),
    state: 'done',
    endedAt: now.toISOString(),
    parameterCount: size,
    figures: { ...emptyFigures, ...measured }
  }
  await writeJson(fileSystem, metaPath(folder), freshMeta(spec))
  await writeJson(fileSystem, statusPath(folder), status)
  await writeJson(fileSystem, specPath(folder), spec)
}

/**
 * Imports a square symmetric array of floating-point numbers of up to 12,000², or a vector of eigenvalues. Entries are kept in float64, or where the
 * file has less in float32; memory stays below about 500 MB but for the eigenvalues. Returns the run's id. Throws NpyError or StorageError; the workspace is then as it was.
 */
export async function importArray(workspace: Workspace, path: string, options: ImportArrayOptions = {}): Promise<string> {
  const { fileSystem } = workspace
  const from = resolve(path)
  if (options.id !== undefined && !isId(options.id)) throw new StorageError('bad-input', `"${options.id}" is no run id`)
  if ((await translating(`read ${from}`, () => fileSystem.info(from)))?.kind !== 'file')
    throw new StorageError('not-found', `there is no file ${from}`)
  const file = await openNpy(fileSystem, from)
  const folder = newImportFolder(workspace)
  try {
    const kind = kindOf(file, from)
    const precision: Precision = file.header.type === 'f8' ? 'float64' : 'float32'
    const block = kind === 'matrix' ? await matrixBlock(file, from, options) : await vectorBlock(file, from)
    await translating(`write ${folder}`, () => fileSystem.makeFolder(snapshotsFolder(folder)))
    const n = block.size
    const target = {
      fileSystem,
      path: snapshotFolder(folder, 0),
      run: null,
      scope: 'imported',
      precision,
      offsetOf: () => 0,
      weights: null,
      parameterCount: n
    }
    const draft = draftSnapshot(target)
    if (kind === 'matrix') await draft.matrix(block, rowsOf(file, n))
    await writeSnapshot(target, { step: 0, parameters: new Float64Array(0), blocks: [block] }, draft)
    const name = basename(from).replace(/\.npy$/i, '')
    await writeDocuments(workspace, folder, name, n)
    options.onProgress?.(1)
    return await placeRun(workspace, folder, options.id ?? slug(name), options.id !== undefined)
  } catch (error) {
    await fileSystem.remove(folder).catch(() => undefined)
    throw error
  } finally {
    await file.close()
  }
}
