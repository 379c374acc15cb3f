// Lyapunov exponents of training: against 60 digits, against maps and quadratics whose exponents are known, and by the identities that must hold.
import { describe, expect, it } from 'vitest'
import { lyapunov } from '../../../../src/engine/analyses/lyapunov'
import { dividedDifference } from '../../../../src/engine/analyses/lyapunov/saddle-free'
import { kaplanYorke } from '../../../../src/engine/analyses/lyapunov/tally'
import { matrix, openLinalg } from '../../../../src/engine/linalg'
import { dampedInverse } from '../../../../src/engine/optimizers/damped-inverse'
import { initialState, networkOfWidth, train, type TrainingData } from '../../../../src/engine/training'
import { analysisKinds } from '../../../../src/shared/analyses/kinds'
import { networkSpecSchema, type NetworkSpec } from '../../../../src/shared/spec/schema'
import golden from '../../../reference/lyapunov/network.json'
import { lapackFault } from '../../../reference/linalg/lapack-here'
import { openPlain } from '../../../reference/linalg/plain'
import { memorySink, smallData, startWeights } from '../training/memory-sink'
import { dataOf, quiet } from './source'
import { exponentsOf, functionSpec, trained, type Found } from './trained'

const linalg = openPlain()

const net = (optimizer: Record<string, unknown>, more: Record<string, unknown> = {}): NetworkSpec =>
  networkSpecSchema.parse({
    schemaVersion: 1,
    name: 'net',
    seed: 3,
    data: { dataset: 'synthetic' },
    model: { layers: [3, 4, 2], activation: { kind: 'tanh' }, bias: true },
    loss: 'softmax-cross-entropy',
    regularization: { l2: 0.01 },
    optimizer,
    budget: { steps: 1 },
    ...more
  })
const weightsOf = (spec: NetworkSpec) => startWeights(networkOfWidth(spec, 3).parameterCount)
const onNet = (spec: NetworkSpec, by = linalg) => trained(by, spec, smallData(12), weightsOf(spec))
const onFunction = (formula: string, optimizer: Record<string, unknown>, start: number[] | null = null) =>
  trained(linalg, functionSpec(formula, optimizer, start))

const farthest = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length ? a.reduce((most, value, i) => Math.max(most, value === b[i] ? 0 : Math.abs(value - b[i])), 0) : Infinity
const descending = (values: readonly number[]) => [...values].sort((a, b) => b - a)

/** f = Σ h_i x_i²/2 in variables x1, x2, … */
const quadratic = (h: readonly number[]) => h.map((value, i) => `${value / 2} * x${i + 1}^2`).join(' + ')
const curvatures = [-0.5, 0.2, 1, 1.7, 3]
const somewhere = [0.3, -1, 2, 0.5, -0.7]

describe('against 60 digits of a tanh net’s training', () => {
  const data: TrainingData = {
    train: {
      inputs: matrix(4, 2, Float64Array.from(golden.inputs.flat())),
      targets: matrix(4, 1, Float64Array.from(golden.targets.flat())),
      labels: null
    },
    validation: null,
    test: null
  } as unknown as TrainingData
  it.each(golden.cases.map((one) => [`${one.kind} ${'rule' in one.options ? String(one.options.rule) : ''}`, one] as const))(
    '%s',
    async (_, { kind, options, exponents }) => {
      const { damping, rule, ...plain } = options as Record<string, unknown>
      const of = damping === undefined ? {} : { damping: { value: damping, ...(rule === undefined ? {} : { kind: rule }) } }
      const series = kind === 'series-newton' ? { order: 3, saddleFree: false, guard: null } : {}
      const spec = net(
        { kind, ...plain, ...of, ...series },
        {
          model: { layers: golden.widths, activation: { kind: 'tanh' }, bias: true },
          loss: 'half-sse',
          regularization: { l2: golden.l2 }
        }
      )
      const source = await trained(linalg, spec, data, Float64Array.from(golden.parameters))
      const found = await exponentsOf(source, { steps: golden.steps })
      expect(found.exponents).toHaveLength(exponents.length)
      expect(farthest(found.exponents, descending(exponents))).toBeLessThan(1e-9)
      source.close()
    }
  )
})

