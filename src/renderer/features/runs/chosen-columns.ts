// Columns of the user's choice: their names in the settings, `spec:<path>` and `metric:<name>:<place>`, and what they show.
import type { MetricPlace, RunColumn, RunValue } from '../../../shared/run/column'
import type { RunSummary } from '../../../shared/run/summary'
import { metricLabel, splitMetric } from '../run/metrics'
import type { RunTableColumn } from './columns'
import { commonFigure, groupTitle, meanFigure } from './groups'
import { numberStyles, type NumberStyle } from './number-style'

export interface ChosenValue {
  readonly value: RunValue
  readonly step: number | null
}

export function idOfColumn(column: RunColumn): string {
  if (column.kind === 'spec') return `spec:${column.path}`
  return `metric:${column.name}:${typeof column.at === 'string' ? column.at : column.at.step}`
}

/** Null for what is no such name. */
export function columnOfId(id: string): RunColumn | null {
  const path = /^spec:(.{1,200})$/.exec(id)?.[1]
  if (path !== undefined) return { kind: 'spec', path }
  const [, name, place] = /^metric:(.{1,100}):(last|min|max|\d{1,9})$/.exec(id) ?? []
  if (name === undefined) return null
  const at: MetricPlace = place === 'last' || place === 'min' || place === 'max' ? place : { step: Number(place) }
  return { kind: 'metric', name, at }
}

export function nameOfPlace(at: MetricPlace): string {
  return typeof at === 'string' ? at : `at step ${at.step}`
}

/** As it is called in the table and its menus. */
export function labelOfColumn(column: RunColumn): string {
  return column.kind === 'spec' ? column.path : `${metricLabel(column.name)}, ${nameOfPlace(column.at)}`
}

const fractions = ['testAccuracy', 'trainAccuracy', 'valAccuracy', 'index']

/** How numbers of the column are shown: those of a spec as they are written, measured ones rounded. */
function styleOf(column: RunColumn): NumberStyle {
  if (column.kind === 'spec') return numberStyles.written
  return fractions.includes(splitMetric(column.name).base) ? numberStyles.fraction : numberStyles.measured
}

/** The table's column; `valueOf` looks the value up, undefined while it is not there yet. */
export function chosenColumn(column: RunColumn, valueOf: (run: RunSummary) => ChosenValue | undefined): RunTableColumn {
  const value = (run: RunSummary): number | string | null => {
    const found = valueOf(run)?.value ?? null
    return typeof found === 'boolean' ? String(found) : found
  }
  const label = labelOfColumn(column)
  const style = styleOf(column)
  const textOf = (one: RunValue) => (typeof one === 'number' ? style.value(one) : one === null ? '–' : String(one))
  const header = column.kind === 'spec' ? column.path.split('.').slice(-2).join('.') : label
  return {
    id: idOfColumn(column),
    header,
    menuName: label,
    title: column.kind === 'spec' ? `${column.path} of the spec` : `${label} (${column.name} of metrics.ndjson). ${groupTitle}`,
    width: `${Math.min(170, Math.max(84, 30 + header.length * 7))}px`,
    align: 'end',
    value,
    text: (run) => {
      const found = valueOf(run)
      return found === undefined ? '…' : textOf(found.value)
    },
    group(runs) {
      const values = runs.map(value)
      const numbers = values.filter((one) => typeof one === 'number').length
      if (numbers > 0 && values.every((one) => typeof one === 'number' || one === null))
        return column.kind === 'spec' && new Set(values).size === 1
          ? commonFigure(values.map((one) => textOf(one)))
          : meanFigure(
              values.map((one) => (typeof one === 'number' ? one : null)),
              style
            )
      return commonFigure(values.map((one) => (one === null ? null : String(one))))
    }
  }
}
