// How a column of numbers is written: one run's value, the mean of a group, and its deviation.
import { formatBytes, formatCount, formatDuration, formatNumber, formatPercent } from '../../app/format'

type Format = (value: number | null) => string

export interface NumberStyle {
  readonly value: Format
  readonly mean: Format
  readonly deviation: Format
}

const two: Format = (value) => formatNumber(value, 2)
const four: Format = (value) => formatNumber(value)
const three: Format = (value) => formatNumber(value, 3)
const same = (format: Format): NumberStyle => ({ value: format, mean: format, deviation: format })

export const numberStyles = {
  measured: { value: four, mean: four, deviation: two },
  short: { value: three, mean: three, deviation: two },
  count: { value: formatCount, mean: four, deviation: two },
  /** As it is written in the spec. */
  written: { value: (value) => (value === null ? '–' : String(value)), mean: four, deviation: two },
  fraction: same((value) => formatPercent(value)),
  duration: same(formatDuration),
  bytes: same(formatBytes)
} as const satisfies Record<string, NumberStyle>