describe('maps that are known', () => {
  it('the logistic map at 4: ln 2', async () => {
    const { exponents, figure } = await exponentsOf(await onFunction('logistic', { kind: 'gd', learningRate: 1 }), { steps: 3e4 })
    expect(Math.abs(exponents[0] - Math.LN2)).toBeLessThan(3e-3)
    expect([figure('positive'), figure('sumPositive')]).toEqual([1, exponents[0]])
    // An estimate that knows its error: ln 2 lies within four of them.
    expect(Math.abs(exponents[0] - Math.LN2)).toBeLessThan(4 * figure('largestError'))
    expect(figure('largestError')).toBeLessThan(3e-3)
  })
  it('the map of Hénon: its sum is ln 0.3 at every step, and 1.26 dimensions', async () => {
    const source = await onFunction('henon', { kind: 'momentum', learningRate: 1, momentum: -0.3 })
    const { exponents, figure, running } = await exponentsOf(source, { steps: 2e4, discard: 100 })
    expect(Math.abs(exponents[0] - 0.4192)).toBeLessThan(1e-2)
    expect(Math.abs(figure('sum') - Math.log(0.3))).toBeLessThan(1e-10)
    expect(Math.abs(figure('logDeterminant') - Math.log(0.3))).toBeLessThan(1e-10)
    expect(figure('kaplanYorke')).toBeCloseTo(1 + exponents[0] / Math.abs(exponents[1]), 12)
    for (let row = 0; row < running.length; row += 2) expect(Math.abs(running[row] + running[row + 1] - Math.log(0.3))).toBeLessThan(1e-10)
  })
})

describe('quadratics', () => {
  it('gradient descent: ln|1 − ηh|, and −∞ where ηh = 1', async () => {
    const { exponents, outcome } = await exponentsOf(
      await onFunction(quadratic(curvatures), { kind: 'gd', learningRate: 0.5 }, somewhere),
      {
        steps: 50
      }
    )
    expect(farthest(exponents, descending(curvatures.map((h) => Math.log(Math.abs(1 - 0.5 * h)))))).toBeLessThan(1e-10)
    expect([...dataOf(outcome, 'errors')].every((error) => error < 1e-12)).toBe(true)
    const dead = await exponentsOf(await onFunction(quadratic([2, 1]), { kind: 'gd', learningRate: 0.5 }), { steps: 5 })
    expect(farthest(dead.exponents, [Math.log(0.5), -Infinity])).toBeLessThan(1e-14)
    expect(dead.outcome.notes.join(' ')).toContain('1 directions are destroyed')
  })
  it('rotated, once the vectors have turned', async () => {
    const source = await onFunction('0.5*(x+y)^2 + 0.3*(x-y)^2', { kind: 'gd', learningRate: 0.3 })
    const { exponents } = await exponentsOf(source, { steps: 20, discard: 200 })
    expect(farthest(exponents, [Math.log(0.64), Math.log(0.4)])).toBeLessThan(1e-10)
  })
  it('momentum and Nesterov: the roots of their recursions', async () => {
    const [eta, mu, h] = [0.1, 0.3, 1]
    const roots = (trace: number, determinant: number) => {
      const root = Math.sqrt(trace * trace - 4 * determinant)
      return descending([(trace + root) / 2, (trace - root) / 2].map((x) => Math.log(Math.abs(x))))
    }
    const of = async (kind: string) =>
      (await exponentsOf(await onFunction('0.5*x^2', { kind, learningRate: eta, momentum: mu }), { steps: 30, discard: 300 })).exponents
    expect(farthest(await of('momentum'), roots(1 + mu - eta * h, mu))).toBeLessThan(1e-10)
    expect(farthest(await of('nesterov'), roots((1 + mu) * (1 - eta * h), mu * (1 - eta * h)))).toBeLessThan(1e-10)
  })
  it('saddle-free and damped Newton: a saddle’s own directions grow under one and shrink under the other', async () => {
    const saddleFree = { kind: 'sfn', learningRate: 0.4, damping: { kind: 'shifted-abs', value: 0.25 } }
    const found = await exponentsOf(await onFunction(quadratic(curvatures), saddleFree, somewhere), { steps: 10 })
    const factors = curvatures.map((h) => 1 - (0.4 * h) / (Math.abs(h) + 0.25))
    expect(farthest(found.exponents, descending(factors.map((x) => Math.log(Math.abs(x)))))).toBeLessThan(1e-10)
    const newton = { kind: 'damped-newton', learningRate: 0.4, damping: { value: 2 } }
    const other = await exponentsOf(await onFunction(quadratic(curvatures), newton, somewhere), { steps: 10 })
    expect(farthest(other.exponents, descending(curvatures.map((h) => Math.log(Math.abs(1 - (0.4 * h) / (h + 2))))))).toBeLessThan(1e-10)
  })
  it('Newton’s whole step destroys every difference: −∞, no failure', async () => {
    const { exponents, figure } = await exponentsOf(
      await onFunction(quadratic([1, 2, 4]), { kind: 'series-newton', saddleFree: false, learningRate: 1 }),
      { steps: 3 }
    )
    // What rounding leaves of 1 − H⁻¹H is nothing, or next to it.
    for (const value of exponents) expect(value).toBeLessThan(-30)
    expect(figure('kaplanYorke')).toBe(0)
  })
})

