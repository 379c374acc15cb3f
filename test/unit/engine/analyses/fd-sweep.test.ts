// The kind `fd-sweep` gives the rows of the sweep, and what is best among them.
import { describe, expect, it } from 'vitest'
import { fdSweep } from '../../../../src/engine/analyses/fd-sweep'
import { fdSweep as sweep } from '../../../../src/engine/curvature/inverse-gradient'
import { functionDefinition } from '../../../../src/engine/functions/list'
import { functionObjective } from '../../../../src/engine/objectives/function'
import { openPlain } from '../../../reference/linalg/plain'
import { makeCase } from '../nn/nets'
import { dataOf, faults, quadratic, quiet, runSource } from './source'

const linalg = openPlain()
const perceptron = makeCase(linalg, { layers: [14, 2], activation: { kind: 'tanh' }, loss: 'half-sse', bias: false, samples: 12, seed: 8 })
const source = runSource(linalg, { ...perceptron, weights: new Map([[0, perceptron.parameters]]) })

describe('the sweep', () => {
  it('has the rows that the command prints, and the best of them', async () => {
    const found = await fdSweep.work(source, { r: null, data: 'batch' }, quiet)
    expect(faults(found)).toEqual([])
    const rows = await sweep(perceptron.objective, perceptron.parameters)
    expect(rows).toHaveLength(27)
    expect([...dataOf(found, 'r')]).toEqual(rows.map(({ r }) => r))
    expect(found.arrays.error.shape).toEqual([2, 27])
    expect([...dataOf(found, 'error')]).toEqual([
      ...rows.map(({ twoSided }) => twoSided ?? Number.NaN),
      ...rows.map(({ oneSided }) => oneSided ?? Number.NaN)
    ])
    const least = Math.min(...rows.flatMap(({ twoSided }) => twoSided ?? []))
    expect(found.figures.bestTwoSided).toBe(least)
    expect(rows.find(({ twoSided }) => twoSided === least)?.r).toBe(found.figures.bestTwoSidedR)
    // Two-sided truncation is of one order higher.
    expect(found.figures.bestTwoSided).toBeLessThan(found.figures.bestOneSided ?? 0)
  })

  it('takes the differences that are asked for', async () => {
    const { objective } = {
      objective: functionObjective({ linalg }, functionDefinition({ function: 'rosenbrock', variables: null, start: null }))
    }
    const there = runSource(linalg, { objective, weights: new Map([[0, Float64Array.of(1.2, 1.3)]]) })
    const found = await fdSweep.work(there, { r: [1e-2, 1e-4], data: 'batch' }, quiet)
    const error = dataOf(found, 'error')
    // Second order two-sided, first order one-sided.
    expect(Math.log10(error[0] / error[1]) / 2).toBeCloseTo(2, 1)
    expect(Math.log10(error[2] / error[3]) / 2).toBeCloseTo(1, 1)
    expect(found.checks).toEqual({})
  })

  it('says why there is none', async () => {
    const shape = { parameterCount: 2, samples: 1, outputs: 1, steps: 1 }
    const decayed = { ...source.spec, regularization: { l2: 0.1 } }
    expect(fdSweep.refusal?.(decayed, shape, { r: null, data: 'batch' })).toMatch(/^regularization\.l2 must be 0/)
    const none = runSource(linalg, { objective: quadratic(linalg, [1, 2]), weights: new Map([[0, Float64Array.of(1, 1)]]) })
    await expect(fdSweep.work(none, { r: null, data: 'batch' }, quiet)).rejects.toThrow('the gradient map of this problem has no inverse')
  })
})
