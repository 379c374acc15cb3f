// Figures of a report as inline SVG, drawn from a table: lines, scatter, bars, histograms, heat maps, regions. Readable without script; colours are the page's.
import { figureOnPage } from '../../shared/format/figures'
import { escaped } from './escape'
import { scaleOf, type Scale } from './scale'
import { seriesColours } from './style'
import type { Cell, Table } from './table'

export interface Axis {
  readonly column: string
  /** With the unit. */
  readonly label: string
  readonly log?: boolean
}

interface Common {
  readonly title: string
  /** What is seen, for those who cannot see it. */
  readonly description: string
  readonly x: Axis
  readonly y: Axis
}
/** `by`: a column whose values are the series; null for one series. */
interface Grouped extends Common {
  readonly by: string | null
}

export type Plot =
  /** Rows of a series are joined in the order of x; a band lies between two columns. */
  | (Grouped & { readonly type: 'lines'; readonly band?: { readonly low: string; readonly high: string }; readonly marks?: boolean })
  | (Grouped & { readonly type: 'scatter' })
  /** x holds names; a whisker lies between two columns. */
  | (Grouped & { readonly type: 'bars'; readonly whisker?: { readonly low: string; readonly high: string } })
  /** Each row is a bin from the column of x to the column `to`. */
  | (Grouped & { readonly type: 'histogram'; readonly to: string })
  /** A rectangle a row, from x to `to.x` and from y to `to.y`, its colour by a column. */
  | (Common & { readonly type: 'regions'; readonly to: { readonly x: string; readonly y: string }; readonly by: string })
  /** A rectangle a row; x and y hold names or numbers, each different value a column or row. */
  | (Common & { readonly type: 'heat'; readonly value: Axis })

const [width, height] = [640, 400]
const box = { left: 78, right: width - 16, bottom: height - 52 }

const attribute = (value: number) => String(Math.round(value * 100) / 100)
const textOf = (cell: Cell) => (typeof cell === 'number' ? figureOnPage(cell, 5) : cell === null ? '–' : String(cell))

interface Reader {
  number(row: readonly Cell[], column: string): number | null
  cell(row: readonly Cell[], column: string): Cell
}

function readerOf(table: Table): Reader {
  const cell = (row: readonly Cell[], column: string) => {
    const place = table.columns.indexOf(column)
    if (place < 0) throw new Error(`${table.name} has no column ${column}`)
    return row[place] ?? null
  }
  return {
    cell,
    number(row, column) {
      const value = cell(row, column)
      return typeof value === 'number' && Number.isFinite(value) ? value : null
    }
  }
}

interface Series {
  readonly name: string | null
  readonly rows: readonly (readonly Cell[])[]
  /** Class of its colour. */
  readonly colour: string
  readonly place: number
}

function seriesOf(table: Table, by: string | null, { cell }: Reader): Series[] {
  const groups = new Map<string | null, (readonly Cell[])[]>()
  for (const row of table.rows) {
    const name = by === null ? null : textOf(cell(row, by))
    groups.set(name, [...(groups.get(name) ?? []), row])
  }
  return [...groups].map(([name, rows], place) => ({ name, rows, place, colour: `c${(place % seriesColours) + 1}` }))
}

const dashes = ['', '7 4', '2 3', '9 3 2 3']
const dashOf = ({ place }: Series) => (place % dashes.length === 0 ? '' : ` stroke-dasharray="${dashes[place % dashes.length]}"`)

/** Series differ by form as well as by colour. */
function mark({ place, colour }: Series, x: number, y: number, title: string): string {
  const [cx, cy, r] = [x, y, 4].map((value) => Math.round(value * 100) / 100)
  const inner = title === '' ? '' : `<title>${escaped(title)}</title>`
  const shapes = [
    `<circle class="mark ${colour}" cx="${cx}" cy="${cy}" r="${r}">${inner}</circle>`,
    `<rect class="mark ${colour}" x="${attribute(cx - r)}" y="${attribute(cy - r)}" width="${2 * r}" height="${2 * r}">${inner}</rect>`,
    `<path class="mark ${colour}" d="M${cx} ${attribute(cy - r - 1)}l${r + 1} ${2 * r + 1}h${-2 * r - 2}z">${inner}</path>`,
    `<path class="mark ${colour}" d="M${cx} ${attribute(cy - r - 1)}l${r + 1} ${r + 1}l${-r - 1} ${r + 1}l${-r - 1} ${-r - 1}z">${inner}</path>`
  ]
  return shapes[place % shapes.length]
}

