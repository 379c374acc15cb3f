// Invented runs for work on the page: plausible curves and spectra from a seeded generator, no training.
import type { MetricsLine, RunMeta, RunStatus, SnapshotManifest } from '../../src/shared/run/schema'
import { batchLossOf } from '../../src/shared/run/per-sample'
import type { RunSummary } from '../../src/shared/run/summary'
import type { RunSpec } from '../../src/shared/spec/schema'

/** A small seeded generator (mulberry32) and normal numbers from it. */
export function generator(seed: number) {
  let state = seed >>> 0
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return { uniform, normal: () => Math.sqrt(-2 * Math.log(uniform() + 1e-12)) * Math.cos(2 * Math.PI * uniform()) }
}

export interface FakeRun {
  summary: RunSummary
  spec: RunSpec
  meta: RunMeta
  status: RunStatus
  lines: MetricsLine[]
  snapshots: number[]
  log: { time: string; message: string }[]
  speed: number
  removed?: boolean
}

export const layers = [100, 20, 10]
export const blocks = [{ name: 'full', offset: 0, size: 2200 }]
export const parameterCount = 100 * 20 + 20 * 10

export function specOf(name: string, optimizer: Record<string, unknown>, steps: number): RunSpec {
  return {
    schemaVersion: 1,
    name,
    seed: 0,
    tags: [],
    data: {
      dataset: 'mnist10',
      labels: 'fine',
      targets: 'one-hot',
      validation: null,
      trainLimit: null,
      testLimit: null,
      transforms: [{ kind: 'affine', divide: 256, subtract: 0.5 }]
    },
    model: { layers: [null, 20, 10], activation: { kind: 'tanh' }, outputActivation: null, bias: false, init: { kind: 'fan-sum-normal' } },
    loss: 'half-sse',
    regularization: { l2: 0 },
    batch: { size: 200, shuffle: false },
    optimizer: optimizer as never,
    budget: { epochs: null, steps, seconds: null, targetLoss: null },
    evaluate: { everySteps: 10, everyEpochs: null, histograms: false },
    snapshots: { everySteps: 10, eigenvalues: true, eigenvectors: 16, hessian: true, precision: 'float64', maxBytes: '20 GB' },
    checkpoints: { everySteps: 50, keep: 3 },
    diagnostics: { everySteps: null }
  } as RunSpec
}

export function lineAt(seed: number, step: number, secondOrder: boolean, rate: number): MetricsLine {
  const { uniform, normal } = generator(seed * 7919 + step)
  const loss = 0.02 + 0.9 * Math.exp(-step * rate) * (1 + 0.05 * normal()) + 0.004 * uniform()
  const line: MetricsLine = {
    step,
    epoch: step / 5,
    seconds: step * (secondOrder ? 0.14 : 0.004),
    wallSeconds: 1 + step * (secondOrder ? 0.2 : 0.005),
    loss,
    gradNorm: 3 * Math.sqrt(loss) * (1 + 0.2 * uniform()),
    stepNorm: 0.4 * Math.sqrt(loss) * (1 + 0.2 * uniform()),
    learningRate: 0.1,
    gradientEvaluations: step * 200
  }
  if (secondOrder) {
    const negative = 0.4 * Math.exp(-step * rate * 0.6)
    line.lambdaMin = -negative * (1 + 0.15 * normal()) - 1e-4
    line.lambdaMax = 12 * (1 - 0.7 * Math.exp(-step * 0.05)) * (1 + 0.03 * normal())
    line.index = 0.22 * Math.exp(-step * rate * 0.5) + 0.01
    line.flipped = Math.round(parameterCount * line.index * 0.6)
    line.trace = 160 * (1 - 0.5 * Math.exp(-step * 0.04))
    line.predictedDecrease = loss * 0.12 * (1 + 0.1 * normal())
    line.actualDecrease = loss * 0.1 * (1 + 0.3 * normal())
    line.cosine = 0.4 + 0.3 * uniform()
    line.damping = 0.1
    line.phases = {
      batch: 0.001,
      gradient: 0.004,
      curvature: 0.03 + 0.005 * uniform(),
      decompose: 0.09 + 0.01 * uniform(),
      solve: 0.004,
      update: 0.0003
    }
  }
  if (step % 10 === 0) {
    line.testLoss = loss * 1.15 + 0.02
    line.testAccuracy = 0.1 + 0.83 * (1 - Math.exp(-step * rate * 1.4)) + 0.005 * normal()
  }
  return line
}

