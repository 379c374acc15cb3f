// Short runs of every optimizer × scope × damping on the embedded backend, and what is remembered of each: a net under any change of the engine's structure.
import { createHash } from 'node:crypto'
import type { Linalg } from '../../../src/engine/linalg'
import { initialState, train } from '../../../src/engine/training'
import { layerBlocks, parameterCount } from '../../../src/shared/model/layout'
import { optimizerKinds } from '../../../src/shared/spec/optimizers'
import { functionSpecSchema, scopes, sfnDampingKinds } from '../../../src/shared/spec/schema'
import { memorySink, smallData, smallSpec, startWeights } from '../../unit/engine/training/memory-sink'

export interface Trajectory {
  /** SHA-256 over all metrics lines without times, and over the final weights and the optimizer's state. */
  readonly metrics: string
  readonly weights: string
  readonly optimizer: string
  /** SHA-256 over the snapshots' eigenvalues, eigenvectors and matrices; null where the run makes none. */
  readonly snapshots: string | null
  /** For people who look for a difference. */
  readonly end: { readonly reason: string; readonly step: number; readonly loss: number | null; readonly firstWeight: number }
}

type Changes = Record<string, unknown>

const smooth = {
  loss: 'softmax-cross-entropy',
  model: { layers: [null, 4, 3, 2], activation: { kind: 'tanh' }, outputActivation: { kind: 'identity' }, bias: true }
}
const kinked = {
  loss: 'half-sse',
  model: { layers: [null, 4, 2], activation: { kind: 'leaky-relu', slope: 0.5 }, outputActivation: null, bias: false }
}
const rounded = { ...smooth, loss: 'half-sse', model: { ...smooth.model, layers: [null, 4, 2], outputActivation: null } }
const oneLayer = { loss: 'mse', model: { layers: [null, 2], activation: { kind: 'softplus' }, bias: false }, batch: { size: 3 } }
const nets: Readonly<Record<string, Changes>> = { smooth, rounded, kinked }
/** With softmax and cross-entropy outputs mix: no unit blocks. */
const scopesOf = (net: string) => scopes.filter((scope) => net !== 'smooth' || scope !== 'unit-blocks')
const adaptations = ['none', 'levenberg', 'best-of'] as const

