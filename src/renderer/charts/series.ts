// Series of a line chart: what of them the axes can show, carried to places, and as a table.
import { placeOf, valueAt, type AxisScale } from './axis'
import type { LineLook } from './line-style'
import { symlogConstant, type ScaleKind } from './scale'
import type { PlotTable } from './table'

export interface LineSeries extends LineLook {
  readonly id: string
  readonly name: string
  readonly colour: string
  readonly x: ArrayLike<number>
  /** NaN: there is no figure, the line goes on to the next one. */
  readonly y: ArrayLike<number>
  /** Drawn thin and pale, not in the legend: raw values behind smoothed ones. */
  readonly faint?: boolean
  /** Points without a line between them, as of single seeds. */
  readonly scattered?: boolean
  /** A level across the plot, not measured: no points on it. */
  readonly level?: boolean
  /** A translucent area around the line, at the same x. */
  readonly band?: { readonly low: ArrayLike<number>; readonly high: ArrayLike<number> }
  /** Marked along the foot of the plot at its x, whatever its y: sizes that are nothing but rounding and must not stretch the axis. */
  readonly foot?: boolean
  /** Points as rings. */
  readonly hollow?: boolean
  /** Places of x where the figure is NaN or infinite: marked, and the line broken. */
  readonly notFinite?: ArrayLike<number>
}

/** A series as it is drawn: x, y, x, y, … in places, a pair with NaN where the line breaks. */
export interface DrawnSeries {
  readonly pairs: Float64Array
  /** x, low, high, … of the band in places. */
  readonly band: Float64Array
  /** x of the marks, in places. */
  readonly marks: readonly number[]
  /** x of what is marked along the foot, in places. */
  readonly foot: readonly number[]
  /** Finite values that the scales cannot show. */
  readonly hidden: number
  readonly breaks: boolean
}

/** Where the linear part of a symlog axis ends for these columns together. */
export function constantOf(kind: ScaleKind, columns: readonly ArrayLike<number>[]): number {
  if (kind !== 'symlog') return 1
  const stride = Math.max(1, Math.floor(columns.reduce((sum, column) => sum + column.length, 0) / 20_000))
  const sample: number[] = []
  for (const column of columns) for (let i = 0; i < column.length; i += stride) sample.push(column[i])
  return symlogConstant(sample)
}

/** The points that both scales can show, in their order. */
export function drawnSeries(series: LineSeries, xScale: AxisScale, yScale: AxisScale): DrawnSeries {
  const { x, y, band } = series
  if (series.foot) {
    const foot = Array.from(x, (value) => placeOf(xScale, value)).filter(Number.isFinite)
    return { pairs: new Float64Array(), band: new Float64Array(), marks: [], foot, hidden: 0, breaks: false }
  }
  const bad = Array.from(series.notFinite ?? []).sort((a, b) => a - b)
  const count = Math.min(x.length, y.length)
  const pairs = new Float64Array(2 * (count + bad.length))
  const area = band ? new Float64Array(3 * count) : new Float64Array()
  let [length, areaLength, hidden, next] = [0, 0, 0, 0]
  for (let i = 0; i < count; i++) {
    if (!Number.isFinite(x[i]) || !Number.isFinite(y[i])) continue
    const [px, py] = [placeOf(xScale, x[i]), placeOf(yScale, y[i])]
    if (Number.isNaN(px) || Number.isNaN(py)) {
      hidden++
      continue
    }
    let broken = false
    for (; next < bad.length && bad[next] <= x[i]; next++) broken = true
    if (broken && length > 0) {
      pairs[length++] = px
      pairs[length++] = NaN
    }
    pairs[length++] = px
    pairs[length++] = py
    if (!band) continue
    const [low, high] = [placeOf(yScale, band.low[i]), placeOf(yScale, band.high[i])]
    if (!Number.isFinite(high)) continue
    area[areaLength++] = px
    // What a logarithmic axis cannot show of a band ends at its line.
    area[areaLength++] = Number.isFinite(low) ? low : py
    area[areaLength++] = high
  }
  const marks = bad.map((place) => placeOf(xScale, place)).filter(Number.isFinite)
  return { pairs: pairs.subarray(0, length), band: area.subarray(0, areaLength), marks, foot: [], hidden, breaks: marks.length > 0 }
}

