// A − B of two stored Hessians: streamed from their files to a file of its own, with the sums that judge it.
import { join } from 'node:path'
import { differenceSums, type DifferenceSums } from '../../engine/analyses/difference'
import { parseSnapshot } from '../../shared/run/matrix'
import { overviewCount, overviewLevels } from '../../shared/run/overview'
import type { SnapshotManifest } from '../../shared/run/schema'
import {
  finishMatrix,
  hessianFiles,
  readEigenvalues,
  readManifest,
  requireRun,
  snapshotSteps,
  StorageError,
  streamArray,
  withMatrix,
  type MatrixFiles,
  type NpyFile,
  type Workspace
} from '../../store'
import type { AnalysisCall } from '../../engine/analyses'
import type { AnalysisOptions } from '../../shared/analyses/kinds'
import type { AnalysisPlan, AnalysisResult } from './runner'

interface Source {
  readonly run: string
  readonly step: number
  readonly block: SnapshotManifest['blocks'][number]
  readonly manifest: SnapshotManifest
  readonly files: MatrixFiles
}

const sizeOf = ({ block: { size, units } }: Source) => (units === 1 ? `${size} × ${size}` : `${units} of ${size} × ${size}`)

async function newestHessian(workspace: Workspace, run: string): Promise<number> {
  for (const step of (await snapshotSteps(workspace, run)).reverse())
    if ((await readManifest(workspace, { run, step })).blocks.some((block) => block.hessian !== null)) return step
  throw new StorageError('not-found', `run "${run}" keeps no Hessian; give a as RUN:STEP[/BLOCK]`)
}

/** `name`: the option, for what is said of faults. */
async function sourceOf(workspace: Workspace, name: string, text: string): Promise<Source> {
  const asked = parseSnapshot(text)
  if (!asked) throw new StorageError('bad-input', `${name}: must be RUN:STEP[/BLOCK], got "${text}"`)
  const { run, step } = asked
  await requireRun(workspace, run)
  const manifest = await readManifest(workspace, { run, step })
  const kept = manifest.blocks.filter((block) => block.hessian !== null)
  if (kept.length === 0) throw new StorageError('not-found', `${name}: the snapshot ${run}:${step} keeps no Hessian`)
  if (asked.block === null && kept.length > 1)
    throw new StorageError(
      'bad-input',
      `${name}: the snapshot ${run}:${step} has the blocks ${kept.map((block) => block.name).join(', ')}: say which, such as ${run}:${step}/${kept[0].name}`
    )
  const files = await hessianFiles(workspace, { run, step }, asked.block ?? kept[0].name)
  const block = manifest.blocks.find((one) => one.name === files.name) ?? kept[0]
  return { run, step, block, manifest, files: { ...files, name: `${run}:${step}/${block.name}` } }
}

/** Rows at once, about 4 MiB of each matrix. */
const rowsAtOnce = (columns: number) => Math.max(1, Math.floor(524_288 / columns))

async function* differenceRows(
  a: NpyFile,
  b: NpyFile,
  { rows, columns }: MatrixFiles,
  sums: ReturnType<typeof differenceSums>,
  tell: (fraction: number) => void
) {
  const step = rowsAtOnce(columns)
  for (let row = 0; row < rows; row += step) {
    tell(row / rows)
    const count = Math.min(step, rows - row) * columns
    const [p, q] = await Promise.all([a.read(row * columns, count), b.read(row * columns, count)])
    const into = new Float64Array(count)
    sums.rows(p, q, into)
    yield into
  }
}

async function traceCheck(workspace: Workspace, sources: readonly Source[], trace: number): Promise<number | null> {
  if (sources.some(({ block }) => block.eigenvalues === null)) return null
  let [error, size] = [trace, 0]
  for (const [k, { run, step, block }] of sources.entries()) {
    const { values } = await readEigenvalues(workspace, { run, step }, block.name)
    let sum = 0
    for (const value of values) {
      sum += value
      size += Math.abs(value)
    }
    error += k === 0 ? -sum : sum
  }
  return size === 0 ? Math.abs(error) : Math.abs(error) / size
}

/** What rounding may leave, as of a snapshot's own checks; a matrix from elsewhere may be as far from symmetric as it was found to be. */
function limits(sources: readonly Source[], size: number, sums: DifferenceSums) {
  const rounding = Math.max(100, 10 * size) * 2 ** -52
  const single = sources.some(({ manifest }) => manifest.precision === 'float32')
  const largest = [sums.largestA, sums.largestB]
  const crooked = sources.reduce(
    (sum, { manifest, block }, k) => sum + (manifest.scope === 'imported' ? (block.checks.symmetry ?? 0) * largest[k] : 0),
    0
  )
  const norm = Math.hypot(sums.normA, sums.normB)
  return {
    identity: rounding,
    symmetry: rounding + (norm === 0 ? 0 : (2 * size * crooked) / norm),
    trace: single ? Math.max(100, 10 * size) * 2 ** -23 : rounding
  }
}

