// The metrics of a run that was made elsewhere, from a CSV file, as a run to look at and to compare with: it has no spec to train.
import { basename, resolve } from 'node:path'
import { knownFigure, stepColumn } from '../../shared/csv/metrics-columns'
import { bytesIn } from '../../shared/format/bytes'
import { withLine, emptyFigures } from '../../shared/run/figures'
import type { MetricsLine, RunFigures } from '../../shared/run/schema'
import { decodeText, StorageError, translating, writeJson } from '../files'
import { readCsv, type CsvFile } from '../formats/csv'
import { badData, shown } from '../formats/data-error'
import { freshMeta, freshStatus, measureRun, metaPath, metricsPath, newImportFolder, runsFolder, specPath, statusPath } from '../run-folder'
import { isId, slug, type Workspace } from '../workspace'
import { writingFile } from './copy'
import { placeRun } from './import-run'
import { importedSpec } from './imported-spec'

const largestFile = 512 * 1024 * 1024
/** Every step has a line, those without figures too. */
const mostSteps = 5_000_000
const mostColumns = 500

type Cell = number | null | undefined

export interface MetricsOfFile {
  readonly lines: readonly Readonly<Record<string, unknown>>[]
  /** What each column was taken for, and what was left out. */
  readonly understood: readonly string[]
}

/** A number; null: NaN or infinite; undefined: empty. Throws for anything else. */
function cellOf(text: string, where: () => string): Cell {
  const trimmed = text.trim()
  if (trimmed === '' || /^(none|null|n\/a)$/i.test(trimmed)) return undefined
  if (/^[+-]?(nan|inf|infinity)$/i.test(trimmed)) return null
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : NaN
  if (Number.isNaN(value)) throw badData(`${where()}: "${shown(trimmed, 40)}" is no number`)
  return Number.isFinite(value) ? value : null
}

interface Column {
  readonly place: number
  readonly name: string
  readonly figure: string
  readonly values: Cell[]
}

function columnsOf(names: readonly string[], step: number, file: string): Column[] {
  const taken = new Map<string, string>()
  return names.flatMap((given, place) => {
    const name = given.trim()
    if (place === step) return []
    if (name === '') throw badData(`${file}: column ${place + 1} has no name`)
    // An epoch that counts steps is a step.
    const figure = knownFigure(name) ?? (name === 'path' || name === 'step' ? `${name} (of the file)` : name)
    const other = taken.get(figure)
    if (other !== undefined)
      throw badData(`${file}: the columns "${shown(other, 40)}" and "${shown(name, 40)}" are both ${shown(figure, 40)}`)
    taken.set(figure, name)
    return [{ place, name, figure, values: [] }]
  })
}

/** Reads the rows into their columns; the steps come back. Columns whose first cell with anything is a word are left out. */
function readRows(csv: CsvFile, step: number, columns: readonly Column[], file: string): { steps: number[]; wordy: ReadonlySet<Column> } {
  const steps: number[] = []
  const wordy = new Set<Column>()
  const begun = new Set<Column>()
  for (const { cells, line } of csv.rows) {
    const at = (name: string) => () => `${file}: line ${line}, column "${shown(name, 40)}"`
    const value = cellOf(cells[step], at(csv.header?.names[step] ?? 'step'))
    if (value === undefined || value === null || !Number.isSafeInteger(value) || value < 0)
      throw badData(`${file}: line ${line}: its step is "${shown(cells[step], 40)}", must be a whole number from 0`)
    const before = steps.at(-1)
    if (before !== undefined && value <= before)
      throw badData(`${file}: line ${line}: step ${value} comes after step ${before}; one row a step, ascending, of one run`)
    steps.push(value)
    for (const column of columns) {
      if (wordy.has(column)) continue
      const cell = cells[column.place]
      const place = at(column.name)
      if (!begun.has(column) && cell.trim() !== '') {
        begun.add(column)
        try {
          cellOf(cell, place)
        } catch {
          wordy.add(column)
          continue
        }
      }
      column.values.push(cellOf(cell, place))
    }
  }
  return { steps, wordy }
}

/** `lambdaMax.W1` is the figure of a block, as our own lines have it. */
function put(line: Record<string, unknown>, figure: string, value: number | null): void {
  const [, base, block] = /^(lambdaMin|lambdaMax|index|flipped|zero|trace|effectiveRank|phases|figures)\.(.+)$/.exec(figure) ?? []
  if (base === undefined) line[figure] = value
  else line[base] = { ...(line[base] as object | undefined), [block]: value }
}

