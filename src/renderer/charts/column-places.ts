// Where the columns of a map lie along its x axis: side by side, or around their true steps; and a column as a line.
import type { PlotFrameBox } from './plot-box'

export interface ColumnPlaces {
  /** The left end of each column and, last, the right end of all: fractions of the axis. */
  readonly edges: Float64Array
  /** The column's own place within it. */
  readonly centres: Float64Array
  /** The steps at the ends of the axis; null where columns lie side by side. */
  readonly range: readonly [number, number] | null
}

/** Equally wide. */
export function evenColumns(count: number): ColumnPlaces {
  return {
    edges: Float64Array.from({ length: count + 1 }, (_, i) => i / Math.max(1, count)),
    centres: Float64Array.from({ length: count }, (_, i) => (i + 0.5) / count),
    range: null
  }
}

/** Around ascending steps, each to the middle between it and the next; the outer ones as far out as in. `room`: a fraction that stays free at the right. */
export function trueColumns(steps: ArrayLike<number>, room = 0): ColumnPlaces {
  const count = steps.length
  if (count < 2) return { ...evenColumns(count), range: count === 0 ? null : [steps[0] - 0.5, steps[0] + 0.5] }
  const ends = Float64Array.from({ length: count + 1 }, (_, i) => {
    if (i === 0) return steps[0] - (steps[1] - steps[0]) / 2
    return i === count ? steps[count - 1] + (steps[count - 1] - steps[count - 2]) / 2 : (steps[i - 1] + steps[i]) / 2
  })
  const low = ends[0]
  const high = ends[count] + (room * (ends[count] - low)) / (1 - room)
  const fraction = (step: number) => (step - low) / (high - low)
  return { edges: ends.map(fraction), centres: Float64Array.from(steps, fraction), range: [low, high] }
}

/** The column at a fraction of the axis; what is right of them all belongs to the last. */
export function columnAt({ edges }: ColumnPlaces, fraction: number): number {
  let [low, high] = [0, edges.length - 2]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (edges[middle] <= fraction) low = middle
    else high = middle - 1
  }
  return low
}

/** How far a line may reach to the right of its place without hiding more than the next one: 1.4 times the usual distance, within limits. */
export function lineReach(steps: ArrayLike<number>): number {
  const count = steps.length
  if (count < 2) return 0.3
  const gaps = Float64Array.from({ length: count - 1 }, (_, i) => (steps[i + 1] - steps[i]) / (steps[count - 1] - steps[0])).sort()
  return Math.min(0.18, Math.max(0.025, 1.4 * gaps[gaps.length >> 1]))
}

/** SVG paths of a column drawn as a line: from `x` by up to `reach` pixels to the right, the lowest bin at the foot; cut behind the last strength below zero. */
export function columnOutline(
  strengths: ArrayLike<number>,
  x: number,
  reach: number,
  { top, height }: Pick<PlotFrameBox, 'top' | 'height'>
): { readonly area: string; readonly negative: string; readonly positive: string } {
  const bins = strengths.length
  const y = (bin: number) => (top + (1 - (bin + 0.5) / bins) * height).toFixed(1)
  const points = Array.from(strengths, (strength, bin) => `${(x + Math.abs(strength) * reach).toFixed(1)} ${y(bin)}`)
  const split = Array.from(strengths).reduce((cut, strength, bin) => (strength < 0 ? bin + 1 : cut), 0)
  const line = (part: readonly string[]) => (part.length > 1 ? `M${part.join('L')}` : '')
  return {
    area: `M${x.toFixed(1)} ${y(0)}L${points.join('L')}L${x.toFixed(1)} ${y(bins - 1)}Z`,
    negative: split > 0 ? line(points.slice(0, split + 1)) : '',
    positive: line(points.slice(split))
  }
}
