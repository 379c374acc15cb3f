// Moving and inspecting blocks: transposition, scaling, the search for NaN and infinity.
import { element } from './address'
import { scale } from './vectors'

/** target (columns × rows) = sourceᵀ (rows × columns), in cache-sized tiles. The two must not overlap, except as mirrored halves of one matrix. */
export function transposeBlock(rows: i32, columns: i32, source: usize, sourceStride: i32, target: usize, targetStride: i32): void {
  for (let i: i32 = 0; i < rows; i += 8)
    for (let j: i32 = 0; j < columns; j += 8)
      transposeTile(
        min(8, rows - i),
        min(8, columns - j),
        element(source, i * sourceStride + j),
        sourceStride,
        element(target, j * targetStride + i),
        targetStride
      )
}

function transposeTile(rows: i32, columns: i32, source: usize, sourceStride: i32, target: usize, targetStride: i32): void {
  for (let j: i32 = 0; j < columns; j++) {
    let from = element(source, j)
    let to = element(target, j * targetStride)
    for (let i: i32 = 0; i < rows; i++) {
      f64.store(to, f64.load(from))
      from += (<usize>sourceStride) << 3
      to += 8
    }
  }
}

/** Copies the strict upper triangle of the order × order block at `a` onto its lower one. */
export function mirrorDiagonalBlock(order: i32, a: usize, stride: i32): void {
  for (let i: i32 = 0; i < order; i++)
    for (let j: i32 = i + 1; j < order; j++) f64.store(element(a, j * stride + i), f64.load(element(a, i * stride + j)))
}

/** target = source, rows × columns; the two must not overlap. */
export function copyBlock(rows: i32, columns: i32, source: usize, sourceStride: i32, target: usize, targetStride: i32): void {
  for (let i: i32 = 0; i < rows; i++)
    memory.copy(element(target, i * targetStride), element(source, i * sourceStride), (<usize>columns) << 3)
}

/** Multiplies a block by `factor`; with factor 0 it becomes zero whatever it held. */
export function scaleBlock(rows: i32, columns: i32, factor: f64, a: usize, stride: i32): void {
  for (let i: i32 = 0; i < rows; i++) {
    const row = element(a, i * stride)
    if (factor == 0) memory.fill(row, 0, (<usize>columns) << 3)
    else scale(columns, factor, row)
  }
}

/** Whether a row holds NaN or an infinity: x − x is 0 for finite x only. */
function isFiniteRow(length: i32, x: usize): bool {
  let sum = f64x2.splat(0)
  let i: i32 = 0
  for (; i + 2 <= length; i += 2) {
    const v = v128.load(x)
    sum = f64x2.add(sum, f64x2.sub(v, v))
    x += 16
  }
  let total = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
  if (i < length) total += f64.load(x) - f64.load(x)
  return total == 0
}

/** Column of the first NaN or infinity in a row, or −1. */
export function findNonFinite(length: i32, x: usize): i32 {
  if (isFiniteRow(length, x)) return -1
  for (let i: i32 = 0; i < length; i++) {
    const value = f64.load(element(x, i))
    if (!isFinite<f64>(value)) return i
  }
  return -1
}