function figuresOf(sums: DifferenceSums): Record<string, number> {
  const { normA, normB, norm, inner, largestA, largestB, largest } = sums
  return {
    normA,
    normB,
    norm,
    ...(normA > 0 ? { relative: norm / normA } : {}),
    ...(normA > 0 && normB > 0 ? { cosine: inner / normA / normB } : {}),
    largestA,
    largestB,
    largest
  }
}

async function work(
  workspace: Workspace,
  a: Source,
  b: Source,
  folder: string,
  { signal, onProgress }: AnalysisCall
): Promise<AnalysisResult> {
  const { fileSystem } = workspace
  const { size, units } = a.block
  const { rows, columns } = a.files
  const shape = units === 1 ? [size, size] : [units, size, size]
  const [matrix, overview] = ['difference.npy', 'difference.overview.npy']
  const sums = differenceSums(size, units)
  const tell = (fraction: number) => {
    signal.throwIfAborted()
    onProgress(0.6 * fraction, 'subtracting')
  }
  const subtract = (p: NpyFile, q: NpyFile) =>
    streamArray(fileSystem, join(folder, matrix), { shape, pieces: differenceRows(p, q, a.files, sums, tell) }, 'float64')
  try {
    await withMatrix(fileSystem, a.files, (p) => withMatrix(fileSystem, b.files, (q) => subtract(p, q)))
  } catch (error) {
    if (error instanceof RangeError) throw new StorageError('bad-input', `${a.files.name} − ${b.files.name}: ${error.message}`)
    throw error
  }
  const written = await finishMatrix(fileSystem, join(folder, matrix), join(folder, overview), rows, columns, 'float64', {
    signal,
    onProgress: (fraction) => onProgress(0.6 + 0.4 * fraction, 'checksum and overview')
  })
  const ended = sums.end()
  const trace = await traceCheck(workspace, [a, b], ended.trace)
  const limit = limits([a, b], size, ended)
  const values = { identity: ended.identity, symmetry: ended.symmetry, ...(trace === null ? {} : { trace }) }
  const checks = Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const most = limit[name as keyof typeof limit]
      return [name, { value, limit: most, ok: value <= most }]
    })
  )
  const figures = figuresOf(ended)
  return {
    figures,
    checks,
    arrays: { difference: { shape }, overview: { shape: [overviewCount(overviewLevels(rows, columns))], file: overview } },
    files: [
      { name: matrix, ...written.matrix },
      { name: overview, ...written.overview }
    ],
    notes: [
      `A is ${a.files.name} (${a.manifest.precision}), B is ${b.files.name} (${b.manifest.precision}); ${sizeOf(a)}.`,
      ...(trace === null ? ['The trace was not checked: not both keep their eigenvalues.'] : [])
    ],
    said: `‖A‖ ${ended.normA.toPrecision(4)}, ‖B‖ ${ended.normB.toPrecision(4)}, ‖A − B‖ ${ended.norm.toPrecision(4)}, largest |A − B| ${ended.largest.toPrecision(4)}`
  }
}

export async function planDifference(
  workspace: Workspace,
  { run, step }: { readonly run: string; readonly step: number | null },
  options: AnalysisOptions<'difference'>
): Promise<AnalysisPlan<'difference'>> {
  await requireRun(workspace, run)
  const a = await sourceOf(workspace, 'a', options.a ?? `${run}:${step ?? (await newestHessian(workspace, run))}`)
  const b = await sourceOf(workspace, 'b', options.b)
  if (a.block.size !== b.block.size || a.block.units !== b.block.units)
    throw new StorageError(
      'bad-input',
      `${a.files.name} is ${sizeOf(a)} and ${b.files.name} is ${sizeOf(b)}: only matrices of equal size have a difference`
    )
  const { rows, columns } = a.files
  const entries = rows * columns
  const diskBytes = 8 * entries + 4 * overviewCount(overviewLevels(rows, columns)) + 4096
  return {
    step: step ?? a.step,
    title: `Difference ${a.files.name} − ${b.files.name}`,
    options: { a: a.files.name, b: b.files.name },
    diskBytes,
    memoryBytes: 64e6 + 32 * rows,
    seconds: 0.2 + (4 * 8 * entries) / 1.2e9,
    work: (folder, how) => work(workspace, a, b, folder, how)
  }
}
