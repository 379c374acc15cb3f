// Inside one run a figure has one colour, and its blocks are told apart by the pattern of their lines.
import { notFinitePlaces } from '../../app/not-finite'
import { blockLine } from '../../charts/line-style'
import type { LineSeries } from '../../charts/series'
import type { MetricsTable } from '../../../shared/api/contract'
import { columnsOf, metricLabel } from './metrics'

/** The colour of the k-th figure of a chart. */
export type Colours = (index: number) => string

/** Each figure as one series, or as one for each block. */
export function blockLines(table: MetricsTable, bases: readonly string[], colours: Colours): LineSeries[] {
  return bases.flatMap((base, figure) =>
    columnsOf(table, base).map((column, block) => ({
      id: column,
      name: metricLabel(column),
      colour: colours(figure),
      ...blockLine(block),
      x: table.steps,
      y: table.columns[column],
      notFinite: notFinitePlaces(table, column, table.steps)
    }))
  )
}
