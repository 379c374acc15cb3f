// The user's own data as a .csv with one sample a line.
import { basename } from 'node:path'
import { readCsv, type CsvFile, type CsvRow } from '../formats/csv'
import { badData, DataError, shown } from '../formats/data-error'
import type { DatasetSource } from './dataset'
import { readWhole } from './file-set'
import type { JobOptions } from './installed'
import { assemble, classLimit, readSamples, type OwnSplit } from './import-own'

/** Text longer than this has no place in one string everywhere. */
const textLimit = 2 ** 28
const numberLimit = 2 ** 27
/** Rows after which others get a turn and the signal is looked at. */
const rowsATurn = 500

/** Columns named label, class, target or y (y1, y2, …) are targets; without such a name the last column is. A column `split` sorts samples into train and test. */
function columnsOf(file: CsvFile): { inputs: number[]; targets: number[]; split: number } {
  const all = Array.from({ length: file.columns }, (_, i) => i)
  const split = file.header?.findIndex((title) => title.toLowerCase() === 'split') ?? -1
  const named = all.filter((i) => /^(label|class|target|y)\d*$/i.test(file.header?.[i] ?? ''))
  const rest = all.filter((i) => i !== split)
  const targets = named.length > 0 ? named : rest.slice(-1)
  return { inputs: rest.filter((i) => !targets.includes(i)), targets, split }
}

/** Samples as they arrive: inputs as numbers in memory that doubles, targets as text until all are known. */
interface Growing {
  x: Float64Array
  length: number
  readonly targets: string[]
  readonly lines: number[]
}

function append(to: Growing, value: number, name: string): void {
  if (to.length === to.x.length) {
    if (to.length >= numberLimit) throw new DataError('too-large', `${name}: holds more than ${numberLimit} numbers; save it as .npz`)
    const larger = new Float64Array(Math.max(1024, to.length * 2))
    larger.set(to.x)
    to.x = larger
  }
  to.x[to.length++] = value
}

function finiteNumber(cell: string, column: number, line: number, name: string): number {
  const value = cell === '' ? NaN : Number(cell)
  if (!Number.isFinite(value)) throw badData(`${name}: line ${line}, cell ${column + 1}: "${shown(cell, 40)}" is no finite number`)
  return value
}

function isTest(row: CsvRow, split: number, name: string): boolean {
  const word = split < 0 ? 'train' : row.cells[split].toLowerCase()
  if (word !== 'train' && word !== 'test') throw badData(`${name}: line ${row.line}: split is "${shown(word, 40)}", must be train or test`)
  return word === 'test'
}

/** The texts of the only target column as classes, sorted; null when all of them are numbers. */
function classNamesOf(parts: readonly Growing[], targets: readonly number[], name: string): string[] | null {
  if (targets.length !== 1 || parts.every((part) => part.targets.every((cell) => cell !== '' && Number.isFinite(Number(cell))))) return null
  const names = [...new Set(parts.flatMap((part) => part.targets))].sort()
  if (names.length > classLimit) throw badData(`${name}: the target column holds ${names.length} different texts; is it a label?`)
  if (names.includes('')) throw badData(`${name}: the target column has an empty cell`)
  return names
}

/** One sample a line; a text column as the only target gives classes, sorted by name. Throws naming line and cell; cancelled within some hundred rows' time. */
export async function importCsv(path: string, options: JobOptions = {}): Promise<DatasetSource> {
  const name = basename(path)
  const bytes = await readWhole(path)
  if (bytes.length > textLimit) throw new DataError('too-large', `${name}: has ${bytes.length} bytes; save data of this size as .npz`)
  const file = readCsv(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'), name)
  const { inputs, targets, split } = columnsOf(file)
  if (inputs.length === 0) throw badData(`${name}: needs at least one input column beside the target`)
  const empty = (): Growing => ({ x: new Float64Array(0), length: 0, targets: [], lines: [] })
  const [train, test] = [empty(), empty()]
  let count = 0
  for (const row of file.rows) {
    const to = isTest(row, split, name) ? test : train
    for (const column of inputs) append(to, finiteNumber(row.cells[column], column, row.line, name), name)
    for (const column of targets) to.targets.push(row.cells[column])
    to.lines.push(row.line)
    if (++count % rowsATurn === 0) {
      options.onProgress?.(row.end / file.length)
      await new Promise(setImmediate)
      options.signal?.throwIfAborted()
    }
  }
  if (train.lines.length === 0) throw badData(`${name}: has no training samples`)
  const classNames = classNamesOf([train, test], targets, name)
  const places = new Map(classNames?.map((text, place) => [text, place]))
  const part = ({ x, length, targets: cells, lines }: Growing): OwnSplit => {
    const values = cells.map((cell, i) => {
      const place = places.get(cell)
      return place ?? finiteNumber(cell, targets[i % targets.length], lines[Math.floor(i / targets.length)], name)
    })
    return readSamples(
      { shape: [lines.length, inputs.length], data: x.slice(0, length) },
      { shape: [lines.length, targets.length], data: Float64Array.from(values) },
      name
    )
  }
  return assemble(name, test.lines.length > 0 ? [part(train), part(test)] : [part(train)], classNames)
}
