// Nothing leaks: whatever a run, a step or a snapshot takes of a real backend's memory it gives back, done, cancelled at any call, or failed.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { spectralDensity } from '../../../../src/engine/curvature/density'
import { takeSnapshot } from '../../../../src/engine/curvature/snapshot'
import { matrix, openLinalg, type Linalg } from '../../../../src/engine/linalg'
import { networkObjective } from '../../../../src/engine/objectives/network'
import { createOptimizer, type StepInput } from '../../../../src/engine/optimizers'
import { randomStream } from '../../../../src/engine/random'
import { initialState, train } from '../../../../src/engine/training'
import { networkOf } from '../../../../src/engine/training/open-problem'
import { takeSplitSnapshot } from '../../../../src/engine/training/split-snapshot'
import { optimizerKinds } from '../../../../src/shared/spec/optimizers'
import type { NetworkSpec, OptimizerKind } from '../../../../src/shared/spec/schema'
import { memorySink, smallData, smallSpec, startWeights } from './memory-sink'
import { lapackFault } from '../../../reference/linalg/lapack-here'

type Changes = Record<string, unknown>
type Variants = Readonly<Record<string, Changes>>

const scopes = ['full', 'layer-blocks', 'unit-blocks']
/** Every scope, with a fixed damping (decomposed) and with the two that try several (decomposed once, and factorized each time). */
const dampings = { none: {}, 'best-of': { adapt: 'best-of' }, levenberg: { adapt: 'levenberg', value: 1e4 } }
const scoped: Variants = Object.fromEntries(
  scopes.flatMap((scope) => Object.entries(dampings).map(([name, damping]) => [`${scope}, ${name}`, { optimizer: { scope, damping } }]))
)
const oneLayer = { layers: [12, 3], activation: { kind: 'leaky-relu', slope: 0.5 } }
const square = { layers: [12, 12, 12], activation: { kind: 'leaky-relu', slope: 0.5 } }

/** Changes of the spec by variant; a kind that is not here is tried with its defaults. */
const kinds: Partial<Record<OptimizerKind, Variants>> = {
  'l-bfgs': { 'fixed steps': {}, 'line search': { optimizer: { lineSearch: 'strong-wolfe' } } },
  'damped-newton': scoped,
  'levenberg-marquardt': scoped,
  sfn: { ...scoped, 'full, curvature of another batch': { optimizer: { scope: 'full', curvatureBatch: 100 } } },
  'sfn-krylov': { '': { optimizer: { vectors: 6 } } },
  'series-newton': Object.fromEntries(Object.entries(dampings).map(([name, damping]) => [name, { optimizer: { order: 4, damping } }])),
  'fd-newton': {
    'one layer, few samples': { model: oneLayer, batch: { size: 10 }, optimizer: { mode: 'limit' } },
    'one layer, differences': {
      model: { ...oneLayer, activation: { kind: 'identity' } },
      batch: { size: 10 },
      optimizer: { mode: 'finite-difference' }
    },
    'one layer, weighted least squares': { model: oneLayer, batch: { size: 40 }, optimizer: { mode: 'limit' } },
    'square layers': { model: square, batch: { size: 12 }, optimizer: { mode: 'limit', learningRate: 1e-6 } },
    'layers with distances': {
      model: { layers: [12, 8, 3], activation: { kind: 'leaky-relu', slope: 0.5 } },
      batch: { size: 8 },
      optimizer: { mode: 'limit', learningRate: 1e-6 }
    }
  }
}

const samples = 160
/** Steps until a run holds all that it will: two, or the first epoch where every batch's factorization is kept. */
const settled = ({ optimizer, batch }: NetworkSpec) => (optimizer.kind === 'fd-newton' ? Math.ceil(samples / (batch.size ?? samples)) : 2)
const data = (spec: NetworkSpec) => smallData(samples, 12, spec.model.layers[spec.model.layers.length - 1] ?? 0)

function specOf(kind: string, { optimizer = {}, ...changes }: Changes): NetworkSpec {
  return smallSpec({
    model: { layers: [12, 6, 4], activation: { kind: 'tanh' }, bias: true },
    batch: { size: 128, shuffle: kind !== 'fd-newton' },
    budget: { steps: 6 },
    ...changes,
    optimizer: { kind, learningRate: 0.001, ...(optimizer as Changes) }
  })
}