/** By name: what the run changes of the small spec. */
export function trajectoryCases(): Map<string, Changes> {
  const cases = new Map<string, Changes>()
  const add = (net: string, name: string, optimizer: Changes, more: Changes = {}) =>
    cases.set(`${net}: ${name}`, { ...nets[net], optimizer, budget: { steps: 5 }, evaluate: { everySteps: 3 }, ...more })
  for (const net of Object.keys(nets)) {
    for (const kind of ['gd', 'momentum', 'nesterov', 'adam', 'adamw']) add(net, kind, { kind, learningRate: '0.1 * 0.9^epoch' })
    add(net, 'rmsprop', { kind: 'rmsprop', centered: true, momentum: 0.5 })
    for (const lineSearch of ['none', 'strong-wolfe'])
      add(net, `l-bfgs ${lineSearch}`, { kind: 'l-bfgs', maxIterations: 4, history: 3, lineSearch })
    for (const adapt of adaptations) {
      for (const scope of scopesOf(net)) {
        add(net, `damped-newton ${scope} ${adapt}`, { kind: 'damped-newton', scope, learningRate: 0.5, damping: { value: 2, adapt } })
        add(net, `levenberg-marquardt ${scope} ${adapt}`, { kind: 'levenberg-marquardt', scope, damping: { adapt } })
        for (const kind of sfnDampingKinds)
          add(
            net,
            `sfn ${scope} ${kind} ${adapt}`,
            { kind: 'sfn', scope, learningRate: 0.5, damping: { kind, adapt } },
            { diagnostics: { everySteps: 2 } }
          )
      }
      for (const kind of sfnDampingKinds)
        add(net, `sfn-krylov ${kind} ${adapt}`, { kind: 'sfn-krylov', vectors: 5, damping: { kind, adapt } })
    }
    add(net, 'sfn curvature batch', { kind: 'sfn', curvatureBatch: 6 })
    for (const scope of scopesOf(net))
      add(
        net,
        `snapshots ${scope}`,
        { kind: 'sfn', scope },
        { snapshots: { everySteps: 2, eigenvectors: scope === 'full' ? 'all' : 4, hessian: true } }
      )
  }
  for (const mode of ['limit', 'finite-difference']) {
    const optimizer = { kind: 'fd-newton', mode, ...(mode === 'limit' ? {} : { r: 1e-6 }) }
    cases.set(`one layer: fd-newton ${mode}`, { ...oneLayer, optimizer, budget: { steps: 8 } })
    cases.set(`deep: fd-newton ${mode}`, {
      ...kinked,
      model: { ...kinked.model, layers: [null, 3, 2] },
      batch: { size: 3 },
      optimizer,
      budget: { steps: 5 }
    })
  }
  for (const optimizer of [
    { kind: 'sfn', learningRate: 1 },
    { kind: 'fd-newton', learningRate: 1 },
    { kind: 'l-bfgs', lineSearch: 'strong-wolfe' }
  ])
    cases.set(`function: ${optimizer.kind}`, {
      problem: { kind: 'function', function: 'rosenbrock', start: [-1.2, 1] },
      optimizer,
      budget: { steps: 6 }
    })
  for (const net of Object.keys(nets)) {
    for (const order of [2, 3, 6]) add(net, `series-newton order ${order}`, { kind: 'series-newton', order })
    add(net, 'series-newton pade', { kind: 'series-newton', order: 5, summation: 'pade', saddleFree: false, damping: { value: 0.1 } })
    for (const adapt of ['levenberg', 'best-of'])
      add(net, `series-newton ${adapt}`, { kind: 'series-newton', learningRate: 0.5, damping: { value: 0.1, adapt } })
    add(net, 'ar3', { kind: 'ar3', theta: 0.2 })
  }
  for (const optimizer of [
    { kind: 'series-newton', order: 4 },
    { kind: 'ar3', sigma: 10 }
  ])
    cases.set(`function: ${optimizer.kind}`, {
      problem: { kind: 'function', function: 'rosenbrock', start: [-1.2, 1] },
      optimizer,
      budget: { steps: 6 }
    })
  // A kind that none of these names is taken with its defaults, last, so that its goldens come after those there are.
  const named = new Set([...cases.values()].map(({ optimizer }) => (optimizer as { kind: string }).kind))
  for (const kind of optimizerKinds)
    if (!named.has(kind)) for (const net of Object.keys(nets)) add(net, kind, { kind, learningRate: '0.1 * 0.9^epoch' })
  return cases
}

function digest(parts: Iterable<string | Float64Array>): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex').slice(0, 32)
}
const copyOf = (array: Float64Array) => array.slice()

/** Trains one case. */
export async function trajectoryOf(linalg: Linalg, changes: Changes): Promise<Trajectory> {
  const ofFunction = 'problem' in changes
  const spec = ofFunction ? functionSpecSchema.parse({ schemaVersion: 1, name: 'function', ...changes }) : smallSpec(changes)
  const spectra: (string | Float64Array)[] = []
  const sink = memorySink({
    snapshot: async ({ step, blocks }) => {
      for (const { name, eigenvalues, eigenvectors, indices } of blocks) {
        spectra.push(`${step} ${name} ${indices.join(' ')}`)
        const kept = sink.matrices.find((matrix) => matrix.step === step && matrix.name === name)
        for (const array of [eigenvalues, eigenvectors?.data, kept?.data]) if (array) spectra.push(copyOf(array))
      }
    }
  })
  const widths = ofFunction ? [] : (changes.model as { layers: (number | null)[]; bias: boolean }).layers
  const bias = !ofFunction && (changes.model as { bias: boolean }).bias
  const count = parameterCount(
    layerBlocks(
      widths.map((width) => width ?? 3),
      bias
    )
  )
  const start = ofFunction ? Float64Array.of(-1.2, 1) : startWeights(count)
  const { state, reason } = await train({ linalg }, { spec, state: initialState(spec, start), sink }, ofFunction ? null : smallData())
  const lines = sink.lines.map(({ seconds: _seconds, wallSeconds: _wall, phases: _phases, ...line }) => JSON.stringify(line))
  const { arrays, numbers } = state.optimizer
  return {
    metrics: digest(lines),
    weights: digest([copyOf(state.parameters)]),
    optimizer: digest([
      JSON.stringify(numbers),
      ...Object.keys(arrays)
        .sort()
        .flatMap((name) => [name, copyOf(arrays[name])])
    ]),
    snapshots: spectra.length === 0 ? null : digest(spectra),
    end: { reason, step: state.step, loss: sink.lines.at(-1)?.loss ?? null, firstWeight: state.parameters[0] }
  }
}
