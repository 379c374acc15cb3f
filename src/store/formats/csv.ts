// A file of separated values: recognizes separator and header, says what it took them for, and gives its rows one by one.
import { cellKind } from './decimal'
import { splitRows, type CsvComment, type CsvRow } from './csv-rows'
import { badData, badInput, shown } from './data-error'

export type { CsvRow } from './csv-rows'

export interface CsvDialect {
  /** Left out: recognized. */
  readonly header?: boolean
  /** `comma`, `semicolon`, `tab`, `space` (runs of spaces and tabs), `pipe`, or the character itself. Left out: recognized. */
  readonly separator?: string
}

export interface CsvHeader {
  readonly names: readonly string[]
  readonly line: number
  /** True where a comment line holds the names, as numpy.savetxt writes them. */
  readonly comment: boolean
}

export interface CsvFile {
  /** Null when the first line is data. */
  readonly header: CsvHeader | null
  readonly columns: number
  /** As `CsvDialect` names it. */
  readonly separator: string
  /** True where every line ends with a separator, after which nothing comes. */
  readonly trailing: boolean
  /** Length of the text. */
  readonly length: number
  /** Can be gone through once. Throws for open quotes and for rows of another length than the first. */
  readonly rows: Iterable<CsvRow>
  /** Comment lines so far but for the header. */
  comments(): number
}

const separators: Readonly<Record<string, string>> = { tab: '\t', semicolon: ';', comma: ',', pipe: '|', space: ' ' }

/** Names that mean something to the importer. */
export const targetName = /^(label|class|target|y)\d*$/i
export const splitName = /^split$/i
const known = (cell: string) => targetName.test(cell) || splitName.test(cell)

