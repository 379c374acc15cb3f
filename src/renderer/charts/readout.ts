// What the curves are worth at a place of x: the nearest point of each.
import { formatNumber } from '../app/format'
import { placeOf, type AxisPlan } from './axis'
import type { LineSeries } from './series'

export interface ReadoutRow {
  readonly id: string
  readonly name: string
  readonly colour: string
  readonly value: string
  /** Null: not finite. */
  readonly y: number | null
}

interface Nearest {
  readonly x: number
  /** Null: not finite there. */
  readonly y: number | null
  readonly index: number
  readonly distance: number
  readonly covers: boolean
}

function nearest(series: LineSeries, place: number, scale: AxisPlan): Nearest | null {
  let best: Omit<Nearest, 'covers'> | null = null
  let [low, high] = [Infinity, -Infinity]
  const take = (x: number, y: number | null, index: number) => {
    const at = placeOf(scale, x)
    if (!Number.isFinite(at)) return
    if (at < low) low = at
    if (at > high) high = at
    const distance = Math.abs(at - place)
    if (best === null || distance < best.distance) best = { x, y, index, distance }
  }
  const { notFinite = [] } = series
  for (let i = 0; i < notFinite.length; i++) take(notFinite[i], null, -1)
  for (let i = 0; i < series.x.length; i++) if (Number.isFinite(series.y[i])) take(series.x[i], series.y[i], i)
  return best === null ? null : { ...(best as Omit<Nearest, 'covers'>), covers: place >= low && place <= high }
}

/** The x of the data nearest to a place; null when there is none. */
export function nearestX(series: readonly LineSeries[], place: number, scale: AxisPlan): number | null {
  let best: Nearest | null = null
  for (const one of series) {
    const found = nearest(one, place, scale)
    if (found && (best === null || found.distance < best.distance)) best = found
  }
  return best?.x ?? null
}

/** A row for each series that reaches `x`; one whose nearest point lies elsewhere says where. */
export function readoutRows(series: readonly LineSeries[], x: number, scale: AxisPlan): ReadoutRow[] {
  const place = placeOf(scale, x)
  const width = placeOf(scale, scale.high) - placeOf(scale, scale.low)
  return series.flatMap((one): ReadoutRow[] => {
    const found = one.faint ? null : nearest(one, place, scale)
    if (!found || (!found.covers && found.distance > width * 0.015)) return []
    const { band } = one
    const spread =
      band && found.index >= 0 ? ` (${formatNumber(band.low[found.index], 4)} … ${formatNumber(band.high[found.index], 4)})` : ''
    const where = found.distance > width * 0.004 ? ` at ${formatNumber(found.x, 6)}` : ''
    const value = found.y === null ? 'not finite' : formatNumber(found.y, 6)
    return [{ id: one.id, name: one.name, colour: one.colour, value: `${value}${spread}${where}`, y: found.y }]
  })
}
