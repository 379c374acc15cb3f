// How a table is to be read, as the form says it and as the API takes it: what is left to be recognized is not sent.
import type { CsvOptions } from '../../../shared/datasets/schema'

export interface CsvForm {
  header: 'auto' | 'yes' | 'no'
  separator: 'auto' | 'comma' | 'semicolon' | 'tab' | 'space' | 'pipe'
  /** Names or numbers of columns, separated by commas; a name with a comma in it stands in quotes. */
  target: string
  meaning: 'auto' | 'classes' | 'values'
}

export const emptyCsvForm = (): CsvForm => ({ header: 'auto', separator: 'auto', target: '', meaning: 'auto' })

/** The columns named in a text: `price, "height, in cm", 7`. */
export function targetColumns(text: string): string[] {
  return [...text.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*?))\s*(?:,|$)/g)]
    .map(([, quoted, plain]) => (quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"')))
    .filter((name) => name !== '')
}

export function csvOptions({ header, separator, target, meaning }: CsvForm): CsvOptions {
  const columns = targetColumns(target)
  return {
    ...(header === 'auto' ? {} : { header: header === 'yes' }),
    ...(separator === 'auto' ? {} : { separator }),
    ...(columns.length === 0 ? {} : { target: columns }),
    ...(meaning === 'auto' ? {} : { classes: meaning === 'classes' })
  }
}

/** What can be said how a table is read is taken for these files only. */
export const isTablePath = (path: string) => /\.(csv|tsv|txt)$/i.test(path.trim())
