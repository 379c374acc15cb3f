// A heat map's geometry and colours, apart from the page: where cells lie on axes of their own scales, how strong each is drawn, which is next to which.
import { placeOf, type AxisScale } from './axis'
import { rgb } from './diverging'

export interface HeatCell {
  readonly id: number
  readonly x: number
  readonly y: number
  /** Null: the cell has none. */
  readonly value: number | null
  /** Not all of the figures behind the value are there. */
  readonly partial: boolean
  /** There will be none: everything ended without a value. */
  readonly failed: boolean
}

export interface HeatAxis {
  readonly label: string
  readonly kind: 'linear' | 'log'
  /** Ascending, each once. */
  readonly values: readonly number[]
}

export const heatScale = ({ kind }: Pick<HeatAxis, 'kind'>): AxisScale => ({ kind, constant: 1 })

/** Places of the borders of the cells around ascending places: halfway between neighbours, as far out at the ends. */
export function bordersOf(places: readonly number[]): number[] {
  if (places.length === 1) return [places[0] - 0.5, places[0] + 0.5]
  const between = places.slice(1).map((place, i) => (place + places[i]) / 2)
  const last = places.length - 1
  return [2 * places[0] - between[0], ...between, 2 * places[last] - between[last - 1]]
}

/** Whether the cells fill most of a grid of their values; those drawn at random do not, and are drawn as points. */
export function isGrid(cells: readonly HeatCell[], x: HeatAxis, y: HeatAxis): boolean {
  return cells.length > 0.5 * x.values.length * y.values.length
}

export interface HeatSide {
  /** The ends of the axis. */
  readonly low: number
  readonly high: number
  /** Of the columns (or rows) in places, ascending; none for points. */
  readonly borders: readonly number[]
  readonly places: readonly number[]
  /** Cells of one width, in the order of their values: to scale some of them could not be seen. */
  readonly even: boolean
}

/** The narrowest cell may be so much narrower than the widest. */
const narrowest = 1 / 12

export function sideOf(axis: HeatAxis, grid: boolean): HeatSide {
  const scaled = axis.values.map((value) => placeOf(heatScale(axis), value))
  if (!grid) {
    const [first, last] = [scaled[0], scaled[scaled.length - 1]]
    const room = Math.max((last - first) * 0.06, 1e-9)
    return { low: first - room, high: last + room, borders: [], places: scaled, even: false }
  }
  const gaps = scaled.slice(1).map((place, i) => place - scaled[i])
  const even = Math.min(...gaps) < narrowest * Math.max(...gaps)
  const places = even ? scaled.map((_, i) => i) : scaled
  const borders = bordersOf(places)
  return { low: borders[0], high: borders[borders.length - 1], borders, places, even }
}

export interface ColourScale {
  readonly kind: 'linear' | 'log'
  readonly low: number
  readonly high: number
  /** Lower values are better, and deeper. */
  readonly goal: 'min' | 'max'
}

const palest = 0.07