/** The part that a view of x shows, one point beyond at either side; all of it when x does not ascend. */
export function inView(numbers: Float64Array, width: number, from: number, to: number): Float64Array {
  const count = numbers.length / width
  let [first, last] = [0, count]
  for (let i = 1; i < count; i++) if (numbers[i * width] < numbers[(i - 1) * width]) return numbers
  while (first + 1 < count && numbers[(first + 1) * width] < from) first++
  while (last > 1 && numbers[(last - 2) * width] > to) last--
  return numbers.subarray(first * width, last * width)
}

/** Lowest and highest of some columns of numbers; null when there is none. */
function extremes(numbers: Float64Array, width: number, columns: readonly number[], take: (i: number) => boolean): [number, number] | null {
  let [low, high] = [Infinity, -Infinity]
  for (let i = 0; i < numbers.length; i += width) {
    if (!take(i)) continue
    for (const column of columns) {
      const value = numbers[i + column]
      if (value < low) low = value
      if (value > high) high = value
    }
  }
  return low > high ? null : [low, high]
}

const joined = (ranges: readonly ([number, number] | null)[]): [number, number] | null => {
  const all = ranges.filter((range) => range !== null)
  return all.length === 0 ? null : [Math.min(...all.map(([low]) => low)), Math.max(...all.map(([, high]) => high))]
}

const asValues = (range: [number, number] | null, scale: AxisScale): [number, number] | null =>
  range === null ? null : [valueAt(scale, range[0]), valueAt(scale, range[1])]

/** Lowest and highest x, with those of the marks. */
export function rangeOfX(drawn: readonly DrawnSeries[], scale: AxisScale): [number, number] | null {
  const all = drawn.flatMap(({ pairs, marks, foot }) => [
    extremes(pairs, 2, [0], () => true),
    extremes(Float64Array.from(marks), 1, [0], () => true),
    extremes(Float64Array.from(foot), 1, [0], () => true)
  ])
  return asValues(joined(all), scale)
}

/** Lowest and highest y of what lies within [from, to] (places of x); of everything when nothing does, as between two points. */
export function rangeOfY(drawn: readonly DrawnSeries[], scale: AxisScale, from: number, to: number): [number, number] | null {
  const within = (all: boolean) =>
    joined(
      drawn.flatMap(({ pairs, band }) => [
        extremes(pairs, 2, [1], (i) => all || (pairs[i] >= from && pairs[i] <= to)),
        extremes(band, 3, [1, 2], (i) => all || (band[i] >= from && band[i] <= to))
      ])
    )
  return asValues(within(false) ?? within(true), scale)
}

/** One row a point, all series below each other. Series of one name are told apart by their id; raw values behind smoothed ones say so. */
export function seriesTable(series: readonly LineSeries[], xLabel: string, yLabel: string): PlotTable {
  const full = series.filter((one) => !one.faint)
  const ids = new Set(full.map((one) => one.name)).size < full.length
  const banded = series.some((one) => one.band)
  const rows = {
    names: [] as string[],
    ids: [] as string[],
    x: [] as number[],
    y: [] as (number | string)[],
    low: [] as number[],
    high: [] as number[]
  }
  for (const one of series) {
    const bad = Array.from(one.notFinite ?? []).sort((a, b) => a - b)
    const add = (x: number, y: number | string, i: number) => {
      rows.names.push(one.faint && !one.scattered ? `${one.name} (raw)` : one.name)
      rows.ids.push(one.id.split('\u0000')[0])
      rows.x.push(x)
      rows.y.push(y)
      rows.low.push(one.band?.low[i] ?? NaN)
      rows.high.push(one.band?.high[i] ?? NaN)
    }
    for (let i = 0; i < one.x.length; i++) {
      while (bad.length > 0 && bad[0] <= one.x[i]) add(bad.shift() as number, 'not finite', -1)
      if (Number.isFinite(one.y[i])) add(one.x[i], one.y[i], i)
    }
    for (const place of bad) add(place, 'not finite', -1)
  }
  return {
    header: ['series', ...(ids ? ['id'] : []), xLabel, yLabel, ...(banded ? ['low', 'high'] : [])],
    columns: [rows.names, ...(ids ? [rows.ids] : []), rows.x, rows.y, ...(banded ? [rows.low, rows.high] : [])]
  }
}