/** Names of the series above the figure, in as many lines as they take. */
function legend(
  series: readonly Series[],
  sample: (one: Series, x: number, y: number) => string
): { readonly svg: string; readonly top: number } {
  const named = series.filter(({ name }) => name !== null)
  let [x, y] = [box.left, 16]
  const parts = named.map((one) => {
    const wide = 48 + 7.6 * String(one.name).length
    if (x > box.left && x + wide > box.right) [x, y] = [box.left, y + 20]
    const part = `${sample(one, x, y)}<text x="${attribute(x + 28)}" y="${y + 4}">${escaped(String(one.name))}</text>`
    x += wide
    return part
  })
  return { svg: parts.join(''), top: named.length === 0 ? 14 : y + 18 }
}

function axes(plot: Common, x: Scale | readonly string[], y: Scale | readonly string[], top: number): string {
  const { left, right, bottom } = box
  const parts: string[] = []
  const band = (list: readonly string[], from: number, to: number, k: number) => from + ((k + 0.5) * (to - from)) / list.length
  const across =
    'ticks' in x
      ? x.ticks.map(({ value, text }) => ({ at: x.at(value), text, grid: true }))
      : x.map((text, k) => ({ at: band(x, left, right, k), text, grid: false }))
  const up =
    'ticks' in y
      ? y.ticks.map(({ value, text }) => ({ at: y.at(value), text, grid: true }))
      : y.map((text, k) => ({ at: band(y, bottom, top, k), text, grid: false }))
  for (const { at, text, grid } of across)
    parts.push(
      `${grid ? `<path class="grid" d="M${attribute(at)} ${top}V${bottom}"/>` : ''}<text class="soft" text-anchor="middle" x="${attribute(at)}" y="${bottom + 18}">${escaped(text)}</text>`
    )
  for (const { at, text, grid } of up)
    parts.push(
      `${grid ? `<path class="grid" d="M${left} ${attribute(at)}H${right}"/>` : ''}<text class="soft" text-anchor="end" x="${left - 8}" y="${attribute(at + 4.5)}">${escaped(text)}</text>`
    )
  const middle = attribute((top + bottom) / 2)
  parts.push(
    `<path class="axis" d="M${left} ${top}V${bottom}H${right}"/>`,
    `<text text-anchor="middle" x="${(left + right) / 2}" y="${bottom + 42}">${escaped(plot.x.label)}</text>`,
    `<text text-anchor="middle" x="16" y="${middle}" transform="rotate(-90 16 ${middle})">${escaped(plot.y.label)}</text>`
  )
  return parts.join('\n')
}

/** What cannot be drawn is counted, never dropped in silence. */
const leftOut = (count: number, why: string) =>
  count === 0 ? '' : `<text class="soft" text-anchor="end" x="${box.right}" y="${height - 2}">${count} not shown: ${why}</text>`

function drawXY(plot: Extract<Plot, { type: 'lines' | 'scatter' }>, table: Table): string {
  const { number, cell } = readerOf(table)
  const series = seriesOf(table, plot.by, readerOf(table))
  const lines = plot.type === 'lines'
  const sample = (one: Series, x: number, y: number) =>
    lines ? `<path class="line ${one.colour}"${dashOf(one)} d="M${x} ${y}h22"/>` : mark(one, x + 11, y, '')
  const { svg, top } = legend(series, sample)
  const x = scaleOf({
    values: table.rows.map((row) => number(row, plot.x.column)),
    log: plot.x.log,
    from: box.left,
    to: box.right,
    count: 7
  })
  const bandColumns = plot.type === 'lines' && plot.band ? [plot.band.low, plot.band.high] : []
  const heights = [plot.y.column, ...bandColumns].flatMap((column) => table.rows.map((row) => number(row, column)))
  const y = scaleOf({ values: heights, log: plot.y.log, from: box.bottom, to: top, count: 6 })
  let hidden = 0
  const drawn = series.map((one) => {
    const points = one.rows.flatMap((row) => {
      const [a, b] = [number(row, plot.x.column), number(row, plot.y.column)]
      if (!x.shows(a) || !y.shows(b)) {
        hidden++
        return []
      }
      const title = `${plot.by === null ? '' : `${textOf(cell(row, plot.by))}: `}${plot.x.label} ${textOf(a)}, ${plot.y.label} ${textOf(b)}`
      return [{ row, a, b, title }]
    })
    if (!lines) return points.map(({ a, b, title }) => mark(one, x.at(a), y.at(b), title)).join('\n')
    points.sort((p, q) => p.a - q.a)
    const path = points.map(({ a, b }, k) => `${k === 0 ? 'M' : 'L'}${attribute(x.at(a))} ${attribute(y.at(b))}`).join('')
    const edge = (column: string) =>
      points.flatMap(({ row, a }) => {
        const value = number(row, column)
        return y.shows(value) ? [`${attribute(x.at(a))} ${attribute(y.at(value))}`] : []
      })
    const band =
      bandColumns.length === 0
        ? ''
        : `<path class="band ${one.colour}" d="M${[...edge(bandColumns[0]), ...edge(bandColumns[1]).reverse()].join('L')}z"/>`
    const marks =
      points.length === 1 || (plot.type === 'lines' && plot.marks)
        ? points.map(({ a, b, title }) => mark(one, x.at(a), y.at(b), title)).join('')
        : ''
    return points.length === 0 ? '' : `${band}<path class="line ${one.colour}"${dashOf(one)} d="${path}"/>${marks}`
  })
  const why = plot.x.log || plot.y.log ? 'no number above 0' : 'no number'
  return [svg, axes(plot, x, y, top), ...drawn, leftOut(hidden, why)].join('\n')
}

