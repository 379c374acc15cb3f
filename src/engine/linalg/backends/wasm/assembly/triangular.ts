// Small triangular work on diagonal blocks: unblocked Cholesky, and the solve with many packed right-hand sides.
import { element } from './address'
import { dot } from './vectors'

/**
 * Unblocked lower Cholesky of the leading order × order block at `a` (row-major). Returns the number of columns done: `order`, or the index of
 * the first pivot that is not > 0.
 */
export function factorizeCholesky(order: i32, a: usize, stride: i32): i32 {
  for (let j: i32 = 0; j < order; j++) {
    const row = element(a, j * stride)
    const pivot = f64.load(element(row, j)) - dot(j, row, row)
    if (!(pivot > 0)) return j
    const root = sqrt(pivot)
    f64.store(element(row, j), root)
    for (let i: i32 = j + 1; i < order; i++) {
      const other = element(a, i * stride)
      const entry = element(other, j)
      f64.store(entry, (f64.load(entry) - dot(j, other, row)) / root)
    }
  }
  return order
}

/** Columns [0, j) of one packed tile of four right-hand sides, subtracted from its columns j … j+3 (a 4 × 4 micro-kernel). */
function eliminateTile(depth: i32, tile: usize, factor: usize, target: usize): void {
  let c00 = v128.load(target)
  let c01 = v128.load(target, 16)
  let c10 = v128.load(target, 32)
  let c11 = v128.load(target, 48)
  let c20 = v128.load(target, 64)
  let c21 = v128.load(target, 80)
  let c30 = v128.load(target, 96)
  let c31 = v128.load(target, 112)
  for (let p: i32 = 0; p < depth; p++) {
    const x0 = v128.load(tile)
    const x1 = v128.load(tile, 16)
    const l0 = v128.load64_splat(factor)
    const l1 = v128.load64_splat(factor, 8)
    c00 = f64x2.sub(c00, f64x2.mul(l0, x0))
    c01 = f64x2.sub(c01, f64x2.mul(l0, x1))
    c10 = f64x2.sub(c10, f64x2.mul(l1, x0))
    c11 = f64x2.sub(c11, f64x2.mul(l1, x1))
    const l2 = v128.load64_splat(factor, 16)
    const l3 = v128.load64_splat(factor, 24)
    c20 = f64x2.sub(c20, f64x2.mul(l2, x0))
    c21 = f64x2.sub(c21, f64x2.mul(l2, x1))
    c30 = f64x2.sub(c30, f64x2.mul(l3, x0))
    c31 = f64x2.sub(c31, f64x2.mul(l3, x1))
    tile += 32
    factor += 32
  }
  v128.store(target, c00)
  v128.store(target, c01, 16)
  v128.store(target, c10, 32)
  v128.store(target, c11, 48)
  v128.store(target, c20, 64)
  v128.store(target, c21, 80)
  v128.store(target, c30, 96)
  v128.store(target, c31, 112)
}

/** Solves with the 4 × 4 triangle at the packed `corner` (column p, row r at p·4 + r), for `count` ≤ 4 unknowns of four right-hand sides. */
function solveCorner(count: i32, corner: usize, target: usize): void {
  for (let j: i32 = 0; j < count; j++) {
    const row = target + ((<usize>j) << 5)
    let left = v128.load(row)
    let right = v128.load(row, 16)
    for (let p: i32 = 0; p < j; p++) {
      const l = v128.load64_splat(element(corner, p * 4 + j))
      const known = target + ((<usize>p) << 5)
      left = f64x2.sub(left, f64x2.mul(l, v128.load(known)))
      right = f64x2.sub(right, f64x2.mul(l, v128.load(known, 16)))
    }
    const diagonal = v128.load64_splat(element(corner, j * 4 + j))
    v128.store(row, f64x2.div(left, diagonal))
    v128.store(row, f64x2.div(right, diagonal), 16)
  }
}

/**
 * Solves L x = b for ceil(sides/4) packed tiles of four right-hand sides (tile: order × 4, from `pack`), in place. L (order × order, lower) is
 * packed by `pack` too, with its diagonal.
 */
export function solvePackedTriangle(order: i32, sides: i32, packedFactor: usize, packedSides: usize): void {
  for (let i: i32 = 0; i < sides; i += 4) {
    for (let j: i32 = 0; j < order; j += 4) {
      const factor = packedFactor + ((<usize>(j * order)) << 3)
      const target = packedSides + ((<usize>j) << 5)
      if (j + 4 <= order) eliminateTile(j, packedSides, factor, target)
      else eliminateRemainder(order - j, j, packedSides, factor, target)
      solveCorner(min(4, order - j), factor + ((<usize>j) << 5), target)
    }
    packedSides += (<usize>order) << 5
  }
}

/** As eliminateTile for fewer than four unknowns. */
function eliminateRemainder(count: i32, depth: i32, tile: usize, factor: usize, target: usize): void {
  for (let j: i32 = 0; j < count; j++) {
    const row = target + ((<usize>j) << 5)
    let left = v128.load(row)
    let right = v128.load(row, 16)
    for (let p: i32 = 0; p < depth; p++) {
      const l = v128.load64_splat(element(factor, p * 4 + j))
      const known = tile + ((<usize>p) << 5)
      left = f64x2.sub(left, f64x2.mul(l, v128.load(known)))
      right = f64x2.sub(right, f64x2.mul(l, v128.load(known, 16)))
    }
    v128.store(row, left)
    v128.store(row, right, 16)
  }
}
