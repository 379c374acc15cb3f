// The matrix product on packed operands: C (row-major) gains A · B, tile by tile of 4 × 4 in eight f64x2 accumulators, or of 4 × 8 in sixteen.
import { element } from './address'

// WIDE and FUSED are constants of the build (scripts/build.mjs): whether 4 × 8 tiles are used, and whether products and sums are fused.

/** sum + a · b, rounded once where the build is fused: then in every tile, so that tile sizes do not show in the result. */
function plusProduct(sum: v128, a: v128, b: v128): v128 {
  if (FUSED) return f64x2.relaxed_madd(a, b, sum)
  return f64x2.add(sum, f64x2.mul(a, b))
}

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
      c00 = plusProduct(c00, a0, b0)
      c01 = plusProduct(c01, a0, b1)
      c10 = plusProduct(c10, a1, b0)
      c11 = plusProduct(c11, a1, b1)
      const a2 = v128.load64_splat(packedA, 16)
      const a3 = v128.load64_splat(packedA, 24)
      c20 = plusProduct(c20, a2, b0)
      c21 = plusProduct(c21, a2, b1)
      c30 = plusProduct(c30, a3, b0)
      c31 = plusProduct(c31, a3, b1)
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
 * The same for two neighbouring packed tiles of B, all rows and columns of them: tiles of 4 × 8. V8 can turn pairs of its f64x2 into registers of 256 bits,
 * where it sees one row of stores: so what C held is added before the first store.
 */
function multiplyWidePanel(rows: i32, depth: i32, packedA: usize, packedB: usize, c: usize, stride: i32, accumulate: i32): void {
  const step: usize = (<usize>stride) << 3
  const tile: usize = (<usize>depth) << 5
  for (let i: i32 = 0; i < rows; i += 4) {
    let left = packedB
    let right = packedB + tile
    let c00 = f64x2.splat(0)
    let c01 = c00
    let c02 = c00
    let c03 = c00
    let c10 = c00
    let c11 = c00
    let c12 = c00
    let c13 = c00
    let c20 = c00
    let c21 = c00
    let c22 = c00
    let c23 = c00
    let c30 = c00
    let c31 = c00
    let c32 = c00
    let c33 = c00
    for (let p: i32 = 0; p < depth; p++) {
      const b0 = v128.load(left)
      const b1 = v128.load(left, 16)
      const b2 = v128.load(right)
      const b3 = v128.load(right, 16)
      const a0 = v128.load64_splat(packedA)
      c00 = plusProduct(c00, a0, b0)
      c01 = plusProduct(c01, a0, b1)
      c02 = plusProduct(c02, a0, b2)
      c03 = plusProduct(c03, a0, b3)
      const a1 = v128.load64_splat(packedA, 8)
      c10 = plusProduct(c10, a1, b0)
      c11 = plusProduct(c11, a1, b1)
      c12 = plusProduct(c12, a1, b2)
      c13 = plusProduct(c13, a1, b3)
      const a2 = v128.load64_splat(packedA, 16)
      c20 = plusProduct(c20, a2, b0)
      c21 = plusProduct(c21, a2, b1)
      c22 = plusProduct(c22, a2, b2)
      c23 = plusProduct(c23, a2, b3)
      const a3 = v128.load64_splat(packedA, 24)
      c30 = plusProduct(c30, a3, b0)
      c31 = plusProduct(c31, a3, b1)
      c32 = plusProduct(c32, a3, b2)
      c33 = plusProduct(c33, a3, b3)
      packedA += 32
      left += 32
      right += 32
    }
    const second = c + step
    const third = second + step
    const fourth = third + step
    if (accumulate) {
      c00 = f64x2.add(v128.load(c), c00)
      c01 = f64x2.add(v128.load(c, 16), c01)
      c02 = f64x2.add(v128.load(c, 32), c02)
      c03 = f64x2.add(v128.load(c, 48), c03)
      c10 = f64x2.add(v128.load(second), c10)
      c11 = f64x2.add(v128.load(second, 16), c11)
      c12 = f64x2.add(v128.load(second, 32), c12)
      c13 = f64x2.add(v128.load(second, 48), c13)
      c20 = f64x2.add(v128.load(third), c20)
      c21 = f64x2.add(v128.load(third, 16), c21)
      c22 = f64x2.add(v128.load(third, 32), c22)
      c23 = f64x2.add(v128.load(third, 48), c23)
      c30 = f64x2.add(v128.load(fourth), c30)
      c31 = f64x2.add(v128.load(fourth, 16), c31)
      c32 = f64x2.add(v128.load(fourth, 32), c32)
      c33 = f64x2.add(v128.load(fourth, 48), c33)
    }
    v128.store(c, c00)
    v128.store(c, c01, 16)
    v128.store(c, c02, 32)
    v128.store(c, c03, 48)
    v128.store(second, c10)
    v128.store(second, c11, 16)
    v128.store(second, c12, 32)
    v128.store(second, c13, 48)
    v128.store(third, c20)
    v128.store(third, c21, 16)
    v128.store(third, c22, 32)
    v128.store(third, c23, 48)
    v128.store(fourth, c30)
    v128.store(fourth, c31, 16)
    v128.store(fourth, c32, 32)
    v128.store(fourth, c33, 48)
    c += step << 2
  }
}

