// What K-FAC and Shampoo report of themselves: their step beside the exact Gauss–Newton blocks', and where the two are one.
import { expect, test } from 'vitest'
import { createOptimizer } from '../../../../src/engine/optimizers'
import { optimizerSchema } from '../../../../src/shared/spec/schema'
import { openPlain } from '../../../reference/linalg/plain'
import { makeCase, type CaseOptions } from '../nn/nets'

const linalg = openPlain()
const deep: CaseOptions = { layers: [3, 4, 2], activation: { kind: 'tanh' }, loss: 'mse', bias: true, samples: 7 }

/** A⁻¹ b for positive definite A by Gauss–Jordan elimination. */
function solved(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length
  for (let k = 0; k < n; k++)
    for (let i = 0; i < n; i++) {
      if (i === k) continue
      const factor = a[i * n + k] / a[k * n + k]
      for (let j = k; j < n; j++) a[i * n + j] -= factor * a[k * n + j]
      b[i] -= factor * b[k]
    }
  return b.map((value, i) => value / a[i * (n + 1)])
}

async function step(options: CaseOptions, optimizer: Record<string, unknown>, wantSpectrum = true) {
  const { objective, parameters } = makeCase(linalg, options)
  const gradient = new Float64Array(parameters.length)
  const loss = await objective.gradient(parameters, gradient)
  const spec = optimizerSchema.parse(optimizer)
  const one = createOptimizer(spec)
  const damping = 'damping' in spec ? Number(spec.damping.value) : 0
  const common = {
    linalg,
    parameters,
    objective,
    curvatureObjective: objective,
    gradient,
    loss,
    step: 1,
    epoch: 0,
    learningRate: 1,
    damping
  }
  const { update, diagnostics } = await one.step(one.init(parameters.length), { ...common, wantSpectrum })
  return { objective, parameters, gradient, update, diagnostics }
}

test.each([
  ['a deep linear net with squared error', { ...deep, activation: { kind: 'identity' as const } }],
  ['one sample', { ...deep, loss: 'softmax-cross-entropy' as const, samples: 1 }]
])('K-FAC, damped exactly, is the damped Gauss–Newton step of each layer for %s', async (_, options) => {
  const { diagnostics } = await step(options, { kind: 'k-fac', damping: { kind: 'exact', value: 0.1 } })
  for (const layer of ['W1', 'W2']) {
    expect(diagnostics.figures?.[`distance ${layer}`]).toBeLessThan(1e-11)
    expect(diagnostics.figures?.[`cosine ${layer}`]).toBeCloseTo(1, 13)
    expect(diagnostics.figures?.[`length ${layer}`]).toBeCloseTo(1, 11)
  }
})

test.each([
  { kind: 'k-fac', damping: { kind: 'factored', value: 0.1 } },
  { kind: 'shampoo', exactDamping: 0.1 }
])('$kind: the figures are those of the blocks solved by elimination', async (optimizer) => {
  const { objective, parameters, gradient, update, diagnostics } = await step(deep, optimizer)
  for (const { name, offset, size, data } of await objective.curvature(parameters, { scope: 'layer-blocks', kind: 'ggn' })) {
    const damped = data.slice(0, size * size)
    for (let i = 0; i < size; i++) damped[i * (size + 1)] += 0.1
    const exact = solved(damped, gradient.slice(offset, offset + size))
    const theirs = update.slice(offset, offset + size).map((value) => -value)
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i], 0)
    const [ee, tt, et] = [dot(exact, exact), dot(theirs, theirs), dot(exact, theirs)]
    expect(diagnostics.figures?.[`cosine ${name}`]).toBeCloseTo(et / Math.sqrt(ee * tt), 10)
    expect(diagnostics.figures?.[`length ${name}`]).toBeCloseTo(Math.sqrt(tt / ee), 9)
    expect(diagnostics.figures?.[`distance ${name}`]).toBeCloseTo(Math.sqrt((tt - 2 * et + ee) / ee), 9)
    expect(diagnostics.spectrum?.[name].lambdaMin).toBeGreaterThan(-1e-12)
  }
})

test('nothing is assembled at steps that do not ask for it', async () => {
  const { diagnostics } = await step(deep, { kind: 'k-fac' }, false)
  expect(diagnostics.figures).toBeUndefined()
  expect(diagnostics.spectrum).toBeUndefined()
})
