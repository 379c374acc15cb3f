// The kernels of divide and conquer by themselves: roots of the secular equation against exact arithmetic, QL against known eigenvalues.
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { findBackendFiles } from '../../../../src/engine/linalg/backends/wasm/files'
import {
  compileKernels,
  createMemory,
  instantiateKernels,
  type Kernels,
  type SharedMemory
} from '../../../../src/engine/linalg/backends/wasm/webassembly'
import { random } from './wasm-helpers'

let kernels: Kernels
let memory: SharedMemory
beforeAll(async () => {
  memory = createMemory(64).memory
  kernels = instantiateKernels(await compileKernels(readFileSync(findBackendFiles().kernels)), memory)
})

/** Float64Array at a free place of the memory, and its address. */
const place = (slot: number, length: number) => {
  const address = 2_000_000 + slot * 65_536
  return { address, values: new Float64Array(memory.buffer, address, length) }
}

/** A float64 as an exact fraction numerator / 2^1100. */
function exact(value: number): bigint {
  const bits = new BigUint64Array(new Float64Array([Math.abs(value)]).buffer)[0]
  const exponent = Number(bits >> 52n)
  const mantissa = (bits & ((1n << 52n) - 1n)) | (exponent > 0 ? 1n << 52n : 0n)
  const whole = mantissa << BigInt(Math.max(exponent, 1) - 1075 + 1100)
  return value < 0 ? -whole : whole
}
const unit = 1n << 1100n

/** Sign of f(origin + tau) = 1 + ρ Σ z² / (d − λ), evaluated with 1100 binary digits. */
function signOfSecular(d: Float64Array, z: Float64Array, rho: number, lambda: bigint): number {
  let sum = unit
  for (let i = 0; i < d.length; i++) {
    const weight = (((exact(rho) * exact(z[i])) / unit) * exact(z[i])) / unit
    sum += (weight * unit) / (exact(d[i]) - lambda)
  }
  return sum > 0n ? 1 : sum < 0n ? -1 : 0
}

describe('solveSecular', () => {
  const cases: [string, number[], number[], number][] = [
    ['one pole', [2], [1], 0.5],
    ['two poles', [-1, 3], [0.6, 0.8], 2],
    ['random', Array.from(random(40, 1)).sort((a, b) => a - b), Array.from(random(40, 2)), 0.7],
    ['close poles', Array.from({ length: 20 }, (_, i) => 1 + i * 1e-12), Array.from(random(20, 3)), 1e-3],
    ['graded weights', Array.from({ length: 15 }, (_, i) => i - 7), Array.from({ length: 15 }, (_, i) => 10 ** -i), 3],
    ['tiny weights', [0, 1e-8, 1, 2, 3], [1, 1e-7, 1e-7, 1e-7, 1e-7], 1],
    ['large rho', [0, 1, 2, 3], [1, 1, 1, 1], 1e8]
  ]
  for (const [name, poles, weights, rho] of cases)
    it(`brackets every root to a few units in the last place: ${name}`, () => {
      const count = poles.length
      const length = Math.hypot(...weights)
      const d = place(0, count)
      const z = place(1, count)
      const delta = place(2, count)
      d.values.set(poles)
      z.values.set(weights.map((weight) => weight / length))
      for (let j = 0; j < count; j++) {
        const root = kernels.solveSecular(count, j, d.address, z.address, rho, delta.address)
        // The exact root lies where f changes sign; −delta_j is its distance from pole j, or delta_{j+1} from the next one.
        const near = j + 1 < count && Math.abs(delta.values[j + 1]) < Math.abs(delta.values[j]) ? j + 1 : j
        const distance = delta.values[near]
        // Relative to that distance, or to rounding in f where large terms cancel.
        const slack = Math.min(0.5 * Math.abs(distance), Math.max(1e-13 * Math.abs(distance), 1e-15 * (poles[count - 1] - poles[0])))
        const around = [distance - slack, distance + slack]
        const signs = around.map((value) => signOfSecular(d.values, z.values, rho, exact(d.values[near]) - exact(value)))
        expect(signs[0] * signs[1]).toBeLessThanOrEqual(0)
        expect(Math.abs(root - (d.values[near] - distance))).toBeLessThanOrEqual(1e-15 * Math.max(Math.abs(root), Math.abs(distance)))
        expect(delta.values[j]).toBeLessThan(0)
        if (j + 1 < count) expect(delta.values[j + 1]).toBeGreaterThan(0)
      }
    })
})

describe('isolateEigenvalue', () => {
  it('finds 2 − 2 cos(kπ/(n+1)) of the second difference matrix', () => {
    const order = 50
    const diagonal = place(0, order)
    const coupling = place(1, order)
    diagonal.values.fill(2)
    coupling.values.fill(-1)
    for (let l = 0; l < order; l++) expect(kernels.isolateEigenvalue(order, l, diagonal.address, coupling.address, 0, 0, 0, 0)).toBe(0)
    const found = diagonal.values.slice().sort()
    found.forEach((value, k) => expect(Math.abs(value - (2 - 2 * Math.cos(((k + 1) * Math.PI) / (order + 1))))).toBeLessThan(1e-14))
  })
})
