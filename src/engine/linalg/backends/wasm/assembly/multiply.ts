// The matrix product on packed operands: C (row-major) gains A · B, tile by tile of 4 × 4 in eight f64x2 accumulators.
import { element } from './address'

/** Adds or stores one accumulator pair of a row of C. */
function writeRow(c: usize, left: v128, right: v128, accumulate: i32): void {
  if (accumulate) {
    v128.store(c, f64x2.add(v128.load(c), left))
    v128.store(c, f64x2.add(v128.load(c, 16), right), 16)
  } else {
    v128.store(c, left)
    v128.store(c, right, 16)
  }
}

/** Copies the leading rows × columns of a finished 4 × 4 tile from `tile` to C. */
function writePartialTile(rows: i32, columns: i32, tile: usize, c: usize, stride: i32, accumulate: i32): void {
  for (let r: i32 = 0; r < rows; r++)
    for (let q: i32 = 0; q < columns; q++) {
      const entry = element(c, r * stride + q)
      const value = f64.load(element(tile, r * 4 + q))
      f64.store(entry, accumulate ? f64.load(entry) + value : value)
    }
}

/**
 * C[rows × columns] (+)= A · B for one packed tile of B (up to four columns) and all packed row tiles of A.
 * `spill` has room for 16 numbers. The order of additions depends on `depth` alone, so tile sizes and threads never change a bit.
 */
export function multiplyPanel(
  rows: i32,
  columns: i32,
  depth: i32,
  packedA: usize,
  packedB: usize,
  c: usize,
  stride: i32,
  accumulate: i32,
  spill: usize
): void {
  const step: usize = (<usize>stride) << 3
  for (let i: i32 = 0; i < rows; i += 4) {
    let b = packedB
    let c00 = f64x2.splat(0)
    let c01 = c00
    let c10 = c00
    let c11 = c00
    let c20 = c00
    let c21 = c00
    let c30 = c00
    let c31 = c00
    for (let p: i32 = 0; p < depth; p++) {
      const b0 = v128.load(b)
      const b1 = v128.load(b, 16)
      const a0 = v128.load64_splat(packedA)
      const a1 = v128.load64_splat(packedA, 8)
      c00 = f64x2.add(c00, f64x2.mul(a0, b0))
      c01 = f64x2.add(c01, f64x2.mul(a0, b1))
      c10 = f64x2.add(c10, f64x2.mul(a1, b0))
      c11 = f64x2.add(c11, f64x2.mul(a1, b1))
      const a2 = v128.load64_splat(packedA, 16)
      const a3 = v128.load64_splat(packedA, 24)
      c20 = f64x2.add(c20, f64x2.mul(a2, b0))
      c21 = f64x2.add(c21, f64x2.mul(a2, b1))
      c30 = f64x2.add(c30, f64x2.mul(a3, b0))
      c31 = f64x2.add(c31, f64x2.mul(a3, b1))
      packedA += 32
      b += 32
    }
    if (i + 4 <= rows && columns == 4) {
      writeRow(c, c00, c01, accumulate)
      writeRow(c + step, c10, c11, accumulate)
      writeRow(c + 2 * step, c20, c21, accumulate)
      writeRow(c + 3 * step, c30, c31, accumulate)
    } else {
      writeRow(spill, c00, c01, 0)
      writeRow(spill + 32, c10, c11, 0)
      writeRow(spill + 64, c20, c21, 0)
      writeRow(spill + 96, c30, c31, 0)
      writePartialTile(min(4, rows - i), columns, spill, c, stride, accumulate)
    }
    c += step << 2
  }
}

/**
 * C[rows × columns] (+)= A · B on packed operands. `triangle`: 0 all of C; 1 (upper), 2 (lower) only tiles that touch that triangle of the
 * whole matrix, where the block starts at (row0, column0).
 */
export function multiplyBlock(
  rows: i32,
  columns: i32,
  depth: i32,
  packedA: usize,
  packedB: usize,
  c: usize,
  stride: i32,
  accumulate: i32,
  triangle: i32,
  row0: i32,
  column0: i32,
  spill: usize
): void {
  for (let j: i32 = 0; j < columns; j += 4) {
    let from: i32 = 0
    let to: i32 = rows
    if (triangle == 1) to = min(rows, column0 + j + 4 - row0)
    else if (triangle == 2) from = max(0, column0 + j - row0) & ~3
    if (from < to)
      multiplyPanel(
        to - from,
        min(4, columns - j),
        depth,
        packedA + ((<usize>(from * depth)) << 3),
        packedB + ((<usize>(j * depth)) << 3),
        element(c, from * stride + j),
        stride,
        accumulate,
        spill
      )
  }
}
