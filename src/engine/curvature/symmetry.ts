// Exact symmetry: upper triangles of small matrices copied onto lower ones, and how far apart the two were before.
import { createPacer } from '../linalg/pacer'
import type { Target } from './terms'

/** Copies upper triangles of small matrices, one after the other, onto the lower ones. */
export function mirrorSmall(matrices: Float64Array, size: number, count: number): void {
  for (let at = 0; at < count * size * size; at += size * size)
    for (let r = 0; r < size; r++) for (let c = 0; c < r; c++) matrices[at + r * size + c] = matrices[at + c * size + r]
}

/** Puts the rows of some inputs of the symmetric unit matrices (units × rows × rows) of an output layer into rows of its own block; the rest of these is zero. */
export async function scatterUnits(
  matrices: Float64Array,
  rows: number,
  units: number,
  inputs: { readonly from: number; readonly count: number },
  { data, offset, stride }: Target,
  signal?: AbortSignal
): Promise<void> {
  const pace = createPacer(signal)
  for (let i = 0; i < inputs.count; i++) {
    const pause = pace()
    if (pause) await pause
    for (let j = 0; j < units; j++) {
      const to = offset + (i * units + j) * stride
      const from = (j * rows + inputs.from + i) * rows
      data.fill(0, to, to + rows * units)
      for (let k = 0; k < rows; k++) data[to + k * units + j] = matrices[from + k]
    }
  }
}

/** max |M − Mᵀ| over the square of `size` at (offset, stride). */
function squareAsymmetry(data: Float64Array, offset: number, stride: number, size: number): number {
  let largest = 0
  for (let r = 0; r < size; r++)
    for (let c = 0; c < r; c++) {
      const difference = Math.abs(data[offset + r * stride + c] - data[offset + c * stride + r])
      if (!(difference <= largest)) largest = difference
    }
  return largest
}

/** The same over the squares (i, i) of a layer's block: both triangles of them are computed, each by its own sums, before the lower one is overwritten. */
export function blockAsymmetry(target: Target, rows: number, units: number): number {
  let largest = 0
  for (let i = 0; i < rows; i++)
    largest = Math.max(largest, squareAsymmetry(target.data, target.offset + i * units * (target.stride + 1), target.stride, units))
  return largest
}

/** The same over unit matrices (units × rows × rows). */
export function unitsAsymmetry(matrices: Float64Array, rows: number, units: number): number {
  let largest = 0
  for (let j = 0; j < units; j++) largest = Math.max(largest, squareAsymmetry(matrices, j * rows * rows, rows, rows))
  return largest
}
