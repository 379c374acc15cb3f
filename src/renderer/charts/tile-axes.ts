// The axes of a zoomed matrix: which rows and columns are in view, where the matrix lies, their numbers or names, and the names of its parts.
import { planAxis } from './axis'
import { pixelTicks, type PixelTicks } from './pixel-ticks'
import type { PlotFrameBox } from './plot-box'
import type { Extent, Room, TileView } from './tiles'

export interface TileEnds {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** Rows and columns in a view; the matrix' own ends where it ends within. */
export function tileEnds({ x, y, scale }: TileView, { rows, columns }: Extent, { width, height }: Room): TileEnds {
  const clamp = (value: number, size: number) => Math.min(size, Math.max(0, value))
  return {
    left: clamp(x, columns),
    right: clamp(x + width / scale, columns),
    top: clamp(y, rows),
    bottom: clamp(y + height / scale, rows)
  }
}

/** Where the matrix lies; `corner`: that of the view, in pixels. */
export function tileBox({ x, y, scale }: TileView, ends: TileEnds, corner: { readonly left: number; readonly top: number }): PlotFrameBox {
  return {
    left: corner.left + (ends.left - x) * scale,
    top: corner.top + (ends.top - y) * scale,
    width: Math.max(0, (ends.right - ends.left) * scale),
    height: Math.max(0, (ends.bottom - ends.top) * scale)
  }
}

/** Numbers of the rows or columns from `from` to `to`, each at its middle, about one every `pixels`; `start`: where the first begins. */
export function tileTicks(from: number, to: number, start: number, scale: number, pixels: number): PixelTicks {
  if (!(to > from)) return { ticks: [], minor: [] }
  const count = Math.max(2, ((to - from) * scale) / pixels)
  const plan = planAxis({ kind: 'linear', range: [from, to], exact: true, whole: true, count })
  const last = start + (to - from) * scale
  const found = pixelTicks(plan, start + 0.5 * scale, last + 0.5 * scale)
  return { ticks: found.ticks.filter(({ at }) => at <= last), minor: found.minor.filter((at) => at <= last) }
}

/** From so many pixels an entry on each has its name beside it. */
export const nameScale = 13

/** Names of the rows or columns whose middle is in view. */
export function nameTicks(from: number, to: number, start: number, scale: number, nameOf: (index: number) => string): PixelTicks {
  const ticks: { at: number; label: string }[] = []
  for (let index = Math.max(0, Math.ceil(from - 0.5)); index + 0.5 <= to; index++)
    ticks.push({ at: start + (index + 0.5 - from) * scale, label: nameOf(index) })
  return { ticks, minor: [] }
}

interface Part {
  readonly at: number
  readonly name: string
}

/** Names of the parts that have room for theirs, in the middle of what is seen of each. */
export function partNames(
  borders: readonly Part[],
  size: number,
  from: number,
  to: number,
  start: number,
  scale: number
): { name: string; at: number }[] {
  return borders.flatMap((border, i) => {
    const [first, last] = [Math.max(border.at, from), Math.min(borders[i + 1]?.at ?? size, to)]
    return (last - first) * scale > border.name.length * 7 ? [{ name: border.name, at: start + ((first + last) / 2 - from) * scale }] : []
  })
}

/** Parts of at least this many pixels are told apart by lines. */
const leastApart = 6

/** The borders within (from, to) where their parts are large enough to be seen apart; none where most are not. */
export function seenBorders(parts: readonly Part[], size: number, from: number, to: number, scale: number): number[] {
  const inside = parts.filter(({ at }, i) => (parts[i + 1]?.at ?? size) > from && at < to)
  if (inside.length < 2 || ((to - from) * scale) / inside.length < leastApart) return []
  return inside.flatMap(({ at }) => (at > from ? [at] : []))
}