/** Eigenvalues with a bulk at zero, negative tail and a few outliers, ascending. */
export function eigenvaluesOf(seed: number, step: number, size: number): Float64Array {
  const { uniform, normal } = generator(seed * 31 + step)
  const values = Float64Array.from({ length: size }, (_, i) => {
    if (i < 12) return (2 + 11 * uniform() ** 2) * (1 - 0.6 * Math.exp(-step * 0.05))
    const decay = 10 ** (-5 * uniform())
    const negative = uniform() < 0.22 * Math.exp(-step * 0.02) + 0.02
    return negative ? -0.4 * decay * Math.exp(-step * 0.03) : 0.9 * decay + 1e-9 * normal()
  })
  return values.sort()
}

export function manifestOf(run: string, step: number): SnapshotManifest {
  const p = parameterCount
  return {
    schemaVersion: 1,
    run,
    step,
    parameterCount: p,
    scope: 'full',
    precision: 'float64',
    blocks: [
      {
        name: 'full',
        offset: 0,
        size: p,
        units: 1,
        eigenvalues: 'eigenvalues.full.npy',
        eigenvectors: 'eigenvectors.full.npy',
        indices: [0, 1, 2, 3, 4, 5, 6, 7, p - 8, p - 7, p - 6, p - 5, p - 4, p - 3, p - 2, p - 1],
        hessian: 'hessian.full.npy',
        overview: 'hessian.full.overview.npy',
        checks: { symmetry: 3.1e-16, trace: 2.4e-15, frobenius: 4.4e-15, residual: 8.9e-15, finiteDifference: 3.2e-9 }
      }
    ],
    files: [
      { name: 'eigenvalues.full.npy', bytes: p * 8 + 128, sha256: '0'.repeat(64) },
      { name: 'eigenvectors.full.npy', bytes: p * 16 * 8 + 128, sha256: '0'.repeat(64) },
      { name: 'hessian.full.npy', bytes: p * p * 8 + 128, sha256: '0'.repeat(64) }
    ]
  }
}

/** A smooth pattern on 10 × 10 pixels for each unit, so that pictures of eigenvectors look like something. */
export function eigenvectorOf(seed: number, index: number): Float64Array {
  const { normal } = generator(seed * 101 + index)
  const vector = new Float64Array(parameterCount)
  const [inputs, hidden] = layers
  for (let unit = 0; unit < hidden; unit++) {
    const cx = 4.5 + 2 * normal()
    const cy = 4.5 + 2 * normal()
    const size = normal()
    for (let pixel = 0; pixel < inputs; pixel++) {
      const dx = (pixel % 10) - cx
      const dy = Math.floor(pixel / 10) - cy
      vector[pixel * hidden + unit] = size * (1 - (dx * dx + dy * dy) / 6) * Math.exp(-(dx * dx + dy * dy) / 6) + 0.02 * normal()
    }
  }
  for (let i = inputs * hidden; i < vector.length; i++) vector[i] = 0.3 * normal()
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  return vector.map((value) => value / norm)
}

export function hessianEntry(row: number, column: number): number {
  const [a, b] = row < column ? [row, column] : [column, row]
  const { normal } = generator(a * 65537 + b)
  const layer = (i: number) => (i < 2000 ? 0 : 1)
  const same = layer(a) === layer(b)
  const unit = (i: number) => (i < 2000 ? i % 20 : i % 10)
  const pixel = (i: number) => (i < 2000 ? Math.floor(i / 20) : 0)
  const near = Math.exp(-(((pixel(a) % 10) - (pixel(b) % 10)) ** 2) / 8)
  const scale = same ? (unit(a) === unit(b) ? 0.5 : 0.03) * near : 0.05
  return scale * (0.6 + 0.4 * normal()) + (a === b ? 0.2 : 0)
}

