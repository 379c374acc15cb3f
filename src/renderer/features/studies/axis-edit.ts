// An axis as a form edits it: its values as text, its range, its random sample, and how many values it has.
import type { AxisInput } from '../../../shared/studies/spec'
import { readNumeral } from '../new-run/spec-edit'
import type { FieldRow } from './field-rows'

export type AxisMode = 'values' | 'range' | 'sample'

export const modeOf = (axis: AxisInput): AxisMode => ('sample' in axis ? 'sample' : 'values' in axis ? 'values' : 'range')

/** Values with commas between: JSON where it is JSON, else numbers and words. */
export function readValues(text: string): unknown[] {
  if (text.trim() === '') return []
  try {
    return JSON.parse(`[${text}]`) as unknown[]
  } catch {
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map(readNumeral)
  }
}

/** A text that would be read as something else stands in quotes. */
const plain = (text: string) => text !== '' && !/^[\s"[{]|,|^(true|false|null)$/.test(text) && readNumeral(text) === text

export const shownValues = (values: readonly unknown[]): string => {
  const words = values.every((value) => typeof value !== 'string' || plain(value)) && values.every((value) => typeof value !== 'object')
  return values.map((value) => (words && typeof value === 'string' ? value : JSON.stringify(value))).join(', ')
}

const round = (value: number) => Number(value.toPrecision(3))

/** An axis over a field to begin with: around its value now. */
export function starterAxis({ path, kind, current, options }: Pick<FieldRow, 'path' | 'kind' | 'current' | 'options'>): AxisInput {
  if (kind === 'options') return { path, values: options.slice(0, 2).map(({ value }) => value) as never }
  if (kind === 'json') return { path, values: (current === null || current === undefined ? [] : [current]) as never }
  const value = typeof current === 'number' && current !== 0 ? current : 1
  if (Number.isInteger(value) && Math.abs(value) > 1) return { path, values: [...new Set([Math.round(value / 2), value, 2 * value])] }
  return { path, values: [round(value / 10), round(value / 3), value] }
}

/** The same axis in another mode, with the numbers it had. */
export function inMode(axis: AxisInput, mode: AxisMode): AxisInput {
  const numbers = (axis.values ?? []).filter((value): value is number => typeof value === 'number')
  const from = axis.from ?? (numbers.length > 0 ? Math.min(...numbers) : 0.1)
  const to = axis.to ?? (numbers.length > 0 ? Math.max(...numbers) : 1)
  const scale = axis.scale ?? (from > 0 && to / from >= 10 ? 'log' : 'linear')
  const { path } = axis
  if (mode === 'range') return { path, from, to, count: axis.sample ?? axis.count ?? 5, scale }
  if (mode === 'sample') return { path, sample: axis.count ?? axis.sample ?? 10, from, to, scale }
  return { path, values: axis.values ?? [from, to] }
}

/** How many values it has; 0 while it is not complete. */
export const countOf = ({ values, count, sample }: Pick<AxisInput, 'values' | 'count' | 'sample'>): number =>
  values?.length ?? sample ?? count ?? 0

/** Cells of axes that multiply; those that are drawn together count once. */
export function cellsOf(axes: readonly AxisInput[]): number {
  const grid = axes.filter((axis) => axis.sample === undefined).reduce((product, axis) => product * countOf(axis), 1)
  const drawn = axes.find((axis) => axis.sample !== undefined)
  return grid * (drawn?.sample ?? 1)
}