describe('identities on a net', () => {
  const steps = 12
  it.each([0.9, 0.5])('momentum %s: the sum is P ln μ whatever the landscape', async (momentum) => {
    const spec = net({ kind: 'momentum', learningRate: 0.3, momentum })
    const { figure } = await exponentsOf(await onNet(spec), { steps })
    expect(Math.abs(figure('sum') / (26 * Math.log(momentum)) - 1)).toBeLessThan(1e-10)
  })
  it('without momentum half of the directions are destroyed at once, and the rest are those of gradient descent', async () => {
    const dead = await exponentsOf(await onNet(net({ kind: 'momentum', learningRate: 0.3, momentum: 0 })), { steps })
    const alive = await exponentsOf(await onNet(net({ kind: 'gd', learningRate: 0.3 })), { steps })
    expect(dead.exponents.filter((value) => value === -Infinity)).toHaveLength(26)
    expect(dead.figure('largest')).toBeGreaterThan(alive.figure('largest') - 0.2)
    expect(dead.figure('sum')).toBe(-Infinity)
  })
  it.each(['adam', 'adamw'])('%s: the sum is P ln β₁β₂, and P ln(1 − ηλ) where weights decay apart', async (kind) => {
    const options = { kind, learningRate: 0.02, beta1: 0.8, beta2: 0.95, weightDecay: 0.1 }
    const { figure } = await exponentsOf(await onNet(net(options)), { steps })
    const expected = 26 * (Math.log(0.8 * 0.95) + (kind === 'adamw' ? Math.log(1 - 0.02 * 0.1) : 0))
    expect(Math.abs(figure('sum') / expected - 1)).toBeLessThan(1e-10)
  })
  it('how often vectors are orthogonalized changes nothing', async () => {
    const spec = net({ kind: 'gd', learningRate: 0.4 })
    const found: Found[] = []
    for (const orthogonalizeEvery of [1, 2, 5, null]) found.push(await exponentsOf(await onNet(spec), { steps, orthogonalizeEvery }))
    for (const other of found.slice(1)) expect(farthest(other.exponents, found[0].exponents)).toBeLessThan(1e-10)
    expect(found.map(({ figure }) => figure('orthogonalizations')).slice(0, 2)).toEqual([12, 6])
  })
  it('k exponents are those of the first k vectors of all, by products with the Hessian too', async () => {
    const spec = net({ kind: 'gd', learningRate: 0.4 }, { model: { layers: [3, 16, 2], activation: { kind: 'tanh' }, bias: true } })
    const all = (await exponentsOf(await onNet(spec), { steps })).exponents
    for (const exponents of [2, 60]) {
      const some = await exponentsOf(await onNet(spec), { steps, exponents })
      expect(some.exponents).toHaveLength(exponents)
      for (const value of some.exponents) expect(Math.min(...all.map((other) => Math.abs(other - value)))).toBeLessThan(1e-10)
      expect(some.outcome.figures.logDeterminant).toBeNull()
      expect(some.outcome.notes.join(' ')).toContain(`${exponents} of ${all.length} exponents`)
    }
  })
  it('exponents are sorted, the running estimate ends at them, and figures are what they say', async () => {
    const { exponents, running, figure, outcome } = await exponentsOf(await onNet(net({ kind: 'gd', learningRate: 2 })), { steps: 60 })
    expect(exponents).toEqual(descending(exponents))
    expect(running.slice(-26)).toEqual(exponents)
    expect([...dataOf(outcome, 'runningSteps')].at(-1)).toBe(60)
    const positive = exponents.filter((value) => value > 0)
    expect([figure('positive'), figure('steps'), figure('dimension')]).toEqual([positive.length, 60, 26])
    expect(figure('sumPositive')).toBeCloseTo(
      positive.reduce((sum, value) => sum + value, 0),
      14
    )
    expect(figure('twoOverEta')).toBe(1)
    expect(outcome.said).toContain('nats a step over 60 steps')
  })
})

