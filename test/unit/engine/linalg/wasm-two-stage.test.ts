// Eigenproblems by two stages on the embedded kernels: cases of the suite at orders below the real crossover (all of them in the long tests), and what only two stages can get wrong.
import { afterAll, describe, expect, it } from 'vitest'
import { openWasm } from '../../../../src/engine/linalg/backends/wasm'
import { reductionCases } from '../../../reference/linalg/two-stage-here'
import { openFront } from '../../../../src/engine/linalg/front'
import type { Linalg } from '../../../../src/engine/linalg'
import { tridiagonalVectors } from '../../../../src/engine/linalg/routines/tridiagonal-vectors'
import { norm } from '../../../../src/engine/linalg/vectors'
import { gallery, randomSymmetric } from '../../../reference/linalg/gallery'
import { jacobi } from '../../../reference/linalg/plain'
import { distance } from '../../../reference/linalg/suite/case'

const opened: Linalg[] = []
afterAll(() => Promise.all(opened.map((one) => one.dispose())))

async function open(width: number, threads = 2): Promise<Linalg> {
  const linalg = openFront(await openWasm({ threads, twoStage: { from: 1, width, share: 1 / 4 } }))
  opened.push(linalg)
  return linalg
}

const few = { select: { smallest: 8, largest: 8 } }

describe('two stages on the embedded kernels', () => {
  const backend = open(8)

  it.each(reductionCases)('$name', async ({ run }) => run(await backend))

  it('is left when it is cancelled, reports progress, and gives the same values afterwards', async () => {
    const linalg = await backend
    const a = randomSymmetric(900, 6)
    const fractions: number[] = []
    const expected = await linalg.eigenvalues(a, { onProgress: (fraction) => fractions.push(fraction) })
    expect(fractions.at(-1)).toBe(1)
    expect(fractions.every((fraction, at) => at === 0 || fractions[at - 1] <= fraction)).toBe(true)
    const controller = new AbortController()
    const left = linalg.eigenvalues(a, { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('left')), 5)
    await expect(left).rejects.toThrow('left')
    expect(distance(await linalg.eigenvalues(a), expected)).toBe(0)
  })

  it.each([1, 2, 3, 16, 40, 64])('values do not depend on the width of the band: %i', async (width) => {
    const linalg = await open(width)
    for (const name of ['random', 'glued Wilkinson', 'layer Hessian'])
      for (const n of [41, 150]) {
        const a = gallery[name](n)
        const { values } = jacobi(a)
        expect(distance(await linalg.eigenvalues(a), values)).toBeLessThan(3e-13 * Math.max(...values.map(Math.abs)))
      }
  })

  it('gives the same bits again and for any number of threads, and hands all memory back', async () => {
    const linalg = await backend
    const a = randomSymmetric(300, 8)
    const before = linalg.memory.heldBytes
    const first = await linalg.eigenSymmetric(a, few)
    const second = await linalg.eigenSymmetric(a, few)
    const alone = await (await open(8, 1)).eigenSymmetric(a, few)
    for (const other of [second, alone]) {
      expect(distance(first.values, other.values)).toBe(0)
      expect(distance(first.vectors.data, other.vectors.data)).toBe(0)
    }
    for (const { release } of [first, second]) release()
    expect(linalg.memory.heldBytes).toBe(before)
  })

  it('takes A’s own memory, and a band of numbers beside it, for a few vectors', async () => {
    const linalg = await backend
    const n = 400
    const data = linalg.allocate(n * n)
    data.set(randomSymmetric(n, 4).data)
    const before = linalg.memory.heldBytes
    let most = 0
    const onProgress = () => (most = Math.max(most, linalg.memory.heldBytes - before))
    const found = await linalg.eigenSymmetric({ data, rows: n, columns: n, offset: 0, stride: n }, { ...few, overwrite: true, onProgress })
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThan(8 * n * n * 0.5)
    found.release()
    linalg.release(data)
  })
})

describe('tridiagonalVectors', () => {
  it('refuses numbers that are no eigenvalues', async () => {
    const t = { diagonal: Float64Array.of(1, 2, 3), offDiagonal: Float64Array.of(0.5, 0.25) }
    await expect(tridiagonalVectors(t, Float64Array.of(1.7))).rejects.toThrow(/inverse iteration for λ = .* left a residual of/)
  })

  it('gives orthonormal vectors where eigenvalues coincide and T falls apart', async () => {
    const t = { diagonal: new Float64Array(20).fill(2), offDiagonal: new Float64Array(19) }
    const z = await tridiagonalVectors(t, new Float64Array(6).fill(2))
    for (let j = 0; j < 6; j++)
      for (let k = 0; k <= j; k++) {
        let dot = 0
        for (let i = 0; i < 20; i++) dot += z[j * 20 + i] * z[k * 20 + i]
        expect(Math.abs(dot - (j === k ? 1 : 0))).toBeLessThan(1e-14)
      }
    expect(norm(z.subarray(0, 20))).toBeCloseTo(1, 14)
  })
})
