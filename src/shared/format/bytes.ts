// Sizes in bytes as people read and write them: decimal units.
import { narrowSpace } from './figures'

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** The largest unit in which a size rounds to at least 1. */
function unitOf(count: number): number {
  let unit = 0
  for (let value = count; value >= 999.5 && unit < units.length - 1; value /= 1000) unit++
  return unit
}

const sizes = (space: string, digits: (value: number) => string) => (count: number) => {
  const unit = unitOf(count)
  return `${unit === 0 ? Math.round(count) : digits(count / 1000 ** unit)}${space}${units[unit]}`
}

/** In the terminal, in logs and in sentences: `0 B`, `1.50 kB`, `450 MB`. */
export const bytes = sizes(' ', (value) => value.toPrecision(3))
/** On the page: `1.5 kB`, `450 MB`. */
export const bytesOnPage = sizes(narrowSpace, (value) => (value >= 99.95 ? value.toFixed(0) : value.toFixed(1)))

/** In one unit, for sizes that are compared: `8.2 GB`, `0.5 GB`. */
export function bytesIn(unit: (typeof units)[number], count: number, decimals = 1): string {
  return `${(count / 1000 ** units.indexOf(unit)).toFixed(decimals)} ${unit}`
}

/** A size as a spec writes it: "20 GB". */
export const writtenBytes = /^(\d+(?:\.\d+)?) ?(B|kB|MB|GB|TB)$/

/** "20 GB" → 20e9. Throws for anything else. */
export function parseBytes(text: string): number {
  const found = writtenBytes.exec(text)
  if (!found) throw new Error(`"${text}" is not a size such as "20 GB"`)
  return Number(found[1]) * 1000 ** (units as readonly string[]).indexOf(found[2])
}