describe('exact tangent maps against differences of the whole step', () => {
  const optimizers: Record<string, unknown>[] = [
    { kind: 'gd', learningRate: '0.3 * 0.9^t' },
    { kind: 'momentum', learningRate: 0.1, momentum: 0.9 },
    { kind: 'nesterov', learningRate: 0.1, momentum: 0.9 },
    { kind: 'adam', learningRate: 0.01, weightDecay: 0.1 },
    { kind: 'adamw', learningRate: 0.01, weightDecay: 0.1 },
    { kind: 'damped-newton', learningRate: 0.5, damping: { value: 2 } },
    { kind: 'sfn', learningRate: 0.5, damping: { kind: 'shifted-abs', value: 0.5 } },
    { kind: 'sfn', learningRate: 0.5, damping: { kind: 'abs-of-shifted', value: 0.5 } },
    { kind: 'sfn', learningRate: 0.5, damping: { kind: 'clamp', value: 0.2 } },
    { kind: 'series-newton', learningRate: 0.5, saddleFree: false, order: 3, damping: { value: 2 } },
    { kind: 'series-newton', learningRate: 1, saddleFree: false, order: 4, guard: 0.05, damping: { value: 1 } }
  ]
  it.each(optimizers.map((optimizer) => [JSON.stringify(optimizer), optimizer] as const))('%s', async (_, optimizer) => {
    for (const loss of ['mse', 'softmax-cross-entropy']) {
      const model = { layers: [3, 2, 2], activation: { kind: 'tanh' }, bias: true }
      const spec = net(optimizer, { loss, model, batch: { size: 5, shuffle: true } })
      const exact = await exponentsOf(await onNet(spec), { steps: 2 })
      const differences = await exponentsOf(await onNet(spec), { steps: 2, tangent: 'difference' })
      expect(exact.check('tangent')).toBeLessThan(1e-6)
      expect(farthest(exact.exponents, differences.exponents)).toBeLessThan(2e-5)
      expect(differences.outcome.notes.join(' ')).toContain('by central differences of the whole step;')
    }
  })
  it.each([
    ['rmsprop', { kind: 'rmsprop', learningRate: 0.01, momentum: 0.5, centered: true }, 104, 'rmsprop has no exact one'],
    ['sfn by layers', { kind: 'sfn', scope: 'layer-blocks', damping: { value: 0.5 } }, 26, 'by layer-blocks'],
    ['a rate for each layer', { kind: 'gd', learningRate: 0.1, layerRates: [1, 2] }, 26, 'rates of their own'],
    ['adapted damping', { kind: 'levenberg-marquardt', damping: { value: 1 } }, 26, 'levenberg-marquardt has no exact one'],
    ['Padé', { kind: 'series-newton', summation: 'pade', saddleFree: false, order: 4, damping: { value: 2 } }, 26, 'Padé']
  ] as const)('%s is followed by differences, and says so', async (_, optimizer, count, why) => {
    const { exponents, outcome } = await exponentsOf(await onNet(net(optimizer)), { steps: 2 })
    expect(exponents).toHaveLength(count)
    expect(outcome.notes.join(' ')).toContain(why)
    expect(Object.keys(outcome.checks)).toEqual(['orthogonality'])
  })
  it('equal rates for all layers are one rate', async () => {
    const [apart, one] = await Promise.all(
      [{ learningRate: 0.1, layerRates: [2, 2] }, { learningRate: 0.2 }].map(async (more) =>
        exponentsOf(await onNet(net({ kind: 'gd', ...more })), { steps: 4 })
      )
    )
    expect(farthest(apart.exponents, one.exponents)).toBeLessThan(1e-6)
    expect([apart.figure('twoOverEta'), one.figure('twoOverEta')]).toEqual([NaN, 10])
  })
  it('rmsprop’s own determinant: (αμ…)ᴾ of its buffers', async () => {
    // (w, s, b) → s' = αs + …, b' = μb + …, w' = w − ηb': det = (αμ)ᴾ.
    const { figure } = await exponentsOf(await onNet(net({ kind: 'rmsprop', learningRate: 0.01, alpha: 0.9, momentum: 0.5 })), { steps: 2 })
    expect(figure('sum') / (26 * Math.log(0.9 * 0.5))).toBeCloseTo(1, 5)
  })
})