/** What a metrics table says. Throws one sentence: what is wrong, and in which line and column. */
export function metricsOfCsv(text: string, file: string): MetricsOfFile {
  const csv = readCsv(text, file)
  const names = csv.header?.names
  if (!names) throw badData(`${file}: has no header; its columns must be named, one of them "step"`)
  if (names.length > mostColumns) throw badData(`${file}: has ${names.length} columns, at most ${mostColumns} are taken`)
  const step = stepColumn(names)
  if (step === -1)
    throw badData(
      `${file}: no column counts steps; one must be called step (or iteration, iter, global_step, epoch), there are ${shown(names.join(', '), 120)}`
    )
  const columns = columnsOf(names, step, file)
  const { steps, wordy } = readRows(csv, step, columns, file)
  const kept = columns.filter((column) => !wordy.has(column) && column.values.some((value) => value !== undefined))
  if (steps.length === 0) throw badData(`${file}: has a header and no rows`)
  if (kept.length === 0) throw badData(`${file}: has no column of numbers beside "${shown(names[step], 40)}"`)
  const shift = steps[0] === 0 ? 1 : 0
  const last = steps[steps.length - 1] + shift
  if (last > mostSteps) throw badData(`${file}: goes on to step ${last}, at most ${mostSteps} are taken`)
  const lines: Record<string, unknown>[] = []
  steps.forEach((own, row) => {
    // Steps between two rows have lines without figures: nothing is missing there, it was not written.
    while (lines.length + 1 < own + shift) lines.push({ step: lines.length + 1 })
    const line: Record<string, unknown> = { step: own + shift }
    for (const { figure, values } of kept) if (values[row] !== undefined) put(line, figure, values[row] ?? null)
    lines.push(line)
  })
  const named = kept.map(({ name, figure }) => (name === figure ? name : `${name} as ${figure}`))
  const empty = columns.filter((column) => !wordy.has(column) && !kept.includes(column))
  const list = (some: readonly Column[]) => some.map(({ name }) => name).join(', ')
  return {
    lines,
    understood: [
      `Metrics from ${file}: ${steps.length} rows, steps ${steps[0]} to ${steps[steps.length - 1]} of its column "${names[step].trim()}"`,
      ...(shift === 1 ? ['They count from 0 there and from 1 here: 1 was added to each'] : []),
      `Columns: ${named.join(', ')}`,
      ...(wordy.size > 0 ? [`Left out, since they hold words: ${list([...wordy])}`] : []),
      ...(empty.length > 0 ? [`Left out, since they are empty: ${list(empty)}`] : []),
      'Whether its loss is a mean or a sum over the batch the file does not say'
    ].map((sentence) => `${sentence}.`)
  }
}

export interface ImportMetricsOptions {
  readonly id?: string
  readonly signal?: AbortSignal
  readonly onProgress?: (fraction: number) => void
}

/** Imports a metrics table; returns the run's id. Throws StorageError; the workspace is then as it was. */
export async function importMetrics(
  workspace: Workspace,
  path: string,
  { id, signal, onProgress }: ImportMetricsOptions = {}
): Promise<string> {
  const { fileSystem } = workspace
  const from = resolve(path)
  if (id !== undefined && !isId(id)) throw new StorageError('bad-input', `"${id}" is no run id`)
  const info = await translating(`read ${from}`, () => fileSystem.info(from))
  if (info?.kind !== 'file') throw new StorageError('not-found', `there is no file ${from}`)
  if (info.bytes > largestFile)
    throw new StorageError(
      'too-large',
      `${from}: has ${bytesIn('MB', info.bytes)}, at most ${bytesIn('MB', largestFile)} are read as metrics`
    )
  const decoded = decodeText(await translating(`read ${from}`, () => fileSystem.readFile(from)))
  if ('fault' in decoded) throw badData(`${from}: ${decoded.fault}`)
  const { lines, understood } = metricsOfCsv(decoded.text, basename(from))
  signal?.throwIfAborted()
  onProgress?.(0.5)
  const folder = newImportFolder(workspace)
  try {
    await translating(`write ${folder}`, () => fileSystem.makeFolder(runsFolder(workspace)))
    await translating(`write ${folder}`, () => fileSystem.makeNewFolder(folder))
    const encoder = new TextEncoder()
    await writingFile(fileSystem, metricsPath(folder), async (append) => {
      for (let k = 0; k < lines.length; k += 10_000) {
        signal?.throwIfAborted()
        await append(
          encoder.encode(
            lines
              .slice(k, k + 10_000)
              .map((line) => `${JSON.stringify(line)}\n`)
              .join('')
          )
        )
      }
    })
    const name = basename(from).replace(/\.(csv|tsv|txt)$/i, '')
    const spec = importedSpec(name, lines.length)
    const now = new Date()
    const figures = lines.reduce<RunFigures>(
      (sum, line) => (Object.keys(line).length === 1 ? sum : withLine(sum, line as MetricsLine, null)),
      emptyFigures
    )
    const last = (figure: string) => lines.reduce((found, line) => (typeof line[figure] === 'number' ? line[figure] : found), 0)
    await writeJson(fileSystem, metaPath(folder), { ...freshMeta(spec), notes: understood.join('\n') })
    await writeJson(fileSystem, statusPath(folder), {
      ...freshStatus(now),
      state: 'done',
      step: lines.length,
      seconds: last('seconds'),
      wallSeconds: last('wallSeconds') || null,
      endedAt: now.toISOString(),
      figures: { ...figures, ...(await measureRun(fileSystem, folder)) }
    })
    await writeJson(fileSystem, specPath(folder), spec)
    onProgress?.(1)
    return await placeRun(workspace, folder, id ?? slug(name), id !== undefined)
  } catch (error) {
    await fileSystem.remove(folder).catch(() => undefined)
    throw error
  }
}
