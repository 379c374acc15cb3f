// A map as a picture: colours of its pixels, what is known early spread over its neighbours, names of outcomes and axes. Pure.
import { mapOutcome } from '../../../../shared/analyses/map'
import type { MapAxis } from '../../../../shared/analyses/map-axes'
import { formatCount, formatNumber } from '../../../app/format'
import type { ContourView } from '../../../charts/contour-geometry'
import type { LegendEntry } from '../../../charts/export'
import type { PlotTable } from '../../../charts/table'
import type { ArrayValues } from '../arrays'

export interface MapData {
  readonly of: 'trainability' | 'basin'
  readonly value: ArrayValues
  readonly outcome: ArrayValues
  readonly x: Float64Array
  readonly y: Float64Array
}

type Colour = readonly [number, number, number]
/** Colours of the theme as bytes; `series` of the critical points by number. */
export interface MapPalette {
  readonly ground: Colour
  readonly text: Colour
  readonly converged: Colour
  readonly other: Colour
  readonly series: readonly Colour[]
}

const mix = (a: Colour, b: Colour, t: number): Colour => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t]
export const cssColour = (colour: Colour) => `rgb(${colour.map(Math.round).join(', ')})`

/** Share of the sorted values that lie below. */
function rankIn(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle] < value) low = middle + 1
    else high = middle
  }
  return sorted.length < 2 ? 0 : low / (sorted.length - 1)
}

/** The index of the pixel that is known nearest above and to the left, as coarse passes leave them; −1: none. */
export function knownAt(outcome: Float64Array, columns: number, column: number, row: number): number {
  for (let stride = 1; stride <= 8; stride *= 2) {
    const i = (row - (row % stride)) * columns + column - (column % stride)
    if (!Number.isNaN(outcome[i])) return i
  }
  return -1
}

const isConverged = (of: MapData['of'], code: number) => (of === 'basin' ? code > 0 : code === mapOutcome.converged)

/** The strongest colour of an outcome. */
export function outcomeColour(of: MapData['of'], code: number, { ground, text, converged, other, series }: MapPalette): Colour {
  if (of === 'basin') {
    if (code > 0) return series[(code - 1) % series.length]
    if (code === mapOutcome.elsewhere) return mix(ground, text, 0.2)
    return mix(ground, text, code === mapOutcome.notBelow ? 0.12 : code === mapOutcome.diverged ? 0.75 : 0.45)
  }
  if (code === mapOutcome.stuck) return mix(ground, text, 0.45)
  return code === mapOutcome.converged ? converged : other
}

/** RGBA, rows from the top (largest y). What is not known at all is transparent. Within an outcome the colour is the stronger the smaller |value| ranks: the sooner. */
export function mapPixels({ of, value, outcome }: MapData, palette: MapPalette): Uint8ClampedArray {
  const [rows, columns] = outcome.shape
  const sides = [true, false].map((converged) => {
    const own: number[] = []
    for (let i = 0; i < outcome.data.length; i++)
      if (!Number.isNaN(outcome.data[i]) && isConverged(of, outcome.data[i]) === converged) own.push(Math.abs(value.data[i]))
    return Float64Array.from(own).sort()
  })
  const bytes = new Uint8ClampedArray(4 * rows * columns)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const i = knownAt(outcome.data, columns, column, row)
      if (i < 0) continue
      const code = outcome.data[i]
      const converged = isConverged(of, code)
      const shaded = of === 'trainability' ? code !== mapOutcome.stuck : converged
      const full = outcomeColour(of, code, palette)
      const strength = shaded ? 1 - 0.7 * rankIn(sides[converged ? 0 : 1], Math.abs(value.data[i])) : 1
      bytes.set(mix(palette.ground, full, strength), 4 * ((rows - 1 - row) * columns + column))
      bytes[4 * ((rows - 1 - row) * columns + column) + 3] = 255
    }
  return bytes
}

/** log₁₀ on a logarithmic axis. */
export const placeIn = (scale: MapAxis['scale'], value: number) => (scale === 'log' ? Math.log10(value) : value)
export const valueIn = (scale: MapAxis['scale'], place: number) => (scale === 'log' ? 10 ** place : place)

/** Half a pixel beyond the first and the last, in places. */
export function edgesOf(scale: MapAxis['scale'], values: Float64Array): [number, number] {
  const [first, last] = [placeIn(scale, values[0]), placeIn(scale, values[values.length - 1])]
  const half = (last - first) / (values.length - 1) / 2
  return [first - half, last + half]
}

export const gridViewOf = (data: MapData, axes: readonly [MapAxis, MapAxis]): ContourView => [
  ...edgesOf(axes[0].scale, data.x),
  ...edgesOf(axes[1].scale, data.y)
]

/** The ends of an axis in as few digits as move no pixel by more than a ten-thousandth of itself. */
export function shortEnds([from, to]: readonly [number, number], count: number): [number, number] {
  const digits = 1 + Math.ceil(Math.log10((Math.max(Math.abs(from), Math.abs(to)) / Math.abs(to - from)) * count * 1e4))
  const short = (value: number) => Number(value.toPrecision(Math.min(17, Math.max(4, digits))))
  return [short(from), short(to)]
}