it('divided differences of the rules of damping: of the function itself, and its derivative where two eigenvalues meet', () => {
  for (const rule of ['shifted-abs', 'abs-of-shifted', 'clamp'] as const)
    for (const a of [-2, -0.3, -0.05, 0.02, 0.7, 3])
      for (const b of [-1.5, -0.02, 0.04, 0.9]) {
        const direct = (dampedInverse(rule, a, 0.1) - dampedInverse(rule, b, 0.1)) / (a - b)
        expect(dividedDifference(rule, a, b, 0.1)).toBeCloseTo(direct, 10)
        const slope = (dampedInverse(rule, a + 1e-6, 0.1) - dampedInverse(rule, a - 1e-6, 0.1)) / 2e-6
        expect(Math.abs(dividedDifference(rule, a, a, 0.1) - slope) / (1 + Math.abs(slope))).toBeLessThan(1e-8)
        expect(dividedDifference(rule, a, a * (1 + 1e-12), 0.1)).toBeCloseTo(dividedDifference(rule, a, a, 0.1), 6)
      }
})

it('Kaplan and Yorke', () => {
  expect(kaplanYorke([0.5, -0.2, -0.6])).toBeCloseTo(2.5, 14)
  expect(kaplanYorke([-0.1, -0.2])).toBe(0)
  expect(kaplanYorke([0.5, -0.2])).toBeNull()
  expect(kaplanYorke([0.5, -Infinity])).toBe(1)
})