/** The rows from … to − 1 (`from` a multiple of 4) of one packed tile of B, none where to ≤ from. */
function multiplyRows(
  from: i32,
  to: i32,
  columns: i32,
  depth: i32,
  packedA: usize,
  packedB: usize,
  c: usize,
  stride: i32,
  accumulate: i32,
  spill: usize
): void {
  if (from < to)
    multiplyPanel(
      to - from,
      columns,
      depth,
      packedA + ((<usize>(from * depth)) << 3),
      packedB,
      element(c, from * stride),
      stride,
      accumulate,
      spill
    )
}

/** The first row of a tile of four columns that touches the triangle, a multiple of 4. */
function firstRow(triangle: i32, row0: i32, column: i32): i32 {
  return triangle == 2 ? max(0, column - row0) & ~3 : 0
}

/** One past its last row. */
function lastRow(triangle: i32, rows: i32, row0: i32, column: i32): i32 {
  return triangle == 1 ? min(rows, column + 4 - row0) : rows
}

/**
 * C[rows × columns] (+)= A · B on packed operands. `triangle`: 0 all of C; 1 (upper), 2 (lower) only tiles of 4 × 4 that touch that triangle of the
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
  let j: i32 = 0
  if (WIDE)
    for (; j + 8 <= columns; j += 8) {
      const first = firstRow(triangle, row0, column0 + j)
      const last = lastRow(triangle, rows, row0, column0 + j)
      const otherFirst = firstRow(triangle, row0, column0 + j + 4)
      const otherLast = lastRow(triangle, rows, row0, column0 + j + 4)
      // Rows of whole tiles that both halves have.
      const start = max(first, otherFirst)
      const end = max(start, min(last, otherLast) & ~3)
      const b = packedB + ((<usize>(j * depth)) << 3)
      const other = b + ((<usize>depth) << 5)
      const target = element(c, j)
      multiplyRows(first, min(start, last), 4, depth, packedA, b, target, stride, accumulate, spill)
      if (start < end)
        multiplyWidePanel(
          end - start,
          depth,
          packedA + ((<usize>(start * depth)) << 3),
          b,
          element(target, start * stride),
          stride,
          accumulate
        )
      multiplyRows(end, last, 4, depth, packedA, b, target, stride, accumulate, spill)
      multiplyRows(end, otherLast, 4, depth, packedA, other, element(target, 4), stride, accumulate, spill)
    }
  for (; j < columns; j += 4)
    multiplyRows(
      firstRow(triangle, row0, column0 + j),
      lastRow(triangle, rows, row0, column0 + j),
      min(4, columns - j),
      depth,
      packedA,
      packedB + ((<usize>(j * depth)) << 3),
      element(c, j),
      stride,
      accumulate,
      spill
    )
}
