// A symmetric matrix in native memory: its band, values and vectors against the same matrix in the embedded memory.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { matrix, openLinalg, type Linalg } from '../../../../src/engine/linalg'
import { dot, norm } from '../../../../src/engine/linalg/vectors'
import { gallery } from '../../../reference/linalg/gallery'
import { lapackFault } from '../../../reference/linalg/lapack-here'

const absent = (await lapackFault()) !== null || process.platform !== 'linux'
let linalg: Linalg
beforeAll(async () => {
  linalg = await openLinalg(absent ? { backend: 'wasm', threads: 1 } : { backend: 'lapack', threads: 2 })
})
afterAll(() => linalg.dispose())

/** Both ends of the spectrum of the upper triangle alone. */
async function solve(n: number, a: Float64Array, count: number) {
  const large = linalg.openLarge(n, count)
  try {
    for (let r = 0; r < n; r++) large.write(r, r, a.subarray(r * n + r, (r + 1) * n))
    const form = await large.reduceToBand()
    const values = await large.eigenvalues(form)
    const half = Math.ceil(count / 2)
    const wanted = Float64Array.from([...values.slice(0, half), ...values.slice(n - (count - half))])
    return { values, wanted, vectors: await large.eigenvectors(form, wanted), form }
  } finally {
    large.release()
  }
}

describe.skipIf(absent)('a matrix in native memory', () => {
  it.each([1, 2, 3, 40, 66, 130])('has the values and vectors of the gallery at n = %i', async (n) => {
    for (const [name, make] of Object.entries(gallery)) {
      const a = make(n).data
      const count = Math.min(n, 6)
      const scale = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      // Extreme entries are for the embedded path, which scales them.
      if (scale < 1e-100 || scale > 1e100) continue
      const expected = await linalg.eigenvalues(matrix(n, n, a.slice()))
      const { values, wanted, vectors } = await solve(n, a, count)
      const most = Math.max(Math.abs(expected[0]), Math.abs(expected[n - 1]))
      const limit = 30 * Math.sqrt(n) * Number.EPSILON
      let worst = 0
      for (let i = 0; i < n; i++) worst = Math.max(worst, Math.abs(values[i] - expected[i]))
      expect(worst, `${name}, values`).toBeLessThanOrEqual(limit * most)
      const columns = Array.from({ length: count }, (_, k) => Float64Array.from({ length: n }, (__, i) => vectors.data[i * count + k]))
      let [residual, angle] = [0, 0]
      columns.forEach((v, k) => {
        const r = Float64Array.from({ length: n }, (_, i) => dot(a.subarray(i * n, (i + 1) * n), v) - wanted[k] * v[i])
        residual = Math.max(residual, norm(r))
        columns.slice(0, k + 1).forEach((u, j) => (angle = Math.max(angle, Math.abs(dot(u, v) - (j === k ? 1 : 0)))))
      })
      expect(residual, `${name}, residuals`).toBeLessThanOrEqual(2 * limit * most)
      expect(angle, `${name}, orthogonality`).toBeLessThanOrEqual(limit)
    }
  })

  it('keeps what was written, over ends of rows too, and refuses places outside', () => {
    const large = linalg.openLarge(5, 1)
    large.write(1, 3, Float64Array.of(1, 2, 3))
    const row = new Float64Array(4)
    large.read(1, 2, row)
    expect([...row]).toEqual([0, 1, 2, 3])
    expect(() => large.write(4, 4, new Float64Array(2))).toThrow(RangeError)
    large.release()
    expect(() => large.read(0, 0, row)).toThrow(RangeError)
  })

  it('is left between calls when it is cancelled', async () => {
    const n = 700
    const large = linalg.openLarge(n, 2)
    for (let r = 0; r < n; r++)
      large.write(
        r,
        0,
        Float64Array.from({ length: n }, (_, c) => Math.sin(r * c + r + c))
      )
    const stop = new AbortController()
    const onProgress = (fraction: number) => fraction > 0.2 && stop.abort(new Error('stopped'))
    await expect(large.reduceToBand({ signal: stop.signal, onProgress })).rejects.toThrow('stopped')
    large.release()
  })

  it('that does not fit is refused with needed and available bytes', () => {
    expect(() => linalg.openLarge(1e6, 16)).toThrow(
      /the matrix of 1000000 rows in native memory needs 8\.\d+ TB \(\d+ bytes\), .* \(\d+ bytes\) are available/
    )
  })
})

it('is refused in one sentence where the embedded kernels are in use', async () => {
  const embedded = await openLinalg({ backend: 'wasm', threads: 1 })
  expect(() => embedded.openLarge(10, 1)).toThrow(
    'matrices beyond the embedded memory need a native LAPACK, and the embedded kernels are in use'
  )
  await embedded.dispose()
})