export function makeRun(options: {
  id: string
  name: string
  kind: string
  optimizer: Record<string, unknown>
  state: RunSummary['state']
  steps: number
  done: number
  rate: number
  seed: number
  age: number
  secondOrder: boolean
  tags?: string[]
  error?: string
  group?: string
}): FakeRun {
  const { id, name, kind, state, steps, done, rate, seed, secondOrder } = options
  const createdAt = new Date(Date.now() - options.age * 60_000).toISOString()
  const lines = Array.from({ length: done }, (_, i) => lineAt(seed, i + 1, secondOrder, rate))
  const run: FakeRun = {
    spec: specOf(name, { kind, ...options.optimizer }, steps),
    meta: {
      schemaVersion: 1,
      name,
      tags: options.tags ?? [],
      notes: '',
      pinned: false,
      colour: null,
      group: options.group ?? null,
      lineage: null,
      hashes: { weights: 'a'.repeat(64), projection: null, batches: 'b'.repeat(64), dataset: 'c'.repeat(64) }
    },
    status: {
      schemaVersion: 1,
      state,
      step: done,
      createdAt,
      startedAt: createdAt,
      endedAt: state === 'done' ? new Date().toISOString() : null,
      seconds: lines.at(-1)?.seconds ?? 0,
      wallSeconds: lines.at(-1)?.wallSeconds ?? null,
      host: 'fixture',
      backend: { kind: 'wasm', description: 'WebAssembly SIMD', threads: 2 },
      versions: { saddlescope: '0.1.0', node: '20.20.2' },
      startEvaluation: { testLoss: 0.95, testAccuracy: 0.098 },
      error: options.error ?? null,
      numericsChangedAtStep: null,
      newestCheckpoint: null,
      parameterCount,
      trainingSamples: samples,
      figures: null
    },
    lines,
    snapshots: secondOrder ? Array.from({ length: Math.floor(done / 10) + 1 }, (_, i) => i * 10) : [],
    log: [
      { time: createdAt, message: 'queued' },
      { time: createdAt, message: 'started on wasm, 2 threads' },
      ...(options.error ? [{ time: new Date().toISOString(), message: options.error }] : [])
    ],
    speed: secondOrder ? 0.4 : 0.02,
    summary: undefined as never
  }
  run.summary = summarize(id, run)
  return run
}

export function summarize(id: string, run: FakeRun): RunSummary {
  const { lines, spec, meta, status } = run
  const last = lines.at(-1)
  const best = lines.reduce<MetricsLine | null>((least, line) => (!least || line.loss < least.loss ? line : least), null)
  const evaluated = lines.filter((line) => typeof line.testAccuracy === 'number')
  const bestEvaluated = evaluated.reduce<MetricsLine | null>(
    (most, line) => (!most || (line.testAccuracy ?? 0) > (most.testAccuracy ?? 0) ? line : most),
    null
  )
  const stride = Math.max(1, Math.ceil(lines.length / 60))
  return {
    id,
    name: meta.name,
    state: status.state,
    tags: meta.tags,
    group: meta.group,
    colour: meta.colour,
    pinned: meta.pinned,
    notes: meta.notes,
    optimizer: spec.optimizer.kind,
    optimizerScope: 'full',
    ...batchLossOf(spec, samples),
    dataset: 'mnist10',
    parameterCount,
    step: lines.length,
    budgetSteps: spec.budget.steps,
    budgetEpochs: null,
    budgetSeconds: null,
    lastLoss: last?.loss ?? null,
    minLoss: best?.loss ?? null,
    minLossStep: best?.step ?? null,
    lastLossPerSample: last ? last.loss / samples : null,
    minLossPerSample: best ? best.loss / samples : null,
    minLossPerSampleStep: best?.step ?? null,
    lastTestLoss: evaluated.at(-1)?.testLoss ?? null,
    lastAccuracy: evaluated.at(-1)?.testAccuracy ?? null,
    bestAccuracy: bestEvaluated?.testAccuracy ?? null,
    bestAccuracyStep: bestEvaluated?.step ?? null,
    lastValLoss: null,
    lastValAccuracy: null,
    bestValAccuracy: null,
    bestValAccuracyStep: null,
    lambdaMin: typeof last?.lambdaMin === 'number' ? last.lambdaMin : null,
    lambdaMax: typeof last?.lambdaMax === 'number' ? last.lambdaMax : null,
    index: typeof last?.index === 'number' ? last.index : null,
    curvatureStep: last?.lambdaMin === undefined ? null : last.step,
    curvatureSource: last?.lambdaMin === undefined ? null : 'step',
    curvatureVectors: null,
    curvatureScope: last?.lambdaMin === undefined ? null : 'full',
    curvatureMatrix: last?.lambdaMin === undefined ? null : 'hessian',
    seconds: last?.seconds ?? 0,
    wallSeconds: last?.wallSeconds ?? null,
    bytes: 120_000 + run.snapshots.length * parameterCount * 17 * 8,
    snapshots: run.snapshots.length,
    createdAt: status.createdAt,
    sparkline: lines.filter((_, i) => i % stride === 0).map((line) => line.loss),
    error: status.error,
    damage: null
  }
}

