// The wasm backend's memory, queue, cancelling, progress and refusals.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLinalg, type Linalg } from '../../../../src/engine/linalg'
import { findBackendFiles } from '../../../../src/engine/linalg/backends/wasm/files'
import { block, matrix } from '../../../../src/engine/linalg/matrix'
import { randomMatrix, randomSymmetric } from './wasm-helpers'

let linalg: Linalg
beforeAll(async () => {
  linalg = await openLinalg({ backend: 'wasm', threads: 2 })
})
afterAll(() => linalg.dispose())

/** A symmetric matrix in the backend's memory that keeps it busy for a second or so. */
function large(order: number) {
  const data = linalg.allocate(order * order)
  const pattern = randomSymmetric(64, 1).data
  for (let i = 0; i < order; i++)
    for (let j = 0; j < order; j++) data[i * order + j] = pattern[(i % 64) * 64 + (j % 64)] + (i === j ? i : 0)
  return matrix(order, order, data)
}

describe('files', () => {
  it('are found from the sources, and their absence is explained', () => {
    expect(findBackendFiles().kernels).toMatch(/out.wasm.kernels\.wasm$/)
    expect(() => findBackendFiles('/')).toThrow(/no built kernels .* run "npm run build"/)
  })
})

describe('memory', () => {
  it('hands out zeroed memory, takes it back and reuses it', () => {
    const before = linalg.availableBytes
    const first = linalg.allocate(1000)
    first.fill(7)
    linalg.release(first)
    linalg.release(new Float64Array(3))
    const again = linalg.allocate(900)
    expect(again.byteOffset).toBe(first.byteOffset)
    expect(again.every((value) => value === 0)).toBe(true)
    linalg.release(again)
    expect(linalg.availableBytes).toBeGreaterThanOrEqual(before - 1_000_000)
  })

  it('keeps older views alive when the memory grows', async () => {
    const a = linalg.allocate(4)
    a.set([1, 2, 3, 4])
    const b = linalg.allocate(3_000_000)
    a[0] = 5
    const c = matrix(2, 2)
    await linalg.gemm(matrix(2, 2, a), matrix(2, 2, Float64Array.of(1, 0, 0, 1)), c)
    expect(Array.from(c.data)).toEqual([5, 2, 3, 4])
    linalg.release(a)
    linalg.release(b)
  })

  it('says how much was needed when it does not fit, and goes on working', async () => {
    expect(() => linalg.allocate(600_000_000)).toThrow(/4800000000 bytes \(4\.80 GB\)/)
    const data = linalg.allocate(4)
    const shape = { data, offset: 0, stride: 30_000, step: 0, count: 1 }
    const huge = { m: 1, n: 30_000, k: 30_000, a: shape, b: { ...shape, count: 1 }, c: { data, offset: 0, stride: 1, stepA: 0, stepB: 0 } }
    await expect(linalg.gemmOuterBatch(huge)).rejects.toMatchObject({ code: 'shape' })
    linalg.release(data)
  })
})

describe('memory above 2 GiB', () => {
  it('gives the same bits as memory below', async () => {
    const a = randomSymmetric(150, 8)
    const run = async () => {
      const inside = matrix(150, 150, linalg.allocate(150 * 150))
      inside.data.set(a.data)
      const gram = matrix(150, 150, linalg.allocate(150 * 150))
      await linalg.syrk(inside, gram)
      const result: Float64Array[] = [gram.data.slice()]
      await linalg.choleskyInPlace(gram)
      await linalg.solveCholeskyInPlace(gram, inside)
      result.push(gram.data.slice(), inside.data.slice())
      const { values, vectors } = await linalg.eigenSymmetric(a)
      result.push(values, vectors.data.slice())
      const addresses = [inside.data.byteOffset, vectors.data.byteOffset]
      for (const one of [inside, gram, vectors]) linalg.release(one.data)
      return { result, addresses }
    }
    const low = await run()
    // Never touched, so it costs addresses only.
    const below = linalg.allocate(2 ** 28)
    const high = await run()
    linalg.release(below)
    expect(Math.max(...low.addresses)).toBeLessThan(2 ** 31)
    expect(Math.max(...high.addresses)).toBeGreaterThan(2 ** 31)
    expect(high.result).toEqual(low.result)
  })
})

