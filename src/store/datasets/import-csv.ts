// The user's own data as a .csv with one sample a line.
import { basename } from 'node:path'
import type { CsvOptions } from '../../shared/datasets/schema'
import { decodeText, StorageError, type FileSystem } from '../files'
import { readCsv, type CsvRow } from '../formats/csv'
import { cellKind, decimalNumber, numberFault, standsForMissing } from '../formats/decimal'
import { badData, badInput, shown } from '../formats/data-error'
import { columnsOf, placeOf, type Columns } from './csv-columns'
import type { DatasetSource } from '../../engine/data/dataset'
import { readWhole } from './file-set'
import type { JobOptions } from './installed'
import { assemble, classLimit, readSamples, type OwnSplit } from './import-own'

/** Text longer than this has no place in one string everywhere. */
const textLimit = 2 ** 28
const numberLimit = 2 ** 27
/** Rows after which others get a turn and the signal is looked at. */
const rowsATurn = 500
/** Names of input columns that the manifest keeps. */
const namesKept = 1000

/** Samples as they arrive: inputs as numbers in memory that doubles, targets as text until all are known. */
interface Growing {
  x: Float64Array
  length: number
  readonly targets: string[]
  readonly lines: number[]
}

function append(to: Growing, value: number, name: string): void {
  if (to.length === to.x.length) {
    if (to.length >= numberLimit) throw new StorageError('too-large', `${name}: holds more than ${numberLimit} numbers; save it as .npz`)
    const larger = new Float64Array(Math.max(1024, to.length * 2))
    larger.set(to.x)
    to.x = larger
  }
  to.x[to.length++] = value
}

function finiteNumber(cell: string, column: number, line: number, columns: Columns): number {
  const value = decimalNumber(cell)
  if (Number.isNaN(value)) throw badData(`${placeOf(columns, line, column)}: ${numberFault(cell)}`)
  return value
}

function isTest(row: CsvRow, split: number, name: string): boolean {
  const word = split < 0 ? 'train' : row.cells[split].toLowerCase()
  if (word !== 'train' && word !== 'test') throw badData(`${name}: line ${row.line}: split is "${shown(word, 40)}", must be train or test`)
  return word === 'test'
}

/** True where an input goes 0, 1, 2, … or 1, 2, 3, … over all samples: an index that nobody left out. */
function counts(parts: readonly Growing[], place: number, width: number): boolean {
  let expected = parts[0].x[place]
  if (expected !== 0 && expected !== 1) return false
  for (const { x, length } of parts) for (let i = place; i < length; i += width) if (x[i] !== expected++) return false
  return expected > 4
}

/** Whole numbers with zeros in front are codes (007), which numbers would not keep. */
const areCodes = (cells: readonly string[]) => cells.every((cell) => /^\d+$/.test(cell)) && cells.some((cell) => /^0\d/.test(cell))

interface Classes {
  readonly names: readonly string[]
  /** Class number of each text that a cell may hold. */
  readonly places: ReadonlyMap<string, number>
}

/**
 * The texts of the only target column as classes, sorted, numbers by value (1 and 1.0 are one class); null where all of them are numbers; `values` where
 * the user says so. One cell that is no number among many that are does not make classes of them all: it is refused with its line.
 */