/** Training samples: one batch. */
export const samples = 200

const attack = '<img src=x onerror="document.title=\'broken\'">'

export function fakeRuns(): FakeRun[] {
  const sfn = {
    learningRate: 0.1,
    scope: 'full',
    damping: { kind: 'shifted-abs', value: 0.1, adapt: 'none', candidates: [1, 0.1] },
    curvatureBatch: null
  }
  const runs = [
    makeRun({
      id: 'sfn-mnist10-live',
      name: 'SFN on MNIST 10×10, full Hessian',
      kind: 'sfn',
      optimizer: sfn,
      state: 'running',
      steps: 400,
      done: 63,
      rate: 0.03,
      seed: 1,
      age: 2,
      secondOrder: true,
      tags: ['face-off']
    }),
    makeRun({
      id: 'sfn-mnist10',
      name: 'SFN on MNIST 10×10',
      kind: 'sfn',
      optimizer: sfn,
      state: 'done',
      steps: 150,
      done: 150,
      rate: 0.03,
      seed: 2,
      age: 50,
      secondOrder: true,
      tags: ['face-off', 'baseline'],
      group: 'face-off'
    }),
    makeRun({
      id: 'newton-mnist10',
      name: 'Damped Newton, δ = 0.1',
      kind: 'damped-newton',
      optimizer: { learningRate: 1, scope: 'full', damping: { kind: 'shifted', value: 0.1 } },
      state: 'diverged',
      steps: 150,
      done: 41,
      rate: 0.012,
      seed: 3,
      age: 55,
      secondOrder: true,
      tags: ['face-off'],
      group: 'face-off',
      error: 'the loss is not finite at step 42: lower learningRate or raise damping.value'
    }),
    makeRun({
      id: 'adam-mnist10',
      name: 'Adam, 1e-3',
      kind: 'adam',
      optimizer: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
      state: 'done',
      steps: 3000,
      done: 3000,
      rate: 0.0018,
      seed: 4,
      age: 58,
      secondOrder: false,
      tags: ['face-off'],
      group: 'face-off'
    }),
    makeRun({
      id: 'gd-mnist10',
      name: 'Gradient descent',
      kind: 'gd',
      optimizer: { learningRate: 0.05 },
      state: 'interrupted',
      steps: 3000,
      done: 1200,
      rate: 0.001,
      seed: 5,
      age: 300,
      secondOrder: false,
      error: 'the engine process ended unexpectedly (signal SIGKILL)'
    }),
    makeRun({
      id: 'attack',
      name: attack,
      kind: 'sfn',
      optimizer: sfn,
      state: 'paused',
      steps: 150,
      done: 80,
      rate: 0.02,
      seed: 6,
      age: 900,
      secondOrder: true,
      tags: [attack]
    }),
    makeRun({
      id: 'queued-run',
      name: 'Levenberg–Marquardt, waiting',
      kind: 'levenberg-marquardt',
      optimizer: { learningRate: 1, scope: 'full', damping: { kind: 'shifted', value: 1 } },
      state: 'queued',
      steps: 150,
      done: 0,
      rate: 0.02,
      seed: 7,
      age: 1,
      secondOrder: true
    })
  ]
  return runs
}