/** Different values of a column, in the order in which they come; numbers ascending. */
function categories(table: Table, column: string, { cell }: Reader): string[] {
  const cells = [...new Set(table.rows.map((row) => cell(row, column)))]
  return (cells.every((one) => typeof one === 'number') ? cells.sort((a, b) => Number(a) - Number(b)) : cells).map(textOf)
}

const paler = ({ place }: Series) => (place >= seriesColours ? ' fill-opacity="0.55"' : '')
const swatch = (one: Series, x: number, y: number) =>
  `<rect class="mark ${one.colour}"${paler(one)} x="${x + 4}" y="${y - 6}" width="14" height="12"/>`

function drawBars(plot: Extract<Plot, { type: 'bars' }>, table: Table): string {
  const reader = readerOf(table)
  const { number, cell } = reader
  const series = seriesOf(table, plot.by, reader)
  const names = categories(table, plot.x.column, reader)
  const { svg, top } = legend(series, swatch)
  const { whisker } = plot
  const columns = [plot.y.column, ...(whisker ? [whisker.low, whisker.high] : [])]
  const values = columns.flatMap((column) => table.rows.map((row) => number(row, column)))
  const y = scaleOf({ values, log: plot.y.log, zero: true, from: box.bottom, to: top, count: 6 })
  const floor = plot.y.log ? box.bottom : y.at(0)
  const slot = (box.right - box.left) / names.length
  const wide = Math.min(60, (0.8 * slot) / series.length)
  let hidden = 0
  const bars = series.flatMap((one, k) =>
    one.rows.map((row) => {
      const value = number(row, plot.y.column)
      if (!y.shows(value)) {
        hidden++
        return ''
      }
      const name = textOf(cell(row, plot.x.column))
      const x = box.left + (names.indexOf(name) + 0.5) * slot + (k - series.length / 2) * wide
      const at = y.at(value)
      const title = `<title>${escaped(`${one.name === null ? '' : `${one.name}, `}${name}: ${textOf(value)}`)}</title>`
      const bar = `<rect class="mark ${one.colour}" x="${attribute(x + 1)}" y="${attribute(Math.min(at, floor))}" width="${attribute(wide - 2)}" height="${attribute(Math.abs(floor - at))}">${title}</rect>`
      const [low, high] = whisker ? [number(row, whisker.low), number(row, whisker.high)] : [null, null]
      if (!y.shows(low) || !y.shows(high)) return bar
      return `${bar}<path class="axis" d="M${attribute(x + wide / 2)} ${attribute(y.at(low))}V${attribute(y.at(high))}"/>`
    })
  )
  return [svg, axes(plot, names, y, top), ...bars, leftOut(hidden, plot.y.log ? 'no number above 0' : 'no number')].join('\n')
}

function drawHistogram(plot: Extract<Plot, { type: 'histogram' }>, table: Table): string {
  const reader = readerOf(table)
  const { number } = reader
  const series = seriesOf(table, plot.by, reader)
  const { svg, top } = legend(series, swatch)
  const edges = table.rows.flatMap((row) => [number(row, plot.x.column), number(row, plot.to)])
  const x = scaleOf({ values: edges, log: plot.x.log, from: box.left, to: box.right, count: 7 })
  const y = scaleOf({
    values: [...table.rows.map((row) => number(row, plot.y.column)), ...(plot.y.log ? [0.8] : [])],
    log: plot.y.log,
    zero: true,
    from: box.bottom,
    to: top,
    count: 6
  })
  const drawn = series.map((one) => {
    const outline = one.rows.flatMap((row) => {
      const [from, to, count] = [number(row, plot.x.column), number(row, plot.to), number(row, plot.y.column)]
      if (!x.shows(from) || !x.shows(to)) return []
      const at = attribute(y.shows(count) ? y.at(count) : box.bottom)
      return [`${attribute(x.at(from))} ${at}L${attribute(x.at(to))} ${at}`]
    })
    return outline.length === 0 ? '' : `<path class="line ${one.colour}"${dashOf(one)} d="M${outline.join('L')}"/>`
  })
  return [svg, axes(plot, x, y, top), ...drawn].join('\n')
}

