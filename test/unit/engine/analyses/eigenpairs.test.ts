// Eigenpairs of an analysis: only as many vectors as are asked for are computed, at the ends as well as by number, and they are the same ones.
import { expect, it } from 'vitest'
import { eigenpairsAt } from '../../../../src/engine/analyses/eigenpairs'
import { chosenVectors } from '../../../../src/engine/curvature/snapshot'
import type { EigenOptions } from '../../../../src/engine/linalg/interface'
import { openPlain } from '../../../reference/linalg/plain'
import { makeCase } from '../nn/nets'
import { networkSource, quiet } from './source'

const linalg = openPlain()
const one = makeCase(linalg, { layers: [3, 4, 2], activation: { kind: 'tanh' }, loss: 'half-sse', bias: true, samples: 7 })

async function found(wanted: Parameters<typeof eigenpairsAt>[1]) {
  const asked: EigenOptions[] = []
  const watched: typeof linalg = {
    ...linalg,
    eigenSymmetric: (a, options = {}) => (asked.push(options), linalg.eigenSymmetric(a, options))
  }
  const pairs = await eigenpairsAt(await networkSource(watched, one).point(), wanted, quiet)
  return { pairs, select: asked.map(({ select }) => select && { smallest: select.smallest, largest: select.largest }) }
}

it('at the ends are selected, also as a snapshot chooses them, and are those of their numbers', async () => {
  const size = one.parameters.length
  const ends = await found(chosenVectors(size, 5))
  expect(ends.select).toEqual([{ smallest: 3, largest: 2 }])
  expect(ends.pairs.indices).toEqual([0, 1, 2, size - 2, size - 1])
  const numbered = await found({ indices: [size - 1, 0, 2, 1, size - 2] })
  expect(numbered.select).toEqual([undefined])
  expect(numbered.pairs.indices).toEqual(ends.pairs.indices)
  ends.pairs.values.forEach((value, k) => expect(value).toBeCloseTo(numbered.pairs.values[k], 12))
  expect(ends.pairs.largest).toBe(Math.max(...ends.pairs.values.map(Math.abs)))
  expect(ends.pairs.residual).toBeLessThan(1e-13)
  const all = await found({ smallest: size, largest: size })
  expect(all.select).toEqual([undefined])
  expect(all.pairs.indices).toEqual(Array.from({ length: size }, (_, i) => i))
})
