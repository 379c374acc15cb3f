// The builds of the embedded kernels: which one is taken, what the proof refuses, and that the wide ones compute the bits they promise.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { matrix, openLinalg, type Linalg, type Matrix } from '../../../../src/engine/linalg'
import { chooseKernels } from '../../../../src/engine/linalg/backends/wasm/builds'
import { findBackendFiles } from '../../../../src/engine/linalg/backends/wasm/files'
import { createAllocator } from '../../../../src/engine/linalg/backends/wasm/memory'
import { proofBytes, proveKernels } from '../../../../src/engine/linalg/backends/wasm/proof'
import { compileNow, instantiateKernels, type Kernels } from '../../../../src/engine/linalg/backends/wasm/webassembly'
import { random, randomSymmetric } from '../../../reference/linalg/gallery'
import { readFileSync } from 'node:fs'

const widens = process.arch === 'x64' && Number(process.versions.v8.split('.')[0]) >= 13
const plainBytes = () => readFileSync(findBackendFiles().kernels)
const wideBytes = () => readFileSync(findBackendFiles().kernels.replace('kernels.wasm', 'kernels-256.wasm'))

/** Kernels in memory of their own, and the proof of them. */
function proving(bytes: Uint8Array, change: (kernels: Kernels) => Partial<Kernels> = () => ({})) {
  const allocator = createAllocator()
  const kernels = instantiateKernels(compileNow(bytes), allocator.memory)
  const address = allocator.allocate(proofBytes, 'a test')
  return (fused = false) => proveKernels({ ...kernels, ...change(kernels) }, allocator, address, fused)
}

describe('the proof', () => {
  it('accepts the plain kernels, and the wide tiles also where nothing is widened', () => {
    expect(proving(plainBytes())).not.toThrow()
    expect(proving(wideBytes())).not.toThrow()
  })

  it('refuses kernels that are wrong by the last bit, do nothing, or forget what C held', () => {
    const scaled = proving(plainBytes(), ({ pack }) => ({
      pack: (rows, depth, source, rowStride, depthStride, target) =>
        pack(rows, depth, source, rowStride, depthStride, target, 1 + Number.EPSILON)
    }))
    expect(() => scaled()).toThrow(/by plain loops/)
    expect(() => scaled(true)).not.toThrow()
    expect(() => proving(plainBytes(), () => ({ multiplyBlock: () => undefined }))(true)).toThrow(/by plain loops/)
    const forgets = proving(plainBytes(), ({ multiplyBlock }) => ({
      multiplyBlock: (rows, columns, depth, a, b, c, stride, _, ...rest) => multiplyBlock(rows, columns, depth, a, b, c, stride, 0, ...rest)
    }))
    expect(() => forgets(true)).toThrow(/by plain loops/)
  })

  it('refuses kernels whose tiles show in the result', () => {
    const shows = proving(plainBytes(), ({ multiplyBlock }) => ({
      multiplyBlock(rows, columns, depth, a, b, c, stride, ...rest) {
        multiplyBlock(rows, columns, depth, a, b, c, stride, ...rest)
        if (columns === 4) multiplyBlock(1, 1, 1, a, b, c, stride, 1, 0, 0, 0, rest[4])
      }
    }))
    expect(() => shows(true)).toThrow(/by narrow tiles/)
  })
})

describe('the choice', () => {
  it('takes the plain build where it is asked for, gives its memory back, and names what it took', async () => {
    const allocator = createAllocator()
    const held = allocator.count().heldBytes
    expect((await chooseKernels(findBackendFiles(), allocator, 'wasm')).build).toBe('wasm')
    const free = await chooseKernels(findBackendFiles(), allocator, null)
    expect(widens ? ['wasm', 'wasm-256'] : ['wasm']).toContain(free.build)
    expect(allocator.count().heldBytes).toBe(held)
  })

  it.runIf(!widens)('refuses a wide build by name where V8 does not widen', async () => {
    for (const backend of ['wasm-256', 'wasm-256-fma'] as const)
      await expect(openLinalg({ backend, threads: 1 })).rejects.toThrow(
        new RegExp(`the kernels ${backend} are not to be had here: V8 widens`)
      )
  })
})

describe.runIf(widens)('the wide builds', () => {
  let all: Record<'wasm' | 'wasm-256' | 'wasm-256-fma', Linalg>
  beforeAll(async () => {
    all = {
      wasm: await openLinalg({ backend: 'wasm', kernels: 'wasm', threads: 2 }),
      'wasm-256': await openLinalg({ backend: 'wasm-256', threads: 2 }),
      'wasm-256-fma': await openLinalg({ backend: 'wasm-256-fma', threads: 2 })
    }
  })
  afterAll(() => Promise.all(Object.values(all).map((one) => one.dispose())))

  it('say which they are; only the fused one has another description', () => {
    for (const [name, { kernels }] of Object.entries(all)) expect(kernels).toBe(name)
    expect(all['wasm-256'].info.description).toBe(all.wasm.info.description)
    expect(all['wasm-256-fma'].info.description).not.toBe(all.wasm.info.description)
  })

  const results = async (linalg: Linalg, n: number): Promise<Float64Array[]> => {
    const [a, b] = [random(n, n + 3, 5), random(n + 3, n, 6)]
    const made: Float64Array[] = []
    const into = (work: (c: Matrix) => Promise<unknown>) => {
      const c = matrix(n, n)
      made.push(c.data)
      return work(c)
    }
    await into((c) => linalg.gemm(a, b, c, { alpha: 0.7 }))
    await into((c) => linalg.syrk(a, c))
    await into((c) => {
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) c.data[i * n + j] = Math.cos(i - j) + (i === j ? n : 0)
      return linalg.choleskyInPlace(c)
    })
    const { values, vectors } = await linalg.eigenSymmetric(randomSymmetric(n, 7))
    made.push(values, vectors.data)
    made.push((await linalg.leastSquares(a, random(n, 2, 8))).solution.data)
    return made
  }

  it('compute the same bits, or fused ones that differ in the last digits alone', async () => {
    for (const n of [9, 70, 301]) {
      const [plain, wide, fused] = await Promise.all(Object.values(all).map((one) => results(one, n)))
      expect(wide).toEqual(plain)
      const largest = plain[0].reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      const gap = fused[0].reduce((most, value, at) => Math.max(most, Math.abs(value - plain[0][at])), 0)
      expect(gap).toBeGreaterThan(0)
      expect(gap).toBeLessThanOrEqual(n * Number.EPSILON * largest)
    }
  })

  it('compute the same bits on any number of threads', async () => {
    for (const backend of ['wasm-256', 'wasm-256-fma'] as const) {
      const alone = await openLinalg({ backend, threads: 1 })
      const [a, b, one, two] = [random(403, 211, 1), random(211, 397, 2), matrix(403, 397), matrix(403, 397)]
      await alone.gemm(a, b, one)
      await all[backend].gemm(a, b, two)
      expect(two.data).toEqual(one.data)
      await alone.dispose()
    }
  })
})
