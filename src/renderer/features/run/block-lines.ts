// Inside one run a figure has one colour, and its blocks are told apart by the pattern of their lines.
import { seriesColour } from '../../app/colours'
import type { LineSeries } from '../../charts/series'
import type { MetricsTable } from '../../../shared/api/contract'
import { columnsOf, metricLabel } from './metrics'

const patterns = ['solid', 'dashed', 'dotted', 'dash-dot'] as const

/** Each figure as one series, or as one for each block; `firstColour` is the place of the first figure's colour. */
export function blockLines(table: MetricsTable, bases: readonly string[], firstColour = 0): LineSeries[] {
  return bases.flatMap((base, figure) =>
    columnsOf(table, base).map((column, block) => ({
      id: column,
      name: metricLabel(column),
      colour: seriesColour(firstColour + figure),
      line: patterns[block % patterns.length],
      x: table.steps,
      y: table.columns[column]
    }))
  )
}
