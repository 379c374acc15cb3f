// What the columns of a table are for: inputs, targets, the one that sorts samples into training and test, an index.
import { splitName, targetName, type CsvFile } from '../formats/csv'
import { badData, badInput, shown } from '../formats/data-error'

/** The file and what its columns are for. */
export interface Columns {
  readonly name: string
  readonly titles: readonly string[]
  readonly inputs: readonly number[]
  readonly targets: readonly number[]
  /** −1 without one. */
  readonly split: number
  /** pandas' index: a first column whose name is empty. −1 without one. */
  readonly index: number
}

/** The column of a name, or of a number from 1 where none has that name. */
function columnNamed(wanted: string, titles: readonly string[], name: string): number {
  const places = titles.flatMap((title, i) => (title === wanted ? [i] : []))
  if (places.length > 1)
    throw badInput(`${name}: ${places.length} columns are called "${shown(wanted, 40)}"; give the target's number, from 1`)
  if (places.length === 1) return places[0]
  const number = /^\d+$/.test(wanted) ? Number(wanted) : 0
  if (number >= 1 && number <= titles.length) return number - 1
  const there = titles.length > 20 ? [...titles.slice(0, 20), '…'] : titles
  throw badInput(`${name}: has no column "${shown(wanted, 40)}"; there are ${shown(there.join(', '), 300)}`)
}

/**
 * Columns named label, class, target or y (y1, y2, …) are targets; without such a name the last column is. A column `split` sorts samples into train and
 * test. A first column without a name is the index that pandas writes, no input.
 */
export function columnsOf(file: CsvFile, wanted: readonly string[] | undefined, name: string): Columns {
  const names = file.header?.names
  const titles = Array.from({ length: file.columns }, (_, i) => names?.[i] || `column ${i + 1}`)
  const all = titles.map((_, i) => i)
  const split = names?.findIndex((title) => splitName.test(title)) ?? -1
  const given = wanted?.map((one) => columnNamed(one, titles, name))
  const twice = given?.find((column, i) => given.indexOf(column) !== i)
  if (twice !== undefined) throw badInput(`${name}: the target ${titles[twice]} is named twice`)
  if (given?.includes(split)) throw badInput(`${name}: the column ${titles[split]} says which samples are for tests; it can be no target`)
  const index = names && /^(unnamed: 0)?$/i.test(names[0]) && !given?.includes(0) && file.columns > 1 ? 0 : -1
  const rest = all.filter((i) => i !== split && i !== index)
  const named = rest.filter((i) => targetName.test(names?.[i] ?? ''))
  const targets = given ?? (named.length > 0 ? named : rest.slice(-1))
  if (given === undefined && new Set(named.map((i) => titles[i])).size < named.length)
    throw badData(`${name}: several columns are called ${titles[named[0]]}; name the target by its number, from 1 (--target)`)
  return { name, titles, inputs: rest.filter((i) => !targets.includes(i)), targets, split, index }
}

/** "iris.csv: line 3, cell 2 (width)" */
export const placeOf = ({ name, titles }: Columns, line: number, column: number) =>
  `${name}: line ${line}, cell ${column + 1}${titles[column].startsWith('column ') ? '' : ` (${shown(titles[column], 40)})`}`