function classesOf(parts: readonly Growing[], columns: Columns, classes: boolean | undefined): Classes | null | 'values' {
  const { name, targets } = columns
  if (classes === false) return 'values'
  if (targets.length !== 1) {
    if (classes) throw badInput(`${name}: has ${targets.length} target columns, but classes come in one; name it (--target)`)
    return null
  }
  const cells = parts.flatMap((part) => part.targets)
  const lineOf = (place: number) => parts.flatMap((part) => part.lines)[place]
  const empty = cells.indexOf('')
  if (empty >= 0) throw badData(`${placeOf(columns, lineOf(empty), targets[0])}: ${numberFault('')}`)
  const kinds = cells.map(cellKind)
  const numbers = kinds.filter((kind) => kind === 'number').length
  const codes = areCodes(cells)
  if (classes === undefined && !codes) {
    if (numbers === cells.length) return null
    const texts = kinds.filter((kind) => kind === 'text').length
    const numeric = numbers + kinds.filter((kind) => kind === 'spelling').length
    const gap = cells.findIndex(standsForMissing)
    const odd = gap < 0 ? kinds.findIndex((kind) => kind === 'missing' || kind === 'spelling') : gap
    const other = odd < 0 ? kinds.indexOf('text') : odd
    if (gap >= 0 || texts === 0 || numeric > cells.length - numeric)
      throw badData(
        `${placeOf(columns, lineOf(other), targets[0])}: ${numberFault(cells[other])} (${numbers} of the ${cells.length} cells of the target are numbers; --classes yes takes them all as classes)`
      )
  }
  const byValue = numbers === cells.length && !codes
  const nameOf = (cell: string) => (byValue ? String(Number(cell)) : cell)
  const texts = [...new Set(cells)]
  const names = [...new Set(texts.map(nameOf))]
  if (names.length > classLimit) throw badData(`${name}: the target column holds ${names.length} different texts; is it a label?`)
  names.sort(byValue ? (a, b) => Number(a) - Number(b) : undefined)
  const order = new Map(names.map((text, place) => [text, place]))
  return { names, places: new Map(texts.map((text) => [text, order.get(nameOf(text)) ?? 0])) }
}

/**
 * One sample a line; a text column as the only target gives classes, sorted by name. The source says what the file was taken for. Throws naming line and
 * cell; cancelled within some hundred rows' time.
 */
export async function importCsv(fileSystem: FileSystem, path: string, options: CsvOptions, job: JobOptions = {}): Promise<DatasetSource> {
  const name = basename(path)
  const bytes = await readWhole(fileSystem, path)
  if (bytes.length > textLimit) throw new StorageError('too-large', `${name}: has ${bytes.length} bytes; save data of this size as .npz`)
  const decoded = decodeText(bytes)
  if ('fault' in decoded) throw badData(`${name}: ${decoded.fault}`)
  const file = readCsv(decoded.text, name, options)
  const columns = columnsOf(file, options.target, name)
  const { inputs, targets, split, titles } = columns
  if (inputs.length === 0)
    throw badData(
      `${name}: needs at least one input column beside the target${file.columns === 1 ? `; no separator was found, say which with --separator` : ''}`
    )
  const empty = (): Growing => ({ x: new Float64Array(0), length: 0, targets: [], lines: [] })
  const [train, test] = [empty(), empty()]
  let count = 0
  for (const row of file.rows) {
    const to = isTest(row, split, name) ? test : train
    for (const column of inputs) append(to, finiteNumber(row.cells[column], column, row.line, columns), name)
    for (const column of targets) to.targets.push(row.cells[column])
    to.lines.push(row.line)
    if (++count % rowsATurn === 0) {
      job.onProgress?.(row.end / file.length)
      await new Promise(setImmediate)
      job.signal?.throwIfAborted()
    }
  }
  if (train.lines.length === 0) throw badData(`${name}: has no training samples`)
  const classes = classesOf([train, test], columns, options.classes)
  const { names = null, places = null } = classes === 'values' || classes === null ? {} : classes
  const part = ({ x, length, targets: cells, lines }: Growing): OwnSplit => {
    const values = cells.map(
      (cell, i) => places?.get(cell) ?? finiteNumber(cell, targets[i % targets.length], lines[Math.floor(i / targets.length)], columns)
    )
    return readSamples(
      { shape: [lines.length, inputs.length], data: x.slice(0, length) },
      { shape: [lines.length, targets.length], data: Float64Array.from(values) },
      name
    )
  }
  const source = assemble(name, test.lines.length > 0 ? [part(train), part(test)] : [part(train)], classes === 'values' ? classes : names)
  const comments = file.comments()
  const leftOut = [
    columns.index < 0 ? null : 'the first column, which has no name (an index)',
    file.trailing ? 'the separators that end the lines' : null,
    comments > 0 ? `${comments} comment line${comments === 1 ? '' : 's'}` : null
  ].filter((one) => one !== null)
  const csv = {
    encoding: decoded.encoding,
    separator: file.separator,
    header: file.header?.line ?? null,
    inputs: inputs.slice(0, namesKept).map((i) => titles[i]),
    targets: targets.map((i) => titles[i]),
    leftOut,
    counting: inputs.filter((_, place) => counts([train, test], place, inputs.length)).map((i) => titles[i])
  }
  return { ...source, description: { ...source.description, csv } }
}
