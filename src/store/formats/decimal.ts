// Numbers as people and programs write them in text, taken strictly: what is not plainly a decimal number gets a reason, never a guess.
import { shown } from './data-error'

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/** The number that a cell spells, or NaN. JavaScript's own spellings ("", "0x10", "Infinity") are none; integers beyond 2^53 are none either. */
export function decimalNumber(cell: string): number {
  if (!decimal.test(cell)) return NaN
  const value = Number(cell)
  if (!Number.isFinite(value) || (cell.length > 15 && !Number.isSafeInteger(value) && /^[+-]?\d+$/.test(cell))) return NaN
  return value
}

export type CellKind = 'number' | 'missing' | 'spelling' | 'text'

const missingWords = new Set([
  '',
  'nan',
  'na',
  'n/a',
  '#n/a',
  '<na>',
  'nat',
  'null',
  'nil',
  'none',
  '?',
  '-',
  '.',
  '-nan',
  '+nan',
  '1.#qnan',
  '#num!',
  '#value!'
])
/** Of them those that may as well be the name of a class. */
const missingOrName = new Set(['none', 'nil', '-', '.'])
const infinite = /^[+-]?(?:inf|infinity|∞|1\.#inf)$/i
const withComma = /^[+-]?[\d.]*\d,\d[\d,]*(?:\.\d*)?(?:[eE][+-]?\d+)?$/
const otherSpelling =
  /^[+\-−]?(?:0[xob][\da-f]+|\d[\d_' \u00a0\u202f]*\d(?:\.\d*)?|\d+(?:\.\d*)?[dD][+-]?\d+|\d+(?:[.,]\d*)?\s?%|−[\d.]+(?:[eE][+-]?\d+)?)$/i

/** What a cell is where a number is wanted: `missing` stands for no value or none that is finite, `spelling` for a number in another way of writing. */
export function cellKind(cell: string): CellKind {
  if (!Number.isNaN(decimalNumber(cell))) return 'number'
  if (missingWords.has(cell.toLowerCase()) || infinite.test(cell)) return 'missing'
  return withComma.test(cell) || decimal.test(cell) || otherSpelling.test(cell) ? 'spelling' : 'text'
}

/** True for what stands for a missing value even among words: "NA", "?"; not for "none", which may be a class. */
export function standsForMissing(cell: string): boolean {
  const word = cell.toLowerCase()
  return missingWords.has(word) && !missingOrName.has(word)
}

/** Why a cell is no number, as the rest of a sentence about it. */
export function numberFault(cell: string): string {
  const quoted = `"${shown(cell, 40)}"`
  if (cell === '') return 'is empty; fill it in or leave the line out'
  if (/^(true|false)$/i.test(cell)) return `${quoted} is a truth value; write 1 and 0`
  if (infinite.test(cell)) return `${quoted} is not finite`
  if (cellKind(cell) === 'missing') return `${quoted} stands for a missing value; fill it in or leave the line out`
  if (withComma.test(cell)) return `${quoted} has a comma in it; write decimal points, and no thousands separators`
  if (/^[+-]?\d+$/.test(cell)) return `${quoted} is an integer beyond 2^53, which a double does not hold`
  if (decimal.test(cell)) return `${quoted} is beyond the range of a double`
  return `${quoted} is no decimal number`
}
