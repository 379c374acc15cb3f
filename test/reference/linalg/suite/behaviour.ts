// How a backend behaves: refusals that name the fault, cancellation, progress, a free event loop, determinism, memory.
import assert from 'node:assert/strict'
import { LinalgError, type CallOptions, type Linalg } from '../../../../src/engine/linalg/interface'
import { block, matrix, type Matrix } from '../../../../src/engine/linalg/matrix'
import { random, randomSymmetric } from '../gallery'
import { build, copy, product, transposed } from '../plain'
import type { LinalgCase } from './case'

const fails =
  (code: LinalgError['code'], ...texts: string[]) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof LinalgError, `expected a LinalgError, got ${String(error)}`)
    assert.equal(error.code, code, error.message)
    for (const text of texts) assert.ok(error.message.includes(text), `"${error.message}" should say ${text}`)
    return true
  }

function poisoned(rows: number, columns: number, i: number, j: number, value: number): Matrix {
  const a = build(rows, columns, (row, column) => (row === column ? 4 : 1 / (1 + row + column)))
  a.data[i * columns + j] = value
  return a
}

/** Every long routine on a problem of order n that it can solve. */
function routines(linalg: Linalg, n: number): Record<string, (options: CallOptions) => Promise<unknown>> {
  const symmetric = randomSymmetric(n, 101)
  const full = random(n, n, 102)
  const positive = (): Matrix => build(n, n, (i, j) => (i === j ? n : symmetric.data[i * n + j]))
  const lower = build(n, n, (i, j) => (i === j ? 2 : i > j ? full.data[i * n + j] / n : 0))
  return {
    gemm: (options) => linalg.gemm(full, full, matrix(n, n), options),
    syrk: (options) => linalg.syrk(full, matrix(n, n), options),
    choleskyInPlace: (options) => linalg.choleskyInPlace(positive(), options),
    solveTriangularInPlace: (options) => linalg.solveTriangularInPlace(lower, copy(full), options),
    solveCholeskyInPlace: (options) => linalg.solveCholeskyInPlace(lower, copy(full), options),
    eigenvalues: (options) => linalg.eigenvalues(symmetric, options),
    eigenSymmetric: (options) => linalg.eigenSymmetric(symmetric, options),
    'eigenSymmetric of a selection': (options) => linalg.eigenSymmetric(symmetric, { ...options, select: { smallest: 4, largest: 4 } }),
    tridiagonalize: (options) => linalg.tridiagonalize(symmetric, options),
    qr: (options) => linalg.qr(full, options),
    lq: (options) => linalg.lq(full, options),
    leastSquares: (options) => linalg.leastSquares(full, block(full, 0, 0, n, 1), options),
    pseudoinverse: (options) => linalg.pseudoinverse(full, options),
    singularValues: (options) => linalg.singularValues(full, options)
  }
}

const bits = (values: Float64Array): string => Buffer.from(values.slice().buffer).toString('base64')

