// Tables, times and texts from outside, for people.
import { duration } from '../shared/format/durations'
import type { RunStatus } from '../shared/run/schema'

/**
 * What a terminal acts on in place of showing it: control characters, separators of lines and paragraphs, halves of characters, and those that
 * turn the direction of the text around them.
 */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A text from outside (a name, a tag, a note, an error, a file's name) in one line that can do nothing to a terminal: `\u001b`, `\u000a`. */
export const oneLine = (text: string) => text.replace(unprintable, escaped)

/** The same for a text with lines of our own: newlines stay. Within JSON it is JSON still, of the same value. */
export const harmless = (text: string) => text.replace(unprintable, (character) => (character === '\n' ? character : escaped(character)))

/** Columns lined up: texts to the left, columns named in `right` to the right. Cells may hold texts from outside. */
export function table(header: readonly string[], given: readonly (readonly string[])[], right: readonly string[] = []): string {
  const rows = given.map((cells) => cells.map(oneLine))
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column].length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (right.includes(header[column]) ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
      .join('  ')
      .trimEnd()
  return [line(header), ...rows.map(line)].join('\n')
}

/** "21 s of steps, 79 s in all": the steps' own work, and everything where it was counted. */
export function timesText({ seconds, wallSeconds }: Pick<RunStatus, 'seconds' | 'wallSeconds'>): string {
  return `${duration(seconds)} of steps${wallSeconds === null ? '' : `, ${duration(wallSeconds)} in all`}`
}
