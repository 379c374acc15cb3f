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
