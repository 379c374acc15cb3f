// What the front refuses, every backend refuses in the very same sentence; and what else the front sees to: aliases, triangles, empty problems, owned results, the end.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LinalgError, matrix, openLinalg, type Linalg, type Matrix } from '../../../../src/engine/linalg'
import { random, randomSymmetric } from '../../../reference/linalg/gallery'
import { lapackFault } from '../../../reference/linalg/lapack-here'
import { openPlain } from '../../../reference/linalg/plain'
import { aliased, batch, everyRefusal, good, square } from '../../../reference/linalg/refusals'

const hasLapack = (await lapackFault()) === null

/** An asynchronous refusal, whether the call throws at once or rejects. */
async function refusal(call: () => unknown): Promise<unknown> {
  try {
    return await call()
  } catch (error) {
    return error
  }
}

describe.each(['wasm', 'lapack', 'plain'] as const)('%s', (kind) => {
  const absent = kind === 'lapack' && !hasLapack
  const open = async (): Promise<Linalg> => (kind === 'plain' ? openPlain() : openLinalg({ backend: kind, threads: 2 }))
  let linalg: Linalg
  beforeAll(async () => {
    if (!absent) linalg = await open()
  })
  afterAll(() => linalg?.dispose())

  for (const [group, refusals] of Object.entries(everyRefusal))
    describe(`refuses ${group}`, () => {
      for (const [name, [call, code, sentence]] of Object.entries(refusals))
        it.skipIf(absent)(name, async () => {
          const error = await refusal(() => call(linalg))
          expect(error).toBeInstanceOf(LinalgError)
          expect(error).toMatchObject({ code, message: sentence })
        })
    })

  it.skipIf(absent || kind === 'plain')('sees through two buffer objects of a memory that has grown', async () => {
    const [before, neighbour] = [linalg.allocate(64), linalg.allocate(64)]
    linalg.release(before)
    const spare = linalg.allocate(20_000_000)
    const after = linalg.allocate(64)
    expect([after.byteOffset, after.buffer === before.buffer]).toEqual([before.byteOffset, false])
    const error = await refusal(() => linalg.gemm(matrix(8, 8, before), square(8), matrix(8, 8, after)))
    expect(error).toMatchObject({ code: 'aliasing', message: aliased('gemm', 'c', 'a') })
    // An ordinary array at the same place of its own buffer is another array.
    const elsewhere = new Float64Array(after.byteOffset / 8 + 64).subarray(after.byteOffset / 8)
    await linalg.gemm(matrix(8, 8, elsewhere), square(8), matrix(8, 8, after))
    for (const array of [neighbour, spare, after]) linalg.release(array)
  })

  it.skipIf(absent)('reads no entry above the diagonal of a triangle', async () => {
    const a = good()
    a.data[1] = NaN
    const b = matrix(6, 1, new Float64Array(6).fill(4))
    await linalg.solveTriangularInPlace(a, b)
    expect([...b.data]).toEqual([2, 2, 2, 2, 2, 2])
    expect(await linalg.choleskyInPlace(a)).toEqual({ positiveDefinite: true, rank: 6 })
    expect(a.data[1]).toBe(0)
  })

  it.skipIf(absent)('answers empty problems, and says that they are done', async () => {
    const done: number[] = []
    const options = { onProgress: (fraction: number) => void done.push(fraction) }
    const sizes = (...all: Matrix[]) => all.flatMap(({ rows, columns }) => [rows, columns])
    expect(await linalg.eigenvalues(square(0), options)).toEqual(new Float64Array(0))
    const { values, vectors } = await linalg.eigenSymmetric(square(0), options)
    expect([values.length, ...sizes(vectors)]).toEqual([0, 0, 0])
    const { q, r } = await linalg.qr(matrix(5, 0), options)
    expect(sizes(q, r)).toEqual([5, 0, 0, 0])
    const wide = await linalg.lq(matrix(0, 5), options)
    expect(sizes(wide.l, wide.q)).toEqual([0, 0, 0, 5])
    expect(await linalg.singularValues(matrix(0, 3), options)).toEqual(new Float64Array(0))
    expect(await linalg.choleskyCondition(square(0), 0, options)).toBe(0)
    await linalg.gemmOuterBatch(batch({ a: { count: 0 } }), options)
    expect((await linalg.tridiagonalize(square(0), options)).diagonal).toEqual(new Float64Array(0))
    expect(done).toEqual([1, 1, 1, 1, 1, 1, 1, 1])
  })

  it.skipIf(absent || kind === 'plain')(
    'owns its results: the first release gives their memory back, further ones do nothing',
    async () => {
      const start = linalg.memory
      const a = random(40, 30, 7)
      const results = [
        await linalg.eigenSymmetric(randomSymmetric(40, 8)),
        await linalg.tridiagonalize(randomSymmetric(40, 8)),
        await linalg.qr(a),
        await linalg.lq(matrix(30, 40)),
        await linalg.leastSquares(a, matrix(40, 2)),
        await linalg.pseudoinverse(a)
      ]
      const held = linalg.memory
      expect(held.allocations - held.releases).toBeGreaterThanOrEqual(start.allocations - start.releases + results.length)
      for (const { release } of results) release()
      const end = linalg.memory
      expect([end.allocations - end.releases, end.heldBytes]).toEqual([start.allocations - start.releases, start.heldBytes])
      const other = linalg.allocate(40 * 40)
      const again = linalg.memory
      for (const { release } of results) release()
      expect(linalg.memory).toEqual(again)
      linalg.release(other)
    }
  )

  it.skipIf(absent)('holds nothing when it is opened, and refuses every call once it is closed', async () => {
    const closed = await open()
    const { allocations, releases, heldBytes } = closed.memory
    expect([allocations - releases, heldBytes]).toEqual([0, 0])
    const array = closed.allocate(4)
    await closed.dispose()
    const a = good()
    const calls: Record<string, () => unknown> = {
      allocate: () => closed.allocate(3),
      gemm: () => closed.gemm(a, a, square(6)),
      gemmOuterBatch: () => closed.gemmOuterBatch(batch({})),
      syrk: () => closed.syrk(a, square(6)),
      symv: () => closed.symv(a, new Float64Array(6), new Float64Array(6)),
      spread: () => closed.spread({ units: new Float64Array(4), count: 1, order: 2, c: square(2), column: 0 }),
      mirrorUpperInPlace: () => closed.mirrorUpperInPlace(a),
      choleskyInPlace: () => closed.choleskyInPlace(a),
      solveTriangularInPlace: () => closed.solveTriangularInPlace(a, matrix(6, 1)),
      solveCholeskyInPlace: () => closed.solveCholeskyInPlace(a, matrix(6, 1)),
      eigenvalues: () => closed.eigenvalues(a),
      eigenSymmetric: () => closed.eigenSymmetric(a),
      tridiagonalize: () => closed.tridiagonalize(a),
      openLarge: () => closed.openLarge(3, 1),
      qr: () => closed.qr(a),
      lq: () => closed.lq(a),
      leastSquares: () => closed.leastSquares(a, matrix(6, 1)),
      pseudoinverse: () => closed.pseudoinverse(a),
      singularValues: () => closed.singularValues(a),
      choleskyCondition: () => closed.choleskyCondition(a, 1)
    }
    const routines = Object.entries(closed).filter(([, value]) => typeof value === 'function')
    expect(Object.keys(calls).sort()).toEqual(
      routines
        .map(([name]) => name)
        .filter((name) => !['release', 'dispose'].includes(name))
        .sort()
    )
    for (const [name, call] of Object.entries(calls)) {
      const error = await refusal(call)
      expect(error, name).toMatchObject({ code: 'backend', message: 'this linear-algebra backend has been disposed of' })
    }
    // Giving back is no mistake at the end.
    closed.release(array)
  })
})
