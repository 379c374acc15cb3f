// The tangent kernel against the Jacobian of differences, and its spectrum against the Gauss–Newton matrix's.
import { describe, expect, it } from 'vitest'
import { ntk } from '../../../../src/engine/analyses/ntk'
import { tangentKernel } from '../../../../src/engine/analyses/ntk/kernel'
import { openLinalg } from '../../../../src/engine/linalg'
import { batchRows, forward } from '../../../../src/engine/nn/forward'
import { openPlain } from '../../../reference/linalg/plain'
import { activations, centralDifference, losses, makeCase, relativeError, type CaseOptions } from '../nn/nets'
import { dataOf, faults, quadratic, quiet, runSource } from './source'

const linalg = openPlain()
const net = (changes: Partial<CaseOptions>) =>
  makeCase(linalg, { layers: [3, 4, 3], activation: { kind: 'tanh' }, loss: 'half-sse', bias: true, samples: 5, seed: 4, ...changes })
const analyse = (made: ReturnType<typeof makeCase>, options: { samples: number | null }) =>
  ntk.work(runSource(linalg, { ...made, weights: new Map([[7, made.parameters]]) }), { ...options, data: 'batch' }, quiet)

/** Columns of ∂h_L/∂w, all samples' outputs, one a parameter. */
async function jacobian({ network, batch, parameters }: ReturnType<typeof makeCase>): Promise<Float64Array[]> {
  const outputs = async (w: Float64Array) => (await forward(linalg, network, batch.inputs, w)).hidden[network.layers.length].data
  const columns: Float64Array[] = []
  for (let c = 0; c < parameters.length; c++) columns.push(await centralDifference(outputs, parameters, c, 1e-3))
  return columns
}

describe('the tangent kernel', () => {
  it.each([
    ['three layers with biases', { layers: [3, 4, 3, 2], bias: true }],
    ['two layers without', { layers: [3, 4, 2], bias: false }],
    ['a perceptron', { layers: [4, 3], bias: true }]
  ] as const)('is J Jᵀ with J by differences: %s', async (_, shape) => {
    const made = net({ layers: [...shape.layers], bias: shape.bias })
    const kernel = await tangentKernel(linalg, made.network, 'half-sse', made.batch, made.parameters)
    const columns = await jacobian(made)
    const rows = columns[0].length
    const expected = Float64Array.from({ length: rows * rows }, (_entry, k) =>
      columns.reduce((sum, column) => sum + column[Math.floor(k / rows)] * column[k % rows], 0)
    )
    expect(relativeError(kernel.data, expected)).toBeLessThan(1e-8)
    for (let i = 0; i < rows; i++) for (let j = 0; j < i; j++) expect(kernel.data[i * rows + j]).toBe(kernel.data[j * rows + i])
  })

  it('has the Gauss–Newton matrix’s eigenvalues for every activation and loss, where it has fewer rows than weights and where it has more', async () => {
    for (const activation of activations)
      for (const loss of losses)
        for (const samples of [4, 15]) {
          const made = net({ activation, loss, samples })
          const found = await analyse(made, { samples: null })
          expect([activation.kind, loss, samples, ...faults(found)]).toEqual([activation.kind, loss, samples])
          const [eigenvalues, ggn] = [dataOf(found, 'eigenvalues'), dataOf(found, 'ggn')]
          expect(eigenvalues).toHaveLength(3 * samples)
          expect(relativeError(eigenvalues, ggn)).toBeLessThan(1e-12)
          for (let k = 1; k < eigenvalues.length; k++) expect(eigenvalues[k]).toBeLessThanOrEqual(eigenvalues[k - 1])
          expect(found.figures.rank).toBeLessThanOrEqual(Math.min(3 * samples, made.parameters.length))
        }
  })

  it('of mse is that of half-sse times its weight, and cross-entropy leaves one direction of each sample out', async () => {
    const [half, mse] = [net({ loss: 'half-sse' }), net({ loss: 'mse' })]
    const [a, b] = [
      await tangentKernel(linalg, half.network, 'half-sse', half.batch, half.parameters),
      await tangentKernel(linalg, mse.network, 'mse', mse.batch, mse.parameters)
    ]
    expect(
      relativeError(
        b.data.map((x) => (x * 15) / 2),
        a.data
      )
    ).toBeLessThan(1e-14)
    // Softmax does not see a constant added to the outputs.
    expect((await analyse(net({ loss: 'softmax-cross-entropy', samples: 4 }), { samples: null })).figures.rank).toBe(4 * 2)
  })

  it('of the first samples is that of those samples alone', async () => {
    const made = net({ samples: 9 })
    const few = await analyse(made, { samples: 4 })
    const alone = net({ samples: 9 })
    const kernel = await tangentKernel(linalg, alone.network, 'half-sse', batchRows(alone.batch, 0, 4), alone.parameters)
    expect(few.figures.rows).toBe(12)
    let trace = 0
    for (let i = 0; i < 12; i++) trace += kernel.data[i * 13]
    expect(few.figures.trace).toBe(trace)
    expect(few.figures.conditionNumber).toBeCloseTo(
      dataOf(few, 'eigenvalues')[0] / dataOf(few, 'eigenvalues')[(few.figures.rank ?? 0) - 1],
      8
    )
  })

  it('is the same on the backend in use, in several strips, and gives its memory back', async () => {
    const real = await openLinalg({ backend: 'wasm', threads: 2 })
    try {
      const made = net({ layers: [6, 9, 10], samples: 40, loss: 'softmax-cross-entropy' })
      const before = real.memory.heldBytes
      const kernel = await tangentKernel(real, made.network, made.loss, made.batch, made.parameters)
      const expected = await tangentKernel(linalg, made.network, made.loss, made.batch, made.parameters)
      expect(relativeError(kernel.data, expected.data)).toBeLessThan(1e-13)
      real.release(kernel.data)
      expect(real.memory.heldBytes).toBe(before)
      const stopped = AbortSignal.abort(new Error('stopped'))
      await expect(tangentKernel(real, made.network, made.loss, made.batch, made.parameters, { signal: stopped })).rejects.toThrow(
        'stopped'
      )
      expect(real.memory.heldBytes).toBe(before)
    } finally {
      await real.dispose()
    }
  })

  it('of a function is refused', async () => {
    const source = runSource(linalg, { objective: quadratic(linalg, [1, 2]), weights: new Map([[0, Float64Array.of(1, 1)]]) })
    expect(ntk.refusal?.(source.spec, { parameterCount: 2, samples: 1, outputs: 1, steps: 1 }, { samples: null, data: 'batch' })).toMatch(
      /a function has no outputs/
    )
    await expect(ntk.work(source, { samples: null, data: 'batch' }, quiet)).rejects.toThrow('a function has no outputs')
  })
})