describe('long calls', () => {
  it('are cancelled under way, leave the loop free and the pool usable', async () => {
    const a = large(1500)
    const free = linalg.availableBytes
    for (const start of [
      (signal: AbortSignal) => linalg.eigenSymmetric(a, { signal }),
      (signal: AbortSignal) => linalg.eigenvalues(a, { signal }),
      (signal: AbortSignal) => linalg.gemm(a, a, matrix(1500, 1500), { signal })
    ]) {
      const controller = new AbortController()
      const call = start(controller.signal)
      // As soon as it is under way: a timer may come after the end of the quickest.
      await new Promise((resolve) => void setImmediate(resolve))
      controller.abort(new Error('stop it'))
      await expect(call).rejects.toThrow('stop it')
    }
    expect(linalg.availableBytes).toBeGreaterThanOrEqual(free - 200_000_000)
    await expect(linalg.eigenvalues(randomSymmetric(3, 1), { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before')
    expect(await linalg.eigenvalues(matrix(1, 1, Float64Array.of(4)))).toEqual(Float64Array.of(4))
    linalg.release(a.data)
  })

  it('can be cancelled while they wait for their turn', async () => {
    const a = large(700)
    const first = linalg.eigenvalues(a)
    const controller = new AbortController()
    let over = false
    void first.then(() => (over = true))
    const second = linalg.eigenvalues(a, { signal: controller.signal })
    const third = linalg.eigenvalues(matrix(1, 1, Float64Array.of(2)))
    controller.abort(new Error('not needed'))
    await expect(second).rejects.toThrow('not needed')
    expect(over).toBe(false)
    expect(await third).toEqual(Float64Array.of(2))
    expect(over).toBe(true)
    linalg.release(a.data)
  })

  it('report a fraction that never falls and ends at 1', async () => {
    const a = large(900)
    const seen: number[] = []
    const { vectors } = await linalg.eigenSymmetric(a, { onProgress: (fraction) => seen.push(fraction) })
    linalg.release(vectors.data)
    linalg.release(a.data)
    expect(seen.at(-1)).toBe(1)
    expect(seen).toEqual(seen.slice().sort((x, y) => x - y))
    expect(seen[0]).toBeGreaterThanOrEqual(0)
  })
})

describe('results', () => {
  it('are the same bits from run to run', async () => {
    const a = randomSymmetric(400, 5)
    const first = await linalg.eigenSymmetric(a)
    const second = await linalg.eigenSymmetric(a)
    expect(second.values).toEqual(first.values)
    expect(Buffer.compare(Buffer.from(second.vectors.data.slice().buffer), Buffer.from(first.vectors.data.slice().buffer))).toBe(0)
  })

  it('overwrite works in place and gives the same bits', async () => {
    const a = randomSymmetric(130, 6)
    const mine = matrix(130, 130, linalg.allocate(130 * 130))
    mine.data.set(a.data)
    expect(await linalg.eigenvalues(mine, { overwrite: true })).toEqual(await linalg.eigenvalues(a))
    linalg.release(mine.data)
  })

  it('take column blocks of one array as different matrices, and refuse true overlaps after the memory grew', async () => {
    const store = matrix(20, 40, linalg.allocate(800))
    store.data.set(randomMatrix(20, 40, 3).data)
    const left = block(store, 0, 0, 20, 20)
    const right = block(store, 0, 20, 20, 20)
    const before = randomMatrix(20, 40, 3)
    await linalg.syrk(left, right)
    const expected = matrix(20, 20)
    await linalg.syrk(block(before, 0, 0, 20, 20), expected)
    for (let i = 0; i < 20; i++) expect(store.data.slice(i * 40 + 20, i * 40 + 40)).toEqual(expected.data.slice(i * 20, i * 20 + 20))
    const spare = linalg.allocate(20_000_000)
    await expect(linalg.gemm(left, left, block(store, 0, 10, 20, 20))).rejects.toMatchObject({ code: 'aliasing' })
    linalg.release(spare)
  })

  it('stops with a clear error after dispose', async () => {
    const other = await openLinalg({ backend: 'wasm', threads: 1 })
    const call = other.eigenvalues(large(600))
    await other.dispose()
    await expect(call).rejects.toMatchObject({ code: 'backend' })
    await expect(other.eigenvalues(matrix(1, 1))).rejects.toThrow(/disposed/)
  })
})