/** The lowest and highest of the values; null where there is none. A logarithmic scale needs all of them above zero. */
export function colourScale(cells: readonly Pick<HeatCell, 'value'>[], goal: 'min' | 'max', kind: 'linear' | 'log'): ColourScale | null {
  let [low, high] = [Infinity, -Infinity]
  for (const { value } of cells) {
    if (value === null) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  return low > high ? null : { kind: kind === 'log' && low > 0 ? 'log' : 'linear', low, high, goal }
}

/** From this ratio on values above zero are told apart better on a logarithmic scale. */
const wide = 10
export const suggestedColours = (cells: readonly Pick<HeatCell, 'value'>[]): 'linear' | 'log' => {
  const scale = colourScale(cells, 'min', 'linear')
  return scale && scale.low > 0 && scale.high / scale.low > wide ? 'log' : 'linear'
}

/** Strength of a value's colour, from pale (worst) to 1 (best). */
export function strengthOf(scale: ColourScale, value: number): number {
  const place = (one: number) => placeOf({ kind: scale.kind, constant: 1 }, one)
  const [low, high] = [place(scale.low), place(scale.high)]
  const part = high > low ? (place(value) - low) / (high - low) : 0
  return palest + (1 - palest) * (high > low && scale.goal === 'min' ? 1 - part : high > low ? part : 1)
}

/** Strengths from the lowest value of a scale to its highest, for the bar, and the values at fractions of it. */
export function barOf(scale: ColourScale): { from: number; to: number; ticks: { place: number; value: number }[] } {
  const value = (part: number) =>
    scale.kind === 'log' ? scale.low * (scale.high / scale.low) ** part : scale.low + part * (scale.high - scale.low)
  const parts = scale.high > scale.low ? [0, 0.25, 0.5, 0.75, 1] : [0.5]
  return {
    from: strengthOf(scale, scale.low),
    to: strengthOf(scale, scale.high),
    ticks: parts.map((place) => ({ place, value: value(place) }))
  }
}

export type HeatStep = 'left' | 'right' | 'up' | 'down'

/** The cell beside one: the nearest further along the axis, those in the same row or column first; itself at the edge. */
export function neighbour(cells: readonly HeatCell[], id: number, step: HeatStep, x: HeatAxis, y: HeatAxis): number {
  const here = cells.find((cell) => cell.id === id)
  if (!here) return cells[0]?.id ?? id
  const along = step === 'left' || step === 'right' ? 'x' : 'y'
  const [main, other] = along === 'x' ? [x, y] : [y, x]
  const rank = (axis: HeatAxis, value: number) => axis.values.indexOf(value)
  const sign = step === 'right' || step === 'up' ? 1 : -1
  const across = along === 'x' ? 'y' : 'x'
  let [best, least] = [id, Infinity]
  for (const cell of cells) {
    const ahead = sign * (rank(main, cell[along]) - rank(main, here[along]))
    if (ahead <= 0) continue
    const cost = ahead + 1e-3 * Math.abs(rank(other, cell[across]) - rank(other, here[across]))
    const total = isGrid(cells, x, y) && cell[across] !== here[across] ? Infinity : cost
    if (total < least) [best, least] = [cell.id, total]
  }
  return best
}

/** The cell at a place of both axes; for points the nearest within `reach` (as fractions of the axes), else null. */
export function cellAt(
  cells: readonly HeatCell[],
  at: { readonly x: number; readonly y: number },
  sides: { readonly x: HeatSide; readonly y: HeatSide },
  axes: { readonly x: HeatAxis; readonly y: HeatAxis },
  reach: number
): HeatCell | null {
  const grid = sides.x.borders.length > 0
  if (grid) {
    const index = ({ borders }: HeatSide, place: number) => borders.findIndex((_, i) => i > 0 && place < borders[i]) - 1
    const [column, row] = [index(sides.x, at.x), index(sides.y, at.y)]
    const [x, y] = [axes.x.values[column], axes.y.values[row]]
    return cells.find((cell) => cell.x === x && cell.y === y) ?? null
  }
  let [best, least]: [HeatCell | null, number] = [null, reach]
  for (const cell of cells) {
    const dx = (placeOf(heatScale(axes.x), cell.x) - at.x) / (sides.x.high - sides.x.low)
    const dy = (placeOf(heatScale(axes.y), cell.y) - at.y) / (sides.y.high - sides.y.low)
    const distance = Math.hypot(dx, dy)
    if (distance < least) [best, least] = [cell, distance]
  }
  return best
}

/** Relative luminance (WCAG) of a colour as CSS has it: #rrggbb or rgb(r, g, b). */
function luminance(colour: string): number {
  const parts = colour.startsWith('#') ? rgb(colour) : (colour.match(/\d+/g) ?? []).map(Number)
  const [r, g, b] = parts.map((part) => {
    const c = part / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** Of the theme's two ends the one that stands out more on a colour. */
export function readableOn(colour: string, { text, surface }: { readonly text: string; readonly surface: string }): string {
  const ground = luminance(colour)
  const contrast = (one: string) => {
    const own = luminance(one)
    return (Math.max(own, ground) + 0.05) / (Math.min(own, ground) + 0.05)
  }
  return contrast(text) >= contrast(surface) ? text : surface
}