function drawHeat(plot: Extract<Plot, { type: 'heat' }>, table: Table): string {
  const reader = readerOf(table)
  const [across, up] = [categories(table, plot.x.column, reader), categories(table, plot.y.column, reader)]
  const top = 46
  const values = table.rows.map((row) => reader.number(row, plot.value.column))
  const bar = scaleOf({ values, log: plot.value.log, from: 0, to: 1, count: 4 })
  const shown = values.filter(bar.shows)
  const [low, high] = [Math.min(...shown), Math.max(...shown)]
  const strength = (value: number) => (high > low ? (bar.at(value) - bar.at(low)) / (bar.at(high) - bar.at(low)) : 1)
  const [w, h] = [(box.right - box.left) / across.length, (box.bottom - top) / up.length]
  const cells = table.rows.map((row, k) => {
    const value = values[k]
    const [name, level] = [textOf(reader.cell(row, plot.x.column)), textOf(reader.cell(row, plot.y.column))]
    const place = `x="${attribute(box.left + across.indexOf(name) * w)}" y="${attribute(box.bottom - (up.indexOf(level) + 1) * h)}" width="${attribute(w)}" height="${attribute(h)}"`
    const title = `<title>${escaped(`${plot.x.label} ${name}, ${plot.y.label} ${level}: ${bar.shows(value) ? textOf(value) : 'no value'}`)}</title>`
    if (!bar.shows(value)) return `<rect class="grid" ${place}>${title}</rect>`
    return `<rect class="low" ${place}/><rect class="high" fill-opacity="${attribute(strength(value))}" ${place}>${title}</rect>`
  })
  const key = [0, 0.25, 0.5, 0.75, 1].map(
    (share, k) =>
      `<rect class="low" x="${box.left + 24 * k}" y="8" width="24" height="12"/><rect class="high" fill-opacity="${share}" x="${box.left + 24 * k}" y="8" width="24" height="12"/>`
  )
  const range = shown.length === 0 ? 'no values' : `${textOf(low)} to ${textOf(high)}`
  return [
    ...key,
    `<text x="${box.left + 130}" y="18">${escaped(`${plot.value.label}: ${range}${plot.value.log ? ' (logarithmic)' : ''}`)}</text>`,
    ...cells,
    axes(plot, across, up, top)
  ].join('\n')
}

function drawRegions(plot: Extract<Plot, { type: 'regions' }>, table: Table): string {
  const reader = readerOf(table)
  const { number } = reader
  // By name, so that the same outcome has the same colour in figures of one kind.
  const series = seriesOf(table, plot.by, reader)
    .sort((a, b) => String(a.name).localeCompare(String(b.name), 'en', { numeric: true }))
    .map((one, place): Series => ({ ...one, place, colour: `c${(place % seriesColours) + 1}` }))
  const { svg, top } = legend(series, swatch)
  const ends = (from: string, to: string) => table.rows.flatMap((row) => [number(row, from), number(row, to)])
  const x = scaleOf({ values: ends(plot.x.column, plot.to.x), log: plot.x.log, from: box.left, to: box.right, count: 7 })
  const y = scaleOf({ values: ends(plot.y.column, plot.to.y), log: plot.y.log, from: box.bottom, to: top, count: 6 })
  const drawn = series.map((one) => {
    const outline = one.rows.flatMap((row) => {
      const [left, right, below, above] = [plot.x.column, plot.to.x, plot.y.column, plot.to.y].map((column) => number(row, column))
      if (!x.shows(left) || !x.shows(right) || !y.shows(below) || !y.shows(above)) return []
      return [
        `M${attribute(x.at(left))} ${attribute(y.at(below))}H${attribute(x.at(right))}V${attribute(y.at(above))}H${attribute(x.at(left))}z`
      ]
    })
    // Beyond the eighth the colours come again, paler, in the legend too.
    return `<path class="mark ${one.colour}"${paler(one)} d="${outline.join('')}"><title>${escaped(String(one.name))}</title></path>`
  })
  return [svg, ...drawn, axes(plot, x, y, top)].join('\n')
}

function drawn(plot: Plot, table: Table): string {
  if (table.rows.length === 0) return `<text text-anchor="middle" x="${width / 2}" y="${height / 2}">No data</text>`
  if (plot.type === 'bars') return drawBars(plot, table)
  if (plot.type === 'regions') return drawRegions(plot, table)
  if (plot.type === 'histogram') return drawHistogram(plot, table)
  return plot.type === 'heat' ? drawHeat(plot, table) : drawXY(plot, table)
}

/** `id` is unique on the page: the title and the description hang on it. Throws Error for a column the table does not have. */
export function plotSvg(plot: Plot, table: Table, id: string): string {
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-description">
<title id="${id}-title">${escaped(plot.title)}</title>
<desc id="${id}-description">${escaped(plot.description)}</desc>
${drawn(plot, table)}
</svg>`
}