describe('the trajectory', () => {
  const adaptive = net(
    { kind: 'adam', learningRate: '0.05 * 0.99^t' },
    { batch: { size: 5, shuffle: true }, budget: { steps: 20 }, checkpoints: { everySteps: 1, keep: 30 } }
  )
  const real = async () => {
    const sink = memorySink()
    await train({ linalg }, { spec: adaptive, state: initialState(adaptive, weightsOf(adaptive)), sink }, smallData(12))
    return sink.checkpoints
  }
  it('is the run’s own, bit for bit, from any of its checkpoints', async () => {
    const checkpoints = await real()
    const passed: number[] = []
    const source = await trained(linalg, adaptive, smallData(12), weightsOf(adaptive), {
      run: 'real',
      step: 7,
      checkpoints: checkpoints.map(({ step }) => step),
      parametersAt: async (step) => {
        passed.push(step)
        return checkpoints[step].parameters.slice()
      }
    })
    const { parts } = await source.training()
    const { figure } = await exponentsOf(
      { ...source, training: async () => ({ parts, state: checkpoints[7] }) },
      { steps: 13, exponents: 4 }
    )
    expect(passed).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20])
    expect(figure('departure')).toBe(0)
    const moved = await exponentsOf(
      { ...source, training: async () => ({ parts, state: checkpoints[7] }), parametersAt: async () => checkpoints[3].parameters.slice() },
      { steps: 2 }
    )
    expect(moved.figure('departure')).toBeGreaterThan(1e-3)
  })
  it('stopped on the way and asked for again it goes on to the same bits', async () => {
    const spec = net({ kind: 'nesterov', learningRate: '0.05 * 0.99^t' }, { batch: { size: 5, shuffle: true } })
    const options = { steps: 90, discard: 10 }
    const whole = await exponentsOf(await onNet(spec), options)
    const kept = new Map<number, Float64Array>()
    const tiles = {
      read: async (index: number) => kept.get(index)?.slice() ?? null,
      write: async (index: number, values: Float64Array) => void kept.set(index, values.slice())
    }
    const stop = new AbortController()
    let steps = 0
    const source = await onNet(spec)
    const { parts, state } = await source.training()
    const counting = {
      ...parts,
      learningRate: (t: number, epoch: number) => {
        // Two a step: the step's own and its tangent map's.
        if (++steps === 140) stop.abort(new Error('stopped'))
        return parts.learningRate(t, epoch)
      }
    }
    const stopped = exponentsOf({ ...source, training: async () => ({ parts: counting, state }) }, options, { tiles, signal: stop.signal })
    await expect(stopped).rejects.toThrow('stopped')
    expect(kept.size).toBe(1)
    const resumed = await exponentsOf(await onNet(spec), options, { tiles })
    expect(resumed.figure('resumed')).toBeGreaterThan(40)
    expect(resumed.exponents).toEqual(whole.exponents)
    expect(resumed.running).toEqual(whole.running)
    expect({ ...resumed.outcome.figures, resumed: 0 }).toEqual(whole.outcome.figures)
    expect(resumed.outcome.checks).toEqual(whole.outcome.checks)
    // What does not fit is not taken up.
    kept.set(0, new Float64Array(17))
    expect((await exponentsOf(await onNet(spec), options, { tiles })).figure('resumed')).toBe(0)
  })
  it('that is thrown off is said in a sentence', async () => {
    await expect(exponentsOf(await onFunction('x^4', { kind: 'gd', learningRate: 1 }, [5]), { steps: 50 })).rejects.toThrow(
      /^step \d+: .*: training cannot be followed beyond it, ask for fewer steps than 50$/
    )
  })
  it('previews what it knows, and reads the stored spectra of gradient descent', async () => {
    const gd = net({ kind: 'gd', learningRate: '0.1 * t' })
    const spectrum = Float64Array.from({ length: 26 }, (_, i) => i / 10)
    const source = {
      ...(await onNet(gd)),
      steps: [0, 4, 8],
      storedSpectrum: async (step: number) => (step === 4 ? null : spectrum.slice())
    }
    const { outcome } = await exponentsOf(source, { steps: 3 })
    expect([...dataOf(outcome, 'oneStepSteps')]).toEqual([0, 8])
    const rows = dataOf(outcome, 'oneStep')
    for (const [row, rate] of [0.1, 0.9].entries())
      spectrum.forEach((value, i) => expect(rows[row * 26 + i]).toBe(Math.log(Math.abs(1 - rate * value))))
    expect('oneStep' in (await exponentsOf(await onNet(net({ kind: 'adam' })), { steps: 2 })).outcome.arrays).toBe(false)
    const seen: number[] = []
    const slow = await onNet(gd)
    await lyapunov.work(slow, analysisKinds.lyapunov.options.parse({ steps: 300 }), {
      ...quiet,
      onPreview: ({ exponents, running }) => {
        seen.push(running.shape[0])
        expect([exponents.data.length, running.data.length]).toEqual([26, running.shape[0] * 26])
      }
    })
    expect(seen.length).toBeGreaterThan(0)
  })
  it('refuses what is no map of a state of fixed size', () => {
    const refused = lyapunov.refusal?.(net({ kind: 'l-bfgs' }), { parameterCount: 26, samples: 12, outputs: 2, steps: 1 }, {} as never)
    expect(refused).toContain('l-bfgs keeps a growing memory of earlier steps')
  })
})

const hasLapack = (await lapackFault()) === null
describe('on the real backends, at a size where they do the work', () => {
  it.each([
    ['gd', { kind: 'gd', learningRate: 0.5 }],
    ['momentum', { kind: 'momentum', learningRate: 0.2 }],
    ['sfn', { kind: 'sfn', learningRate: 0.5, damping: { value: 0.5 } }]
  ])('%s as on the plain reference, and all memory given back', async (kind, optimizer) => {
    const spec = net(optimizer, { model: { layers: [3, 12, 2], activation: { kind: 'tanh' }, bias: true } })
    const options = { steps: kind === 'sfn' ? 2 : 6 }
    const expected = (await exponentsOf(await onNet(spec), options)).exponents
    for (const backend of ['wasm', ...(hasLapack ? (['lapack'] as const) : [])] as const) {
      const real = await openLinalg({ backend, threads: 2 })
      try {
        const source = await onNet(spec, real)
        expect(farthest((await exponentsOf(source, options)).exponents, expected)).toBeLessThan(1e-9)
        source.close()
        expect(real.memory.heldBytes).toBe(0)
      } finally {
        await real.dispose()
      }
    }
  })
})