export const behaviourCases: readonly LinalgCase[] = [
  {
    name: 'NaN and infinity are refused by the entry they are in',
    run: async (linalg) => {
      for (const value of [NaN, Infinity, -Infinity])
        for (const [i, j, n] of [
          [0, 0, 1],
          [3, 1, 5],
          [48, 48, 49],
          [60, 7, 70]
        ]) {
          const entry = `(${i}, ${j})`
          const a = (): Matrix => poisoned(n, n, i, j, value)
          const good = build(n, n, (row, column) => (row === column ? 2 : 0))
          const said = fails('not-finite', entry, String(value))
          await assert.rejects(linalg.eigenvalues(a()), said)
          await assert.rejects(linalg.eigenSymmetric(a()), said)
          await assert.rejects(linalg.tridiagonalize(a()), said)
          await assert.rejects(linalg.choleskyInPlace(a()), said)
          await assert.rejects(linalg.solveTriangularInPlace(a(), matrix(n, 1)), said)
          await assert.rejects(linalg.solveTriangularInPlace(good, a()), said)
          await assert.rejects(linalg.solveCholeskyInPlace(a(), matrix(n, 1)), said)
          await assert.rejects(linalg.solveCholeskyInPlace(good, a()), said)
          await assert.rejects(linalg.qr(a()), said)
          await assert.rejects(linalg.lq(a()), said)
          await assert.rejects(linalg.leastSquares(a(), matrix(n, 1)), said)
          await assert.rejects(linalg.leastSquares(good, a()), said)
          await assert.rejects(linalg.pseudoinverse(a()), said)
          await assert.rejects(linalg.singularValues(a()), said)
        }
      // The backend still works afterwards.
      assert.deepEqual([...(await linalg.eigenvalues(build(2, 2, (i, j) => (i === j ? i + 1 : 0))))], [1, 2])
    }
  },
  {
    name: 'wrong shapes are refused',
    run: async (linalg) => {
      const said = fails('shape')
      await assert.rejects(linalg.gemm(matrix(2, 3), matrix(2, 3), matrix(2, 3)), said)
      await assert.rejects(linalg.gemm(matrix(2, 3), matrix(3, 2), matrix(3, 2)), said)
      await assert.rejects(linalg.syrk(matrix(2, 3), matrix(3, 3)), said)
      await assert.rejects(linalg.symv(matrix(2, 2), new Float64Array(3), new Float64Array(2)), said)
      await assert.rejects(linalg.choleskyInPlace(matrix(2, 3)), said)
      await assert.rejects(linalg.solveTriangularInPlace(matrix(2, 2), matrix(3, 1)), said)
      await assert.rejects(linalg.leastSquares(matrix(3, 2), matrix(2, 1)), said)
      const outside: Matrix = { data: new Float64Array(10), rows: 3, columns: 3, offset: 5, stride: 3 }
      await assert.rejects(linalg.eigenvalues(outside), said)
      await assert.rejects(linalg.gemm(outside, matrix(3, 3), matrix(3, 3)), said)
    }
  },
  {
    name: 'a result that overlaps an input is refused; views side by side in one array are not',
    run: async (linalg) => {
      const said = fails('aliasing')
      for (const data of [new Float64Array(64), linalg.allocate(64)]) {
        const a = matrix(8, 8, data)
        await assert.rejects(linalg.gemm(a, matrix(8, 8), a), said)
        await assert.rejects(linalg.gemm(matrix(8, 8), a, a), said)
        await assert.rejects(linalg.gemm(block(a, 0, 0, 3, 3), matrix(3, 3), block(a, 2, 2, 3, 3)), said)
        await assert.rejects(linalg.syrk(a, a), said)
        await assert.rejects(linalg.solveTriangularInPlace(a, a), said)
        await assert.rejects(linalg.symv(matrix(8, 8), data.subarray(0, 8), data.subarray(4, 12)), said)
        data.fill(1)
        await linalg.gemm(block(a, 0, 0, 4, 4), block(a, 4, 0, 4, 4), block(a, 0, 4, 4, 4))
        assert.deepEqual([a.data[4], a.data[39], a.data[36]], [4, 1, 1])
      }
    }
  },
  {
    name: 'every long routine rejects with the signal’s reason, before and during the call, and the backend goes on',
    run: async (linalg) => {
      const reason = new Error('enough')
      const aborted = AbortSignal.abort(reason)
      for (const [name, run] of Object.entries(routines(linalg, 40)))
        await assert.rejects(run({ signal: aborted }), (error: unknown) => error === reason, `${name} before`)
      for (const [name, run] of Object.entries(routines(linalg, 700))) {
        const controller = new AbortController()
        const call = run({ signal: controller.signal })
        // As soon as it is under way: the quickest of them take a few milliseconds, too short for a timer.
        setImmediate(() => controller.abort(reason))
        await assert.rejects(call, (error: unknown) => error === reason, `${name} during`)
      }
      const a = randomSymmetric(50, 103)
      assert.equal((await linalg.eigenvalues(a)).length, 50)
      const free = linalg.availableBytes
      const again = new AbortController()
      const call = linalg.eigenSymmetric(randomSymmetric(600, 104), { signal: again.signal })
      setTimeout(() => again.abort(reason), 5)
      await assert.rejects(call)
      await linalg.eigenvalues(a)
      assert.ok(linalg.availableBytes >= free, 'a cancelled call kept memory')
    }
  },
  {
    name: 'progress never decreases and ends at 1',
    run: async (linalg) => {
      for (const [name, run] of Object.entries(routines(linalg, 300))) {
        const seen: number[] = []
        await run({ onProgress: (fraction) => void seen.push(fraction) })
        assert.ok(seen.length > 0, `${name}: no progress`)
        assert.ok(
          seen.every((fraction, at) => fraction >= 0 && fraction <= 1 && (at === 0 || seen[at - 1] <= fraction)),
          `${name}: ${seen.join(' ')}`
        )
        assert.equal(seen[seen.length - 1], 1, name)
      }
    }
  },
  {
    name: 'the event loop turns while a long call runs',
    run: async (linalg) => {
      let turns = 0
      const timer = setInterval(() => turns++, 1)
      try {
        for (const [name, run] of Object.entries(routines(linalg, 600))) {
          if (name === 'gemm' || name === 'syrk' || name.startsWith('solve') || name === 'choleskyInPlace') continue
          turns = 0
          await run({})
          assert.ok(turns > 0, `${name} blocked the event loop from beginning to end`)
        }
      } finally {
        clearInterval(timer)
      }
    }
  },
  {
    name: 'the same input gives the same bits, wherever it lies',
    run: async (linalg) => {
      const n = 210
      const symmetric = randomSymmetric(n, 105)
      const full = random(n, 150, 106)
      const once = async (shift: number): Promise<string[]> => {
        const place = (m: Matrix): Matrix => {
          const data = shift === 0 ? new Float64Array(m.data.length) : linalg.allocate(m.data.length + shift).subarray(shift)
          data.set(m.data)
          return matrix(m.rows, m.columns, data)
        }
        const [a, b] = [place(symmetric), place(full)]
        const c = matrix(n, n)
        await linalg.gemm(b, b, c, { transposeB: 'transpose' })
        const eigen = await linalg.eigenSymmetric(a)
        const { solution } = await linalg.leastSquares(b, a)
        const values = await linalg.eigenvalues(a)
        const singular = await linalg.singularValues(b)
        const { diagonal, offDiagonal, apply } = await linalg.tridiagonalize(a)
        const image = b.data.slice(0, n)
        await apply(image)
        const reduced = [diagonal, offDiagonal, image]
        return [c.data, eigen.values, eigen.vectors.data, solution.data, values, singular, ...reduced].map(bits)
      }
      const first = await once(0)
      for (const shift of [0, 1, 3]) assert.deepEqual(await once(shift), first, `${shift} numbers into a block`)
    }
  },
  {
    name: 'memory of allocate is zero, works in place and comes back; what does not fit is refused with its size',
    run: async (linalg) => {
      const data = linalg.allocate(1000)
      assert.ok(data.every((value) => value === 0))
      data.fill(7)
      linalg.release(data)
      assert.ok(
        linalg.allocate(1000).every((value) => value === 0),
        'memory handed out again must be zero'
      )
      const [a, b] = [random(30, 40, 107), random(40, 20, 108)]
      const place = (m: Matrix): Matrix => {
        const own = matrix(m.rows, m.columns, linalg.allocate(m.data.length))
        own.data.set(m.data)
        return own
      }
      const c = matrix(30, 20, linalg.allocate(600))
      await linalg.gemm(place(a), place(b), c)
      const expected = product(a, b)
      assert.ok(c.data.every((value, at) => Math.abs(value - expected.data[at]) < 1e-13))
      linalg.release(new Float64Array(3))
      assert.throws(() => linalg.allocate(2 ** 32), fails('out-of-memory', String(2 ** 35)))
    }
  },
  {
    name: 'calls made at the same time all give their own results',
    run: async (linalg) => {
      const matrices = [51, 52, 53, 54].map((seed) => random(60, 60, seed))
      const results = matrices.map(() => matrix(60, 60))
      const eigen = linalg.eigenvalues(randomSymmetric(80, 55))
      await Promise.all(matrices.map((m, at) => linalg.gemm(m, m, results[at], { transposeB: 'transpose' })))
      matrices.forEach((m, at) => {
        const expected = product(m, transposed(m))
        assert.ok(results[at].data.every((value, index) => Math.abs(value - expected.data[index]) < 1e-12))
      })
      assert.equal((await eigen).length, 80)
    }
  }
]
