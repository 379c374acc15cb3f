// What the colours of a matrix say: the limit, how many decades below it are told apart, and what is hidden.
import { formatNumber, formatTick } from '../app/format'
import { mapColours, type DivergingMap } from './diverging'
import type { ColourBar } from './export'
import { symlogInverse } from './scale'

export interface MatrixColours {
  /** Full strength from ± this on. */
  readonly limit: number
  /** Linear within ± this. */
  readonly constant: number
  /** Magnitudes below it are not drawn. */
  readonly threshold: number
  /** Entries are larger than the limit. */
  readonly beyond: boolean
}

/** Ticks of the signed symlog colour bar: the ends, zero, and between. */
export function colourTicks(limit: number, constant: number, beyond = false): { place: number; text: string }[] {
  if (limit === 0) return [{ place: 0.5, text: '0' }]
  const most = Math.log10(1 + limit / constant)
  return [-1, -0.5, 0, 0.5, 1].map((side) => {
    const text = formatTick(Number(symlogInverse(side * most, constant).toPrecision(2)))
    return { place: (side + 1) / 2, text: beyond && Math.abs(side) === 1 ? `${side < 0 ? '≤' : '≥'} ${text}` : text }
  })
}

export const colourBar = ({ limit, constant, beyond }: MatrixColours, map: DivergingMap): ColourBar => ({
  label: `value: symlog, linear within ±${formatNumber(constant, 2)}`,
  colours: mapColours(map),
  ticks: colourTicks(limit, constant, beyond)
})