function separatorFrom(option: string, file: string): string {
  const named = Object.hasOwn(separators, option) ? separators[option] : option
  if (named.length !== 1 || /[\w"\r\n.+-]/.test(named))
    throw badInput(`${file}: the separator "${shown(option, 20)}" is none; use ${Object.keys(separators).join(', ')} or one character`)
  return named
}

const nameOf = (separator: string) => Object.keys(separators).find((name) => separators[name] === separator) ?? separator

/** Enough to tell columns of numbers from columns of words. */
const sampleRows = 200
const sampleLength = 2 ** 18
const sampleCells = 200_000

/**
 * The separator whose cells are most alike: as many in each line, and numbers. Of equals the first of tab, semicolon, comma, |, spaces. A comma inside
 * "1,5;2,5" is no separator although it splits every line. Null when none splits the lines.
 */
function recognizeSeparator(text: string): string | null {
  const cut = text.length > sampleLength
  const start = text.slice(0, sampleLength)
  let best: string | null = null
  let bestScore = 0
  for (const separator of Object.values(separators)) {
    const rows: (readonly string[])[] = []
    try {
      for (const row of splitRows(start, separator, '', () => undefined)) if (rows.push(row.cells) > sampleRows) break
    } catch {
      // A quote cut in two, or one that is none with this separator: the rows before it tell.
    }
    if (cut && rows.length > 1 && rows.length <= sampleRows) rows.pop()
    const lengths = new Map<number, number>()
    for (const { length } of rows) lengths.set(length, (lengths.get(length) ?? 0) + 1)
    const [usual, often] = [...lengths].reduce((top, one) => (one[1] > top[1] ? one : top), [1, 0])
    if (usual < 2) continue
    const body = rows.length > 1 ? rows.slice(1) : rows
    const numbers = body.reduce((sum, cells) => sum + cells.filter((cell) => cellKind(cell) !== 'text').length / cells.length, 0)
    const score = (often / rows.length) * (numbers / body.length + 0.01)
    if (score > bestScore * (1 + 1e-9)) [best, bestScore] = [separator, score]
  }
  return best
}

/** What a column's cells below the first line are. */
interface Column {
  readonly numbers: number
  readonly texts: ReadonlySet<string>
  /** Its numbers are all written with a point or an exponent, as pandas writes floating-point columns. */
  readonly fractions: boolean
}

const columnOf = (rows: readonly CsvRow[], i: number): Column => {
  const cells = rows.map(({ cells: all }) => all[i] ?? '')
  const numbers = cells.filter((cell) => cellKind(cell) === 'number')
  return {
    numbers: numbers.length,
    texts: new Set(cells.filter((cell) => cellKind(cell) === 'text')),
    fractions: numbers.length > 0 && numbers.every((cell) => /[.eE]/.test(cell))
  }
}

/**
 * Is the first row the header? It is where a cell is a name that means something (and comes not again below), or words above mostly numbers, or no name above an index; and where
 * all its numbers are pandas' column numbers 0, 1, 2, … and its words do not come again below. Throws where only the user can know.
 */
function isHeader(first: CsvRow, below: readonly CsvRow[], file: string): boolean {
  const { cells } = first
  const columns = cells.map((_, i) => columnOf(below, i))
  if (cells.some((cell, i) => known(cell) && !columns[i].texts.has(cell))) return true
  if (below.length === 0) return false
  const isWord = (cell: string) => cellKind(cell) === 'text'
  if (cells.some((cell, i) => isWord(cell) && columns[i].numbers * 2 > below.length)) return true
  const from = cells[0] === '' ? 1 : 0
  const numbered = cells.slice(from).every((cell, i) => cell === String(i) || (isWord(cell) && columns[i + from].numbers === 0))
  const words = cells.filter(isWord)
  if (!numbered || words.length + from === cells.length) return false
  if (from === 1) return true
  if (words.length > 0) return cells.every((cell, i) => !isWord(cell) || !columns[i].texts.has(cell))
  if (columns.every(({ fractions }) => fractions)) return true
  if (cells.length > 2 || columns.some(({ fractions }) => fractions))
    throw badData(
      `${file}: line ${first.line} (${shown(cells.join(', '), 60)}) may be column numbers or a sample; say which with --header yes or --header no`
    )
  return false
}

/** Names out of the comment lines before the first row: the one with a name that means something, else the last; by the file's separator or another. */
function commentHeader(comments: readonly CsvComment[], columns: number, separator: string, below: readonly CsvRow[]): CsvHeader | null {
  const candidates = comments.flatMap(({ text, line }): CsvHeader[] => {
    for (const mark of [separator, ...Object.values(separators)]) {
      let cells: readonly string[] = []
      try {
        for (const row of splitRows(text, mark, '', () => undefined)) cells = row.cells
      } catch {
        continue
      }
      if (cells.length === columns && cells.some((cell) => cellKind(cell) === 'text')) return [{ names: cells, line, comment: true }]
    }
    return []
  })
  const found = candidates.find(({ names }) => names.some(known)) ?? candidates.at(-1) ?? null
  // A sample that was commented out has words only where the samples have words.
  const alike =
    found !== null &&
    found.names.every((cell, i) => (cellKind(cell) === 'text') === below.every(({ cells }) => cellKind(cells[i] ?? '') === 'text'))
  return alike && !found.names.some(known) ? null : found
}

/** Recognizes separator and header unless they are given. Throws when there are no lines at all, or for what only the user can know. */
export function readCsv(text: string, file: string, dialect: CsvDialect = {}): CsvFile {
  const separator = dialect.separator === undefined ? (recognizeSeparator(text) ?? ',') : separatorFrom(dialect.separator, file)
  const before: CsvComment[] = []
  let comments = 0
  let begun = false
  const source = splitRows(text, separator, file, (comment) => {
    comments++
    if (!begun) before.push(comment)
  })
  const sample: CsvRow[] = []
  for (let cells = 0; sample.length <= sampleRows && cells < sampleCells;) {
    const next = source.next()
    if (next.done) break
    begun = true
    sample.push(next.value)
    cells += next.value.cells.length
  }
  if (sample.length === 0) throw badData(`${file}: holds no lines${comments > 0 ? ' but comments' : ''}`)
  const [first, ...below] = sample
  const body = below.length > 0 ? below : sample
  const endsEmpty = ({ cells }: CsvRow) => cells.length > 1 && cells.at(-1) === ''
  const width = body[0].cells.length
  const trailing =
    body.every((row) => row.cells.length === width && endsEmpty(row)) && (endsEmpty(first) || first.cells.length === width - 1)
  const columns = trailing ? width - 1 : first.cells.length === width + 1 && endsEmpty(first) ? width : first.cells.length
  const evenly = (row: CsvRow): CsvRow => {
    const { cells, line } = row
    if (cells.length === columns) return row
    if (cells.length === columns + 1 && cells[columns] === '' && (trailing || row === first))
      return { ...row, cells: cells.slice(0, columns) }
    throw badData(
      `${file}: line ${line} has ${cells.length} cells, but line ${first.line} has ${columns} (the separator is ${nameOf(separator)})`
    )
  }
  const firstEven = evenly(first)
  const evenBelow = below.map(evenly)
  const plain = dialect.header === undefined ? isHeader(firstEven, evenBelow, file) : dialect.header
  const commented =
    dialect.header !== false && (dialect.header || !plain) ? commentHeader(before, columns, separator, [firstEven, ...evenBelow]) : null
  const header = commented ?? (plain ? { names: firstEven.cells, line: first.line, comment: false } : null)
  function* rows(): Generator<CsvRow> {
    if (header === null || header.comment) yield firstEven
    yield* evenBelow
    for (const row of source) yield evenly(row)
  }
  return {
    header,
    columns,
    separator: nameOf(separator),
    trailing,
    length: text.length,
    rows: rows(),
    comments: () => comments - (header?.comment ? 1 : 0)
  }
}
