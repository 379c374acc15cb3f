// Splits text into rows of cells (RFC 4180, comment lines, runs of spaces), row by row: a file of numbers never exists as a table of texts.
import { StorageError } from '../files'
import { badData } from './data-error'

export interface CsvRow {
  readonly cells: readonly string[]
  /** Line number, from 1, on which the row begins, for messages. */
  readonly line: number
  /** Place in the text after the row, for progress. */
  readonly end: number
}

/** A line that starts with `#` or `%`, as numpy.savetxt and others write headers and remarks. */
export interface CsvComment {
  /** Without its mark. */
  readonly text: string
  readonly line: number
}

const columnLimit = 100_000
const [tab, newLine, carriageReturn, space, quote, hash, percent] = [...'\t\n\r "#%'].map((letter) => letter.charCodeAt(0))

/** Escaped by backslashes, as Python's csv module writes when asked to, and not read here. */
const escaped = (cell: string, beforeMark: boolean) => cell.includes('\\') && (cell.includes('\\"') || (beforeMark && cell.endsWith('\\')))

/**
 * Rows by one separator; `' '` stands for runs of spaces and tabs. Cells may be quoted, quotes doubled, line ends inside quotes. Empty lines are skipped,
 * comment lines go to `onComment`, spaces around cells go. Throws for quotes that stay open and text after them, naming the line.
 */
export function* splitRows(text: string, separator: string, file: string, onComment: (comment: CsvComment) => void): Generator<CsvRow> {
  const mark = separator.charCodeAt(0)
  const runs = separator === ' '
  const { length } = text
  const isBlank = (code: number) => code === space || (code === tab && (runs || mark !== tab))
  const isEnd = (code: number) => code === newLine || code === carriageReturn
  const isMark = runs ? isBlank : (code: number) => code === mark
  let line = 1
  let at = 0
  while (at < length) {
    const start = line
    const cells: string[] = []
    let first = true
    for (;;) {
      while (at < length && isBlank(text.charCodeAt(at))) at++
      const code = text.charCodeAt(at)
      if (first && (code === hash || code === percent)) {
        let end = at
        while (end < length && !isEnd(text.charCodeAt(end))) end++
        onComment({
          text: text
            .slice(at, end)
            .replace(/^[#%]+/, '')
            .trim(),
          line
        })
        at = end
        break
      }
      // Spaces at a line's end separate nothing.
      if (runs && !first && (at >= length || isEnd(code))) break
      first = false
      if (cells.length >= columnLimit)
        throw new StorageError('too-large', `${file}: line ${line} has more than ${columnLimit} cells; save it as .npz`)
      if (code === quote) {
        let end = at + 1
        for (;;) {
          end = text.indexOf('"', end)
          if (end < 0) throw badData(`${file}: line ${start} opens a quote that is never closed`)
          if (text.charCodeAt(end + 1) !== quote) break
          end += 2
        }
        const cell = text.slice(at + 1, end).replaceAll('""', '"')
        for (let i = cell.indexOf('\n'); i >= 0; i = cell.indexOf('\n', i + 1)) line++
        cells.push(cell.trim())
        at = end + 1
        if (!runs) while (at < length && isBlank(text.charCodeAt(at))) at++
        const next = text.charCodeAt(at)
        if (at < length && !isMark(next) && !isEnd(next)) throw badData(`${file}: line ${line} has text after a closing quote`)
      } else {
        let end = at
        for (let next = code; end < length && !isMark(next) && !isEnd(next); next = text.charCodeAt(++end));
        const cell = text.slice(at, end).trimEnd()
        if (escaped(cell, isMark(text.charCodeAt(end))))
          throw badData(
            `${file}: line ${line} has a backslash before a quote or separator; write cells in quotes, and quotes in them doubled`
          )
        cells.push(cell)
        at = end
      }
      if (at >= length || isEnd(text.charCodeAt(at))) break
      at++
    }
    if (text.charCodeAt(at) === carriageReturn && text.charCodeAt(at + 1) === newLine) at++
    if (cells.length > 1 || (cells.length === 1 && cells[0] !== '')) yield { cells, line: start, end: at }
    if (at < length) {
      at++
      line++
    }
  }
}
