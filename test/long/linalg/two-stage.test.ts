// Every eigenproblem and reduction of the suite by two stages over every native library here, and one at the measured crossover beside one stage.
import assert from 'node:assert/strict'
import { afterAll, describe, it } from 'vitest'
import type { Linalg } from '../../../src/engine/linalg'
import { openWasm } from '../../../src/engine/linalg/backends/wasm'
import { openFront } from '../../../src/engine/linalg/front'
import { randomSymmetric } from '../../reference/linalg/gallery'
import { librariesHere } from '../../reference/linalg/lapack-here'
import { distance, epsilon, largest } from '../../reference/linalg/suite/case'
import { eigenCases } from '../../reference/linalg/suite/eigen'
import { quality } from '../../reference/linalg/suite/quality'
import { tridiagonalCases } from '../../reference/linalg/suite/tridiagonal'
import { openTwoStage } from '../../reference/linalg/two-stage-here'

const here = await librariesHere()
const opened: Linalg[] = []
afterAll(() => Promise.all(opened.map((one) => one.dispose())))

async function matchesOneStage(n: number, two: Linalg, one: Linalg): Promise<void> {
  const a = randomSymmetric(n, 11)
  const expected = await one.eigenvalues(a)
  const allowed = 30 * Math.sqrt(n) * epsilon * largest(expected)
  assert.ok(distance(await two.eigenvalues(a), expected) <= allowed)
  const found = await two.eigenSymmetric(a, { select: { smallest: 8, largest: 8 } })
  assert.ok(distance(found.values, expected) <= allowed)
  const of = Float64Array.from([...found.values.slice(0, 8), ...found.values.slice(-8)])
  const { residual, orthogonality } = await quality(two, a, of, found.vectors, largest(expected))
  assert.ok(residual <= 30 && orthogonality <= 30, `residual ${residual}, orthogonality ${orthogonality}`)
  found.release()
}

describe.each(here)('two stages over the $source library', ({ file }) => {
  const backend = openTwoStage(file, { from: 1, width: 8, share: 1 / 4 }).then((linalg) => (opened.push(linalg), linalg))

  it.each([...eigenCases, ...tridiagonalCases])('$name', async ({ run }) => run(await backend))

  it('n = 3000 at the width in use: values of one stage, 16 vectors within the gallery’s bounds', async () => {
    const two = await openTwoStage(file, { from: 1, width: 64, share: 1 / 32 })
    const one = await openTwoStage(file, { from: Infinity, width: 64, share: 1 / 32 })
    opened.push(two, one)
    await matchesOneStage(3000, two, one)
  })
})

describe('two stages on the embedded kernels', () => {
  const open = async (from: number, width: number, share: number) => {
    const linalg = openFront(await openWasm({ threads: 2, twoStage: { from, width, share } }))
    opened.push(linalg)
    return linalg
  }
  const backend = open(1, 8, 1 / 4)

  it.each([...eigenCases, ...tridiagonalCases])('$name', async ({ run }) => run(await backend))

  it('n = 2000 at the width in use: values of one stage, 16 vectors within the gallery’s bounds', async () =>
    matchesOneStage(2000, await open(1, 64, 1 / 32), await open(Infinity, 64, 1 / 32)))
})
