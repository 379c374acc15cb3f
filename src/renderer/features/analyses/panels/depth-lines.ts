// Layers as a chain: the curves of exponents, growth and coupling over layers, and the phase diagram as a contour plot takes it. Pure.
import type { PlotTable } from '../../../charts/table'
import type { LineSeries } from '../../../charts/series'
import { places, type ArrayValues } from '../arrays'

/** 1, 2, … as layers and exponents are counted. */
export const ordinals = (count: number): Float64Array => Float64Array.from({ length: count }, (_, i) => i + 1)

const minus = (a: Float64Array, b: Float64Array) => a.map((value, i) => value - b[i])
const plus = (a: Float64Array, b: Float64Array) => a.map((value, i) => value + b[i])

/** A curve over 1, 2, …, with its error as a band where it has one. */
export function overLayers(id: string, name: string, colour: string, y: Float64Array, error?: Float64Array): LineSeries {
  const band = error?.some(Number.isFinite) ? { low: minus(y, error), high: plus(y, error) } : undefined
  return { id, name, colour, x: ordinals(y.length), y, ...(band ? { band } : {}) }
}

/** A column of a matrix. */
export const columnOf = ({ shape, data }: ArrayValues, column: number): Float64Array =>
  Float64Array.from({ length: shape[0] }, (_, row) => data[row * shape[1] + column])

/** 1, χ₁, χ₁χ₂, …: what mean-field theory says of ‖∂net_l/∂net_1‖² / N_l. */
export function cumulated(chi: Float64Array): Float64Array {
  const products = new Float64Array(chi.length + 1)
  products[0] = 1
  chi.forEach((value, l) => (products[l + 1] = products[l] * value))
  return products
}

/** How many exponents are −∞: directions that the product has no rank for. */
export const withoutRank = (exponents: Float64Array): number => exponents.filter((value) => value === -Infinity).length

/** ln χ₁ with rows from the top (largest σ_b first). */
export function logFromTop({ shape, data }: ArrayValues): Float64Array {
  const [rows, columns] = shape
  return Float64Array.from(data, (_, i) => Math.log(data[(rows - 1 - Math.floor(i / columns)) * columns + (i % columns)]))
}

/** At most so many of the points (x, y) of a line, the first and the last among them. */
export function thinnedLine(points: Float64Array, most: number): Float64Array {
  const count = points.length / 2
  if (count <= most) return points
  return Float64Array.from(
    places(most).flatMap((k) => {
      const i = Math.round((k * (count - 1)) / (most - 1))
      return [points[2 * i], points[2 * i + 1]]
    })
  )
}

/** The grid, then the critical line, then the net itself. */
export function phaseTable(
  phase: ArrayValues,
  sigmaW: ArrayLike<number>,
  sigmaB: ArrayLike<number>,
  critical: Float64Array,
  own: { readonly sigmaW: number; readonly sigmaB: number; readonly chi: number } | null
): PlotTable {
  const columns = phase.shape[1]
  const grid = places(phase.data.length)
  const line = places(critical.length / 2)
  const nets = own === null ? [] : [own]
  return {
    header: ['what', 'σ_w', 'σ_b', 'χ₁'],
    columns: [
      [...grid.map(() => 'grid'), ...line.map(() => 'critical line'), ...nets.map(() => 'this net')],
      [...grid.map((i) => sigmaW[i % columns]), ...line.map((i) => critical[2 * i]), ...nets.map((net) => net.sigmaW)],
      [...grid.map((i) => sigmaB[Math.floor(i / columns)]), ...line.map((i) => critical[2 * i + 1]), ...nets.map((net) => net.sigmaB)],
      [...phase.data, ...line.map(() => 1), ...nets.map((net) => net.chi)]
    ],
    note: 'χ₁ at the fixed point of the map of variances'
  }
}
