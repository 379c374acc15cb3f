// Packing of matrix blocks for the 4 × 4 micro-kernel (Goto & van de Geijn 2008): tiles of four rows, stored depth-major, zero-padded.
import { element } from './address'

/** Four rows whose elements of one depth lie side by side (row stride 1). */
function packAdjacentRows(depth: i32, source: usize, step: usize, target: usize, scale: f64): void {
  const factor = f64x2.splat(scale)
  for (let p: i32 = 0; p < depth; p++) {
    v128.store(target, f64x2.mul(factor, v128.load(source)))
    v128.store(target, f64x2.mul(factor, v128.load(source, 16)), 16)
    target += 32
    source += step
  }
}

/** Four rows that are contiguous along the depth (depth stride 1): 2 × 2 transpositions in registers. */
function packContiguousRows(depth: i32, source: usize, step: usize, target: usize, scale: f64): void {
  const factor = f64x2.splat(scale)
  let first = source
  let second = first + step
  let third = second + step
  let fourth = third + step
  let p: i32 = 0
  for (; p + 2 <= depth; p += 2) {
    const a = f64x2.mul(factor, v128.load(first))
    const b = f64x2.mul(factor, v128.load(second))
    const c = f64x2.mul(factor, v128.load(third))
    const d = f64x2.mul(factor, v128.load(fourth))
    v128.store(target, v128.shuffle<f64>(a, b, 0, 2))
    v128.store(target, v128.shuffle<f64>(c, d, 0, 2), 16)
    v128.store(target, v128.shuffle<f64>(a, b, 1, 3), 32)
    v128.store(target, v128.shuffle<f64>(c, d, 1, 3), 48)
    target += 64
    first += 16
    second += 16
    third += 16
    fourth += 16
  }
  if (p < depth) {
    f64.store(target, scale * f64.load(first))
    f64.store(target, scale * f64.load(second), 8)
    f64.store(target, scale * f64.load(third), 16)
    f64.store(target, scale * f64.load(fourth), 24)
  }
}

/** Any strides and 1 to 4 rows; missing rows are zero. */
function packAnyRows(rows: i32, depth: i32, source: usize, rowStep: usize, depthStep: usize, target: usize, scale: f64): void {
  for (let p: i32 = 0; p < depth; p++) {
    let from = source
    for (let r: i32 = 0; r < 4; r++) {
      f64.store(element(target, r), r < rows ? scale * f64.load(from) : 0.0)
      from += rowStep
    }
    target += 32
    source += depthStep
  }
}

/**
 * Packs scale · (rows × depth block whose element (i, p) is at source + 8(i·rowStride + p·depthStride)) into ceil(rows/4) tiles of depth × 4.
 * Strides may be negative.
 */
export function pack(rows: i32, depth: i32, source: usize, rowStride: i32, depthStride: i32, target: usize, scale: f64): void {
  const rowStep = (<usize>rowStride) << 3
  const depthStep = (<usize>depthStride) << 3
  for (let i: i32 = 0; i < rows; i += 4) {
    if (i + 4 > rows) packAnyRows(rows - i, depth, source, rowStep, depthStep, target, scale)
    else if (rowStride == 1) packAdjacentRows(depth, source, depthStep, target, scale)
    else if (depthStride == 1) packContiguousRows(depth, source, rowStep, target, scale)
    else packAnyRows(4, depth, source, rowStep, depthStep, target, scale)
    source += rowStep << 2
    target += (<usize>depth) << 5
  }
}

/** Four rows (or fewer) from depth `from` on, where they meet the diagonal: entry (i, j) of the symmetric matrix is read above it. */
function packDiagonal(rows: i32, row: i32, from: i32, to: i32, a: usize, stride: i32, target: usize): void {
  for (let d: i32 = from; d < to; d++) {
    for (let r: i32 = 0; r < 4; r++) {
      const i = row + r
      f64.store(element(target, r), r < rows ? f64.load(element(a, min(i, d) * stride + max(i, d))) : 0.0)
    }
    target += 32
  }
}

/**
 * As `pack` with scale 1, of a symmetric matrix whose upper triangle lies at `a` (row-major): rows `row` … row + rows − 1, depths `column` … column + depth − 1.
 */
export function packSymmetric(rows: i32, depth: i32, a: usize, stride: i32, row: i32, column: i32, target: usize): void {
  const step = (<usize>stride) << 3
  const end = column + depth
  for (let i: i32 = row; i < row + rows; i += 4) {
    const count = min(4, row + rows - i)
    const above = max(column, min(i, end))
    const below = max(column, min(i + 4, end))
    const mirrored = element(a, column * stride + i)
    const own = element(a, i * stride + below)
    const after = target + ((<usize>(below - column)) << 5)
    if (count == 4) {
      packAdjacentRows(above - column, mirrored, step, target, 1)
      packContiguousRows(end - below, own, step, after, 1)
    } else {
      packAnyRows(count, above - column, mirrored, 8, step, target, 1)
      packAnyRows(count, end - below, own, step, 8, after, 1)
    }
    packDiagonal(count, i, above, below, a, stride, target + ((<usize>(above - column)) << 5))
    target += (<usize>depth) << 5
  }
}

/** The inverse of `pack` with scale 1. */
export function unpack(rows: i32, depth: i32, packed: usize, target: usize, rowStride: i32, depthStride: i32): void {
  const rowStep = (<usize>rowStride) << 3
  const depthStep = (<usize>depthStride) << 3
  for (let i: i32 = 0; i < rows; i += 4) {
    const count = min(4, rows - i)
    let to = target
    for (let p: i32 = 0; p < depth; p++) {
      let entry = to
      for (let r: i32 = 0; r < count; r++) {
        f64.store(entry, f64.load(element(packed, r)))
        entry += rowStep
      }
      packed += 32
      to += depthStep
    }
    target += rowStep << 2
  }
}
