// The chase of a symmetric band to tridiagonal form: Q and T beside the band itself, values beside Jacobi, the same bits however sweeps and threads share the work.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BandKernels, LinalgCore } from '../../../../src/engine/linalg/core'
import { openWasm } from '../../../../src/engine/linalg/backends/wasm'
import { matrix, type Matrix } from '../../../../src/engine/linalg/matrix'
import { uniform } from '../../../reference/linalg/gallery'
import { jacobi, product, transposed } from '../../../reference/linalg/plain'
import { distance } from '../../../reference/linalg/suite/case'

type Embedded = LinalgCore & BandKernels

const open: Embedded[] = []
beforeAll(async () => void open.push(await openWasm({ threads: 1 }), await openWasm({ threads: 2 })))
afterAll(() => Promise.all(open.map((one) => one.dispose())))

/** A full symmetric matrix of that bandwidth, entries times `size`. */
function bandMatrix(order: number, width: number, size = 1, kept = 1): Matrix {
  const next = uniform(order + width)
  const a = matrix(order, order)
  for (let j = 0; j < order; j++)
    for (let i = j; i < Math.min(order, j + width + 1); i++) {
      const value = next() * size
      a.data[i * order + j] = a.data[j * order + i] = Math.abs(value) > (1 - kept) * size ? value : 0
    }
  return a
}

function packed(linalg: Embedded, a: Matrix, width: number): Float64Array {
  const band = linalg.allocate(2 * width * a.rows)
  for (let j = 0; j < a.rows; j++)
    for (let i = j; i < Math.min(a.rows, j + width + 1); i++) band[2 * width * j + i - j] = a.data[i * a.rows + j]
  return band
}

interface Chased {
  readonly t: Matrix
  /** Rows are the images Q e_j. */
  readonly images: Float64Array
  readonly back: Float64Array
}

/** Spans of `span` sweeps; the reflectors are applied to all unit vectors, and back. */
async function chase(linalg: Embedded, a: Matrix, width: number, span: number): Promise<Chased> {
  const n = a.rows
  const band = packed(linalg, a, width)
  const spans: { from: number; to: number; reflectors: Float64Array }[] = []
  for (let from = 0; from < n - 2; from += span) {
    const to = Math.min(n - 2, from + span)
    const reflectors = linalg.allocate((to - from) * n)
    await linalg.chaseSweeps({ band, order: n, width, from, to, reflectors })
    spans.push({ from, to, reflectors })
  }
  const t = matrix(n, n)
  for (let j = 0; j < n; j++) {
    t.data[j * n + j] = band[2 * width * j]
    for (let i = j + 1; i < Math.min(n, j + 2 * width); i++) t.data[i * n + j] = t.data[j * n + i] = band[2 * width * j + i - j]
  }
  const vectors = linalg.allocate(n * n)
  for (let j = 0; j < n; j++) vectors[j * n + j] = 1
  const common = { order: n, width, vectors, count: n }
  for (const one of [...spans].reverse()) await linalg.applySweeps({ ...common, ...one, transposed: false })
  const images = vectors.slice()
  for (const one of spans) await linalg.applySweeps({ ...common, ...one, transposed: true })
  const back = vectors.slice()
  for (const array of [band, vectors, ...spans.map(({ reflectors }) => reflectors)]) linalg.release(array)
  return { t, images, back }
}

const cases = [
  [1, 3],
  [2, 3],
  [3, 1],
  [3, 2],
  [7, 2],
  [40, 1],
  [41, 5],
  [64, 8],
  [97, 13],
  [120, 32],
  [33, 40]
] as const

describe('chaseSweeps', () => {
  it.each(cases)('order %i, width %i: T is tridiagonal, Q is orthogonal, QTQᵀ is the band', async (n, width) => {
    for (const linalg of open) {
      const a = bandMatrix(n, width)
      const { t, images, back } = await chase(linalg, a, width, 17)
      for (let i = 0; i < n; i++) for (let j = 0; j + 1 < i; j++) expect(t.data[i * n + j]).toBe(0)
      const q = transposed(matrix(n, n, images))
      const again = product(product(q, t), transposed(q))
      expect(distance(again.data, a.data)).toBeLessThan(20 * Math.sqrt(n) * width * Number.EPSILON)
      const gram = product(transposed(q), q)
      for (let j = 0; j < n; j++) gram.data[j * n + j] -= 1
      expect(distance(gram.data, new Float64Array(n * n))).toBeLessThan(20 * Math.sqrt(n) * Number.EPSILON)
      for (let j = 0; j < n; j++) back[j * n + j] -= 1
      expect(distance(back, new Float64Array(n * n))).toBeLessThan(20 * Math.sqrt(n) * Number.EPSILON)
      expect(distance(jacobi(t).values, jacobi(a).values)).toBeLessThan(20 * Math.sqrt(n) * width * Number.EPSILON)
    }
  })

  it('gives the same bits for any threads and spans, with reflectors and without', async () => {
    const [n, width] = [260, 12]
    const a = bandMatrix(n, width)
    const reference = await chase(open[0], a, width, 400)
    for (const span of [400, 5]) {
      const { t, images } = await chase(open[1], a, width, span)
      expect(distance(t.data, reference.t.data)).toBe(0)
      expect(distance(images, reference.images)).toBe(0)
    }
    const band = packed(open[1], a, width)
    await open[1].chaseSweeps({ band, order: n, width, from: 0, to: n - 2, reflectors: null })
    for (let j = 0; j < n; j++) expect(band[2 * width * j]).toBe(reference.t.data[j * n + j])
    open[1].release(band)
  })

  it.each([1e-120, 1e120])('keeps its accuracy at entries of size %d', async (size) => {
    const [n, width] = [50, 6]
    const [small, plain] = [bandMatrix(n, width, size), bandMatrix(n, width)]
    const [one, two] = [await chase(open[1], small, width, 60), await chase(open[1], plain, width, 60)]
    const values = jacobi(
      matrix(
        n,
        n,
        one.t.data.map((value) => value / size)
      )
    ).values
    expect(distance(values, jacobi(two.t).values)).toBeLessThan(1e-13)
  })

  it('leaves zeros, diagonal matrices and holes in the band as they are', async () => {
    const [n, width] = [45, 7]
    const diagonal = matrix(n, n)
    for (let j = 0; j < n; j++) diagonal.data[j * n + j] = j - 20
    for (const a of [matrix(n, n), diagonal]) expect(distance((await chase(open[1], a, width, 9)).t.data, a.data)).toBe(0)
    const holes = bandMatrix(n, width, 1, 0.2)
    const { t } = await chase(open[1], holes, width, 9)
    expect(distance(jacobi(t).values, jacobi(holes).values)).toBeLessThan(1e-13)
  })

  it('ends with the signal’s reason when it is cancelled', async () => {
    const [n, width] = [3000, 48]
    const band = open[1].allocate(2 * width * n)
    const next = uniform(3)
    for (let j = 0; j < n; j++) for (let d = 0; d <= width && j + d < n; d++) band[2 * width * j + d] = next()
    const controller = new AbortController()
    const reason = new Error('enough')
    setTimeout(() => controller.abort(reason), 10)
    await expect(
      open[1].chaseSweeps({ band, order: n, width, from: 0, to: n - 2, reflectors: null }, { signal: controller.signal })
    ).rejects.toBe(reason)
    open[1].release(band)
  })
})