/** The backend with `meet` called before each of its routines, by name. What is in hand is cancelled or fails there. */
function interposed(linalg: Linalg, meet: (routine: string) => void): Linalg {
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(linalg)) as Record<string, unknown>
  for (const [name, routine] of Object.entries(linalg))
    if (typeof routine === 'function' && !['allocate', 'release', 'dispose'].includes(name))
      copy[name] = async (...values: unknown[]) => {
        meet(name)
        return (routine as (...all: unknown[]) => unknown)(...values)
      }
  return copy as unknown as Linalg
}

const hasLapack = (await lapackFault()) === null

describe.each(['wasm', 'lapack'] as const)('%s', (backend) => {
  const absent = backend === 'lapack' && !hasLapack
  let linalg: Linalg
  /** The threads' own memory, held until the backend is closed. */
  let own: { readonly blocks: number; readonly bytes: number }
  const held = () => {
    const { allocations, releases, heldBytes } = linalg.memory
    return { blocks: allocations - releases, bytes: heldBytes }
  }
  beforeAll(async () => {
    if (absent) return
    linalg = await openLinalg({ backend, threads: 2 })
    own = held()
  })
  afterAll(() => linalg?.dispose())

  /** Nothing is held. The native routines run one after the other, so a small one waits for those that were left behind. */
  async function expectNothingHeld(): Promise<void> {
    await linalg.eigenvalues(matrix(2, 2, Float64Array.of(2, 1, 1, 2)))
    expect(held()).toEqual(own)
  }

  async function run(spec: NetworkSpec): Promise<void> {
    const bytes: number[] = []
    const first = settled(spec)
    const { parameterCount } = networkOf(spec, data(spec))
    const sink = memorySink({ metrics: async () => void bytes.push(held().bytes - own.bytes) })
    const request = {
      spec: { ...spec, budget: { ...spec.budget, steps: first + 4 } },
      state: initialState(spec, startWeights(parameterCount)),
      sink
    }
    const outcome = await train({ linalg }, request, data(spec))
    expect(outcome).toMatchObject({ reason: 'budget', message: null })
    await expectNothingHeld()
    // Once it has all that it keeps it holds no more and no less: no growth a step.
    expect(bytes.slice(first)).toEqual([1, 2, 3, 4].map(() => bytes[first]))
  }

  for (const kind of optimizerKinds)
    for (const [variant, changes] of Object.entries(kinds[kind] ?? { '': {} }))
      test.skipIf(absent)(`a run of ${kind} ${variant}`, () => run(specOf(kind, changes)))

  const contents = [
    { eigenvectors: 16 },
    { eigenvectors: 'all' },
    { eigenvectors: 0 },
    { eigenvectors: 16, hessian: true },
    { eigenvectors: 'all', hessian: true }
  ]
  for (const optimizer of [{ kind: 'gd' }, ...scopes.map((scope) => ({ kind: 'sfn', scope, learningRate: 0.001 }))])
    for (const content of contents)
      test.skipIf(absent)(`a run of ${Object.values(optimizer).join(' ')} with snapshots of ${JSON.stringify(content)} and spectra`, () => {
        const changes = { snapshots: { everySteps: 3, ...content }, diagnostics: { everySteps: 1 } }
        return run(specOf(optimizer.kind, { ...changes, optimizer }))
      })

  /** Large enough that its curvature is assembled on the backend and not in plain code. */
  const large = { layers: [12, 12, 5], activation: { kind: 'tanh' }, bias: true }

  /** What works on memory of a backend, given that backend and a signal. */
  type Work = (on: Linalg, signal: AbortSignal) => Promise<void>

  const step =
    (kind: string, changes: Changes, parameters?: Float64Array): Work =>
    async (on, signal) => {
      const spec = specOf(kind, { model: large, ...changes })
      const { inputs, targets } = data(spec).train
      const network = networkOf(spec, data(spec))
      const objective = networkObjective({ linalg: on }, network, 'half-sse', { inputs, targets })
      const at = parameters ?? startWeights(network.parameterCount)
      const gradient = new Float64Array(at.length)
      const optimizer = createOptimizer(spec.optimizer)
      try {
        const loss = await objective.gradient(at, gradient)
        const input: StepInput = {
          linalg: on,
          objective,
          curvatureObjective: objective,
          parameters: at,
          gradient,
          loss,
          step: 1,
          epoch: 0,
          learningRate: 0.001,
          damping: 0.1,
          wantSpectrum: true,
          signal
        }
        await optimizer.step(optimizer.init(at.length), input)
      } finally {
        optimizer.dispose?.()
      }
    }

  const snapshot =
    (scope: 'full' | 'layer-blocks' | 'unit-blocks' | 'split', content: { eigenvectors: number | 'all'; hessian: boolean }): Work =>
    async (on, signal) => {
      const spec = specOf('gd', { model: large })
      const { inputs, targets } = data(spec).train
      const network = networkOf(spec, data(spec))
      const objective = networkObjective({ linalg: on }, network, 'half-sse', { inputs, targets })
      const wanted = { eigenvalues: true, ...content }
      const keepMatrix = content.hessian ? async () => undefined : undefined
      const options = { step: 0, signal, check: false, keepMatrix }
      const parameters = startWeights(network.parameterCount)
      const taken =
        scope === 'split'
          ? await takeSplitSnapshot(objective, parameters, wanted, on, options)
          : await takeSnapshot(objective, parameters, wanted, scope, on, options)
      taken.release()
      taken.release()
    }

  const density: Work = async (on, signal) => {
    const spec = specOf('gd', { model: large })
    const { inputs, targets } = data(spec).train
    const network = networkOf(spec, data(spec))
    const objective = networkObjective({ linalg: on }, network, 'half-sse', { inputs, targets })
    const multiply = await objective.products(startWeights(network.parameterCount), 'hessian', { signal })
    await spectralDensity(on, multiply, network.parameterCount, { random: randomStream(1, 'probes'), probes: 2, steps: 5, signal })
  }

  const works: [string, Work][] = [
    ...scopes.map((scope): [string, Work] => [`a step of sfn, ${scope}`, step('sfn', { optimizer: { scope, damping: { value: 1e-3 } } })]),
    ...scopes.map((scope): [string, Work] => [
      `a step of sfn, best of two, ${scope}`,
      step('sfn', { optimizer: { scope, damping: { adapt: 'best-of', candidates: [1, 0.1] } } })
    ]),
    ['a step of series-newton', step('series-newton', { optimizer: { order: 4 } })],
    ['a step of ar3', step('ar3', {})],
    ['a step of sfn-krylov', step('sfn-krylov', { optimizer: { vectors: 4 } })],
    ['a step of fd-newton, one layer', step('fd-newton', { model: oneLayer })],
    ['a snapshot of the whole matrix', snapshot('full', { eigenvectors: 'all', hessian: true })],
    ['a snapshot by layers', snapshot('layer-blocks', { eigenvectors: 'all', hessian: false })],
    ['a snapshot by units', snapshot('unit-blocks', { eigenvectors: 16, hessian: true })],
    ['a snapshot by layers taken apart', snapshot('split', { eigenvectors: 16, hessian: false })],
    ['a spectral density', density]
  ]

  test.skipIf(absent).each(works)('%s, cancelled or failing at any call, leaves nothing behind', async (_, work) => {
    let calls = 0
    await work(
      interposed(linalg, () => void calls++),
      new AbortController().signal
    )
    await expectNothingHeld()
    expect(calls).toBeGreaterThan(0)
    // All of few calls, some of many.
    const stride = Math.max(1, Math.floor(calls / 8))
    for (let place = 1; place <= calls; place += stride)
      for (const how of ['cancelled', 'failing'] as const) {
        const controller = new AbortController()
        let met = 0
        const meet = () => {
          if (++met !== place) return
          if (how === 'failing') throw new Error('failing')
          controller.abort(new Error('cancelled'))
        }
        await work(interposed(linalg, meet), controller.signal).catch((error: Error) => expect(error.message).toBe(how))
        await expectNothingHeld()
      }
  })

  test.skipIf(absent).each(scopes)('a step of sfn, %s, with weights that are not a number leaves nothing behind', async (scope) => {
    const parameters = startWeights(221)
    parameters[20] = Number.NaN
    await expect(step('sfn', { optimizer: { scope } }, parameters)(linalg, new AbortController().signal)).rejects.toMatchObject({
      code: 'not-finite'
    })
    await expectNothingHeld()
  })
})
