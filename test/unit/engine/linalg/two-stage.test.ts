// Eigenproblems by two stages over every native library here: cases of the suite at orders below the real crossover (all of them in the long tests), and what only two stages can get wrong.
import { afterAll, describe, expect, it } from 'vitest'
import { twoStageOf } from '../../../../src/engine/linalg/backends/lapack/threads'
import type { TwoStageChoice } from '../../../../src/engine/linalg/stages'
import type { Linalg } from '../../../../src/engine/linalg'
import { gallery, randomSymmetric } from '../../../reference/linalg/gallery'
import { librariesHere } from '../../../reference/linalg/lapack-here'
import { jacobi } from '../../../reference/linalg/plain'
import { distance } from '../../../reference/linalg/suite/case'
import { openTwoStage, reductionCases } from '../../../reference/linalg/two-stage-here'

const here = await librariesHere()
const opened: Linalg[] = []
afterAll(() => Promise.all(opened.map((one) => one.dispose())))

async function open(file: string, choice: TwoStageChoice): Promise<Linalg> {
  const linalg = await openTwoStage(file, choice)
  opened.push(linalg)
  return linalg
}

describe.each(here)('two stages over the $source library', ({ file }) => {
  const backend = open(file, { from: 1, width: 8, share: 1 / 4 })

  it.each(reductionCases)('$name', async ({ run }) => run(await backend))

  it('is left at once when it is cancelled, reports progress, and gives the same values afterwards', async () => {
    const linalg = await backend
    const a = randomSymmetric(500, 6)
    const fractions: number[] = []
    const expected = await linalg.eigenvalues(a, { onProgress: (fraction) => fractions.push(fraction) })
    expect(fractions.at(-1)).toBe(1)
    expect(fractions.every((fraction, at) => at === 0 || fractions[at - 1] <= fraction)).toBe(true)
    for (const after of [0.1, 0.9]) {
      const controller = new AbortController()
      const onProgress = (fraction: number) => fraction > after && controller.abort(new Error('left'))
      await expect(linalg.eigenvalues(a, { signal: controller.signal, onProgress })).rejects.toThrow('left')
    }
    expect(distance(await linalg.eigenvalues(a), expected)).toBe(0)
  })

  it.each([1, 2, 3, 16, 40])('values do not depend on the width of the band: %i', async (width) => {
    const linalg = await open(file, { from: 1, width, share: 1 / 4 })
    for (const name of ['random', 'glued Wilkinson', 'layer Hessian']) {
      const a = gallery[name](41)
      const { values } = jacobi(a)
      expect(distance(await linalg.eigenvalues(a), values)).toBeLessThan(1e-13 * Math.max(...values.map(Math.abs)))
    }
  })

  it('gives the same bits again, and hands all memory back', async () => {
    const linalg = await backend
    const a = randomSymmetric(300, 8)
    const before = linalg.memory.heldBytes
    const first = await linalg.eigenSymmetric(a, { select: { smallest: 8, largest: 8 } })
    const second = await linalg.eigenSymmetric(a, { select: { smallest: 8, largest: 8 } })
    expect(distance(first.values, second.values)).toBe(0)
    expect(distance(first.vectors.data, second.vectors.data)).toBe(0)
    for (const { release } of [first, second]) release()
    expect(linalg.memory.heldBytes).toBe(before)
  })
})

describe('the crossover', () => {
  it('is measured for releases of OpenBLAS; others take one stage', () => {
    expect(twoStageOf({ kind: 'OpenBLAS', version: '0.3.34.481.3' }).from).toBeLessThan(Infinity)
    for (const version of ['0.3.21', '0.3.33', null]) expect(twoStageOf({ kind: 'OpenBLAS', version }).from).toBe(Infinity)
    for (const kind of ['MKL', 'Accelerate', 'reference'] as const) expect(twoStageOf({ kind, version: '1.0' }).from).toBe(Infinity)
  })
})
