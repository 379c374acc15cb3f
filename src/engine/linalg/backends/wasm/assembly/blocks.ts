// Moving and inspecting blocks: transposition, scaling, the search for NaN and infinity.
import { element } from './address'
import { scale } from './vectors'

/** target (columns × rows) = sourceᵀ (rows × columns), in cache-sized tiles. The two must not overlap, except as mirrored halves of one matrix. */
export function transposeBlock(rows: i32, columns: i32, source: usize, sourceStride: i32, target: usize, targetStride: i32): void {
  const sourceStep = (<usize>sourceStride) << 3
  const targetStep = (<usize>targetStride) << 3
  for (let i: i32 = 0; i < rows; i += 8)
    for (let j: i32 = 0; j < columns; j += 8) {
      const from = element(source, i * sourceStride + j)
      const to = element(target, j * targetStride + i)
      if (i + 8 <= rows && j + 8 <= columns) transposeWholeTile(from, sourceStep, to, targetStep)
      else transposeTile(min(8, rows - i), min(8, columns - j), from, sourceStride, to, targetStride)
    }
}

/** An 8 × 8 tile by 2 × 2 transpositions in registers: the lines of the target are written whole, one pair of them after the other. */
function transposeWholeTile(source: usize, sourceStep: usize, target: usize, targetStep: usize): void {
  for (let j: i32 = 0; j < 8; j += 2) {
    let from = source
    let to = target
    for (let i: i32 = 0; i < 8; i += 2) {
      const upper = v128.load(from)
      const lower = v128.load(from + sourceStep)
      v128.store(to, v128.shuffle<f64>(upper, lower, 0, 2))
      v128.store(to + targetStep, v128.shuffle<f64>(upper, lower, 1, 3))
      from += sourceStep << 1
      to += 16
    }
    source += 16
    target += targetStep << 1
  }
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

/** target[r · step] = source[r]. */
export function scatterRow(length: i32, source: usize, target: usize, step: i32): void {
  const stride = (<usize>step) << 3
  for (let r: i32 = 0; r < length; r++) {
    f64.store(target, f64.load(source))
    source += 8
    target += stride
  }
}

/** Multiplies a block by `factor`; with factor 0 it becomes zero whatever it held. */
export function scaleBlock(rows: i32, columns: i32, factor: f64, a: usize, stride: i32): void {
  if (factor == 0 && columns == stride) {
    memory.fill(a, 0, (<usize>rows * <usize>columns) << 3)
    return
  }
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
