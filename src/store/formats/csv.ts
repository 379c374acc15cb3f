// Comma-, semicolon- or tab-separated numbers with an optional header line, read in one pass without copies of the text.
import { badData, DataError } from './data-error'

export interface CsvTable {
  /** From the header line, or null when the first line is data. */
  readonly header: readonly string[] | null
  readonly rows: readonly (readonly string[])[]
  /** Line number (from 1) of each row, for messages. */
  readonly lines: readonly number[]
}

/** Cells a file may hold: what fits comfortably in memory as text. */
const cellLimit = 20_000_000
const columnLimit = 100_000

/** Splits by RFC 4180: cells may be quoted, quotes doubled, line ends inside quotes. Empty lines are skipped. Throws for open quotes and uneven rows. */
export function readCsv(text: string, file: string): CsvTable {
  const firstLine = text.slice(0, Math.max(0, text.search(/[\r\n]/)) || text.length)
  const separator = ['\t', ';', ','].map((mark) => [mark, firstLine.split(mark).length] as const).reduce((a, b) => (b[1] > a[1] ? b : a))[0]
  const rows: string[][] = []
  const lines: number[] = []
  let cells = 0
  let line = 1
  let row: string[] = []
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  const endRow = (): void => {
    if (row.length > 1 || row[0] !== '') {
      if (rows.length > 0 && row.length !== rows[0].length)
        throw badData(`${file}: line ${line} has ${row.length} cells, but line ${lines[0]} has ${rows[0].length}`)
      rows.push(row)
      lines.push(line)
    }
    row = []
  }
  const add = (cell: string): void => {
    if (++cells > cellLimit) throw new DataError('too-large', `${file}: has more than ${cellLimit} cells; save it as .npz`)
    if (row.length >= columnLimit)
      throw new DataError('too-large', `${file}: line ${line} has more than ${columnLimit} cells; save it as .npz`)
    row.push(cell.trim())
  }
  while (at < text.length) {
    let cell: string
    const start = line
    if (text[at] === '"') {
      let end = at + 1
      for (;;) {
        end = text.indexOf('"', end)
        if (end < 0) throw badData(`${file}: line ${start} opens a quote that is never closed`)
        if (text[end + 1] !== '"') break
        end += 2
      }
      cell = text.slice(at + 1, end).replaceAll('""', '"')
      for (const character of cell) if (character === '\n') line++
      at = end + 1
      const next = text[at]
      if (next !== undefined && next !== separator && next !== '\r' && next !== '\n')
        throw badData(`${file}: line ${line} has text after a closing quote`)
    } else {
      let end = at
      while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end++
      cell = text.slice(at, end)
      at = end
    }
    add(cell)
    if (text[at] === separator) {
      at++
      if (at >= text.length || text[at] === '\n' || text[at] === '\r') add('')
      else continue
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++
    endRow()
    if (at < text.length) {
      at++
      line++
    }
  }
  if (row.length > 0) endRow()
  if (rows.length === 0) throw badData(`${file}: holds no lines`)
  const isNumber = (cell: string) => cell !== '' && Number.isFinite(Number(cell))
  // A header: words where the line below has a number, or a column by one of the names that mean something here.
  const isName = (cell: string, i: number) =>
    cell !== '' && !isNumber(cell) && (isNumber(rows[1][i]) || /^((label|class|target|y)\d*|split)$/i.test(cell))
  const hasHeader = rows.length > 1 && rows[0].some(isName)
  return hasHeader ? { header: rows[0], rows: rows.slice(1), lines: lines.slice(1) } : { header: null, rows, lines }
}
