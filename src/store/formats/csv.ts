// Comma-, semicolon- or tab-separated values with an optional header line, row by row: a file of numbers never exists as a table of texts.
import { badData, DataError } from './data-error'

export interface CsvRow {
  readonly cells: readonly string[]
  /** Line number, from 1, on which the row ends, for messages. */
  readonly line: number
  /** Place in the text after the row, for progress. */
  readonly end: number
}

export interface CsvFile {
  /** From the header line, or null when the first line is data. */
  readonly header: readonly string[] | null
  readonly columns: number
  /** Length of the text. */
  readonly length: number
  /** Can be gone through once. Throws for open quotes and for rows of another length than the first. */
  readonly rows: Iterable<CsvRow>
}

const columnLimit = 100_000
const separators = [',', ';', '\t'] as const

/** The separator that splits the first line into the most cells. */
function separatorOf(text: string): string {
  const firstLine = text.slice(0, Math.max(0, text.search(/[\r\n]/)) || text.length)
  return separators.reduce((best, mark) => (firstLine.split(mark).length > firstLine.split(best).length ? mark : best))
}

/** Splits by RFC 4180: cells may be quoted, quotes doubled, line ends inside quotes. Empty lines are skipped; spaces around cells go. */
function* splitRows(text: string, file: string): Generator<CsvRow> {
  const separator = separatorOf(text)
  let line = 1
  let cells: string[] = []
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  const add = (cell: string): void => {
    if (cells.length >= columnLimit)
      throw new DataError('too-large', `${file}: line ${line} has more than ${columnLimit} cells; save it as .npz`)
    cells.push(cell.trim())
  }
  while (at < text.length) {
    const start = line
    if (text[at] === '"') {
      let end = at + 1
      for (;;) {
        end = text.indexOf('"', end)
        if (end < 0) throw badData(`${file}: line ${start} opens a quote that is never closed`)
        if (text[end + 1] !== '"') break
        end += 2
      }
      const cell = text.slice(at + 1, end).replaceAll('""', '"')
      for (let i = cell.indexOf('\n'); i >= 0; i = cell.indexOf('\n', i + 1)) line++
      add(cell)
      at = end + 1
      const next = text[at]
      if (next !== undefined && next !== separator && next !== '\r' && next !== '\n')
        throw badData(`${file}: line ${line} has text after a closing quote`)
    } else {
      let end = at
      while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end++
      add(text.slice(at, end))
      at = end
    }
    if (text[at] === separator) {
      at++
      if (at < text.length && text[at] !== '\n' && text[at] !== '\r') continue
      add('')
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++
    if (cells.length > 1 || cells[0] !== '') yield { cells, line, end: at }
    cells = []
    if (at < text.length) {
      at++
      line++
    }
  }
}

const isNumber = (cell: string) => cell !== '' && Number.isFinite(Number(cell))

/** Words where the line below has a number, or a column by one of the names that mean something to the importer. */
function isHeader(first: readonly string[], second: readonly string[]): boolean {
  return first.some(
    (cell, i) => cell !== '' && !isNumber(cell) && (isNumber(second[i]) || /^((label|class|target|y)\d*|split)$/i.test(cell))
  )
}

/** Recognizes separator and header. Throws when there are no lines at all. */
export function readCsv(text: string, file: string): CsvFile {
  const source = splitRows(text, file)
  const first = source.next()
  if (first.done) throw badData(`${file}: holds no lines`)
  const columns = first.value.cells.length
  const evenly = (row: CsvRow): CsvRow => {
    if (row.cells.length !== columns)
      throw badData(`${file}: line ${row.line} has ${row.cells.length} cells, but line ${first.value.line} has ${columns}`)
    return row
  }
  const second = source.next()
  const header = !second.done && isHeader(first.value.cells, evenly(second.value).cells) ? first.value.cells : null
  function* rows(): Generator<CsvRow> {
    if (header === null) yield first.value
    if (!second.done) yield second.value
    for (const row of source) yield evenly(row)
  }
  return { header, columns, length: text.length, rows: rows() }
}
