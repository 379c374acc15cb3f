// Whether a build of the kernels multiplies as plain loops do: to the last bit, or within what fused rounding allows. And how fast it is.
import type { Allocator } from './memory'
import type { Kernels } from './webassembly'

/** An odd product whose blocks have whole and partial tiles of either width, inside a wider C. */
const odd = { rows: 21, columns: 23, depth: 37, stride: 29 }
/** A product whose factors fit the caches. */
const timed = { rows: 96, columns: 64, depth: 128, stride: 64 }

const [a, b, c, spill, sources] = [0, 16_384, 32_768, 49_152, 49_184]
/** Numbers and bytes of memory that a proof needs. */
const numbers = sources + 2048
export const proofBytes = 8 * numbers

/** Numbers in [−1, 1) of all magnitudes of rounding, from a fixed seed. */
function fill(values: Float64Array, seed: number): void {
  let state = seed >>> 0
  for (let at = 0; at < values.length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    values[at] = (state / 2 ** 31 - 1) * (1 + (state % 1024) * Number.EPSILON)
  }
}

/** Throws an error that names the first wrong entry. `fused` allows what rounding once instead of twice may change. */
export function proveKernels(kernels: Kernels, allocator: Allocator, address: number, fused: boolean): void {
  const all = allocator.view(address, numbers)
  const { rows, columns, depth, stride } = odd
  const [left, right] = [
    all.subarray(sources, sources + rows * depth),
    all.subarray(sources + rows * depth, sources + (rows + columns) * depth)
  ]
  fill(left, 1)
  fill(right, 2)
  const at = (place: number): number => address + 8 * place
  // Both with contiguous rows along the depth: entry (i, j) of the product is the row i of one times the row j of the other.
  kernels.pack(rows, depth, at(sources), depth, 1, at(a), 1)
  kernels.pack(columns, depth, at(sources + rows * depth), depth, 1, at(b), 1)
  const before = new Float64Array(rows * stride)
  fill(before, 3)
  const target = all.subarray(c, c + rows * stride)
  const product = (width: number, accumulate: number, triangle: number): Float64Array => {
    target.set(before)
    for (let j = 0; j < columns; j += width)
      kernels.multiplyBlock(
        rows,
        Math.min(width, columns - j),
        depth,
        at(a),
        at(b + j * depth),
        at(c + j),
        stride,
        accumulate,
        triangle,
        4,
        j,
        at(spill)
      )
    return target.slice()
  }
  for (const accumulate of [0, 1])
    for (const triangle of [0, 1, 2]) {
      const found = product(columns, accumulate, triangle)
      // Tiles of other widths must not show.
      const narrow = product(4, accumulate, triangle)
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) {
          if ((triangle === 1 && j < 4 + i) || (triangle === 2 && j > 4 + i)) continue
          const place = i * stride + j
          const old = accumulate ? before[place] : 0
          const { value, size } = entry(left, right, i, j, depth, old, accumulate)
          const allowed = fused ? (depth + 2) * Number.EPSILON * size : 0
          if (!(Math.abs(found[place] - value) <= allowed) || found[place] !== narrow[place])
            throw new Error(
              `entry (${i}, ${j}) of a product is ${found[place]} and ${narrow[place]} by narrow tiles, ${value} by plain loops`
            )
        }
      for (let place = 0; place < before.length; place++)
        if (place % stride >= columns && found[place] !== before[place]) throw new Error('a product wrote beside its result')
    }
}

function entry(
  left: Float64Array,
  right: Float64Array,
  i: number,
  j: number,
  depth: number,
  old: number,
  accumulate: number
): { readonly value: number; readonly size: number } {
  let [sum, size] = [0, Math.abs(old)]
  for (let p = 0; p < depth; p++) {
    const term = left[i * depth + p] * right[j * depth + p]
    sum += term
    size += Math.abs(term)
  }
  return { value: accumulate ? old + sum : sum, size }
}

/** Seconds of some millions of flops, on whatever the proof left in memory. */
export function secondsOfProduct(kernels: Kernels, allocator: Allocator, address: number): number {
  const { rows, columns, depth, stride } = timed
  fill(allocator.view(address, c), 4)
  const at = (place: number): number => address + 8 * place
  const began = performance.now()
  for (let repeat = 0; repeat < 3; repeat++) kernels.multiplyBlock(rows, columns, depth, at(a), at(b), at(c), stride, 1, 0, 0, 0, at(spill))
  return (performance.now() - began) / 1000
}
