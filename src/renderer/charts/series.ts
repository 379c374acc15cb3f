// Series of a line chart: pairs for ECharts, what the scales leave out, and the tables that are exported.
import type { ScaleKind } from './scale'

export interface LineSeries {
  readonly id: string
  readonly name: string
  readonly colour: string
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
  /** Drawn thin and pale, not in the legend: raw values behind smoothed ones. */
  readonly faint?: boolean
  readonly dashed?: boolean
}

/** [x0, y0, x1, y1, …] of the points both scales can show, and how many of the finite ones they cannot. */
export function drawablePairs(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  xScale: ScaleKind,
  yScale: ScaleKind
): { pairs: Float64Array; hidden: number } {
  const pairs = new Float64Array(2 * Math.min(x.length, y.length))
  let length = 0
  let hidden = 0
  for (let i = 0; i < pairs.length / 2; i++) {
    if (!Number.isFinite(x[i]) || !Number.isFinite(y[i])) continue
    if ((xScale === 'log' && x[i] <= 0) || (yScale === 'log' && y[i] <= 0)) {
      hidden++
      continue
    }
    pairs[length++] = x[i]
    pairs[length++] = y[i]
  }
  return { pairs: pairs.subarray(0, length), hidden }
}

const cell = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** Comma-separated text with a header line; numbers in full precision, what is missing empty. */
export function csv(header: readonly string[], columns: readonly ArrayLike<number | string>[]): string {
  const length = columns.reduce((most, column) => Math.max(most, column.length), 0)
  const lines = [header.map(cell).join(',')]
  for (let i = 0; i < length; i++)
    lines.push(
      columns
        .map((column) => {
          const value = column[i]
          if (value === undefined || (typeof value === 'number' && Number.isNaN(value))) return ''
          return typeof value === 'number' ? String(value) : cell(value)
        })
        .join(',')
    )
  return `${lines.join('\n')}\n`
}

/** Long form: one line a point. */
export function seriesCsv(series: readonly LineSeries[], xLabel: string, yLabel: string): string {
  const names: string[] = []
  const x: number[] = []
  const y: number[] = []
  for (const one of series)
    for (let i = 0; i < one.x.length; i++) {
      if (!Number.isFinite(one.y[i])) continue
      names.push(one.name)
      x.push(one.x[i])
      y.push(one.y[i])
    }
  return csv(['series', xLabel, yLabel], [names, x, y])
}