/** The number of the pixel's column or row; null outside. */
export function pixelAt(scale: MapAxis['scale'], values: Float64Array, place: number): number | null {
  const [from, to] = edgesOf(scale, values)
  const index = Math.floor(((place - from) / (to - from)) * values.length)
  return index >= 0 && index < values.length ? index : null
}

export function axisTitle(path: string): string {
  const rate = /^optimizer\.layerRates\.(\d+)$/.exec(path)
  if (rate) return `learning rate of layer ${Number(rate[1]) + 1} (${path})`
  if (path === 'start.random') return 'distance along a random direction, weight'
  const vector = /^start\.eigenvector\.(.+)$/.exec(path)
  if (vector) return `distance along eigenvector ${vector[1]}, weight`
  const weight = /^start\.(.+)$/.exec(path)
  if (weight) return /^\d+$/.test(weight[1]) ? `weight ${weight[1]} of the start` : weight[1]
  return path
}

/** A critical point, as the arrays of the map have it. */
export interface CentreFacts {
  readonly number: number
  readonly point: Float64Array
  readonly loss: number
  readonly gradNorm: number
  readonly negative: number
  readonly zero: number
  readonly pixels: number
}

export function centreKind({ negative, zero, point }: Pick<CentreFacts, 'negative' | 'zero' | 'point'>): string {
  const kind = negative === 0 ? 'minimum' : negative === point.length ? 'maximum' : 'saddle'
  return zero > 0 ? `${zero === point.length || negative === 0 ? 'flat ' : 'degenerate '}${kind}` : kind
}

export const centreName = (centre: CentreFacts): string =>
  centre.point.length <= 3
    ? `${centreKind(centre)} (${Array.from(centre.point, (one) => formatNumber(one, 3)).join(', ')})`
    : `${centreKind(centre)} ${centre.number}, loss ${formatNumber(centre.loss, 3)}`

export function outcomeName(of: MapData['of'], code: number, centres: readonly CentreFacts[]): string {
  if (code === mapOutcome.diverged) return 'diverged'
  if (code === mapOutcome.stuck) return 'the optimizer could not go on'
  if (code === mapOutcome.elsewhere) return 'another critical point'
  if (of === 'trainability') return code === mapOutcome.converged ? 'converged' : 'last losses not below the first'
  if (code === mapOutcome.notBelow) return 'none reached yet'
  const centre = centres[code - 1]
  return centre === undefined ? `critical point ${code}` : centreName(centre)
}

/** What the value of a pixel is, in words. */
export function valueName(of: MapData['of'], code: number, value: number): string {
  if (of === 'basin') return `${code > 0 ? 'after' : 'in'} ${value} ${value === 1 ? 'step' : 'steps'}`
  return code === mapOutcome.converged ? `Σ L/L₁ = ${formatNumber(-value, 5)}` : `Σ L₁/L = ${formatNumber(value, 5)}`
}

/** Each colour that occurs with how many pixels have it; of trainability those that did not converge are one. */
export function mapLegend(data: MapData, palette: MapPalette, centres: readonly CentreFacts[]): LegendEntry[] {
  const counts = new Map<number, number>()
  for (const code of data.outcome.data) if (!Number.isNaN(code)) counts.set(code, (counts.get(code) ?? 0) + 1)
  const many = (code: number) => counts.get(code) ?? 0
  const entry = (code: number, name: string) => ({ name, colour: cssColour(outcomeColour(data.of, code, palette)) })
  const plain = (code: number) => entry(code, `${outcomeName(data.of, code, centres)}: ${formatCount(many(code))}`)
  if (data.of === 'basin') return [...counts.keys()].sort((a, b) => (a > 0 && b > 0 ? a - b : b - a)).map(plain)
  const { converged, notBelow, diverged, stuck } = mapOutcome
  const not = many(notBelow) + many(diverged)
  return [
    ...(many(converged) > 0 ? [plain(converged)] : []),
    ...(not > 0 ? [entry(diverged, `not converged: ${formatCount(not)}, ${formatCount(many(diverged))} of them diverged`)] : []),
    ...(many(stuck) > 0 ? [plain(stuck)] : [])
  ]
}

/** A row a pixel. */
export function mapTable(
  { of, value, outcome, x, y }: MapData,
  axes: readonly [MapAxis, MapAxis],
  centres: readonly CentreFacts[]
): PlotTable {
  const columns = x.length
  const all = Array.from(outcome.data, (_, i) => i)
  return {
    header: [axes[0].path, axes[1].path, 'outcome', 'what', 'value'],
    columns: [
      all.map((i) => x[i % columns]),
      all.map((i) => y[Math.floor(i / columns)]),
      [...outcome.data],
      all.map((i) => (Number.isNaN(outcome.data[i]) ? '' : outcomeName(of, outcome.data[i], centres))),
      [...value.data]
    ],
    note: 'every pixel; value and outcome as the array’s meaning says'
  }
}
