// A workbench without engines: answers every method of the API from invented data, and lets one run move on.
import { eigenvalueFigures } from '../../src/shared/run/curvature'
import { spectrumFigureNames, spectrumFigures } from '../../src/shared/run/course'
import { wasserstein } from '../../src/shared/run/spectrum-distance'
import { batchLossOf, lossDivisor } from '../../src/shared/run/per-sample'
import { storageKinds, type StorageKind } from '../../src/shared/run/storage-kinds'
import { smooth } from '../../src/store/metrics/smooth'
import { specFields, type RunColumn } from '../../src/shared/run/column'
import { valueAt } from '../../src/store/run-values/place'
import { differentiable, variablesOf } from '../../src/shared/expression'
import type { DatasetInfo, FunctionInfo, MethodName, RunEvent, RunsEvent } from '../../src/shared/api/contract'
import { decodeFrame, encodeFrame, type Connection } from '../../src/shared/api/wire'
import {
  eigenvaluesOf,
  eigenvectorOf,
  fakeRuns,
  generator,
  hessianEntry,
  layers,
  lineAt,
  makeRun,
  manifestOf,
  parameterCount,
  samples,
  specOf,
  summarize,
  type FakeRun
} from './fake-data'
import { studyCheck, studyDetails, studyFairness, studyList, studySlurm } from './fake-studies'

class Failure extends Error {
  constructor(
    readonly code: string,
    message: string
  ) {
    super(message)
  }
}

interface Subscriber {
  topic: string
  id: string | null
  send(event: unknown): void
}

const plainSet = {
  fingerprint: null as string | null,
  dtype: 'uint8',
  targets: null,
  path: null,
  installedAt: null,
  downloadFrom: null,
  kept: 0
} as const

const datasets: DatasetInfo[] = [
  {
    id: 'mnist10',
    title: 'MNIST, 10 × 10',
    state: 'built-in',
    trainCount: 4000,
    testCount: 1000,
    shape: [1, 10, 10],
    classes: 10,
    partial: true,
    bytes: 512_000,
    licence: 'CC BY-SA 3.0',
    source: 'LeCun, Cortes, Burges: MNIST, averaged to 10 × 10',
    ...plainSet,
    fingerprint: 'ab'.repeat(32)
  },
  {
    id: 'cifar-100',
    title: 'CIFAR-100',
    state: 'installed',
    trainCount: 500,
    testCount: 100,
    shape: [3, 32, 32],
    classes: 100,
    partial: true,
    bytes: 1_850_000,
    licence: 'not stated by its authors',
    source: 'Krizhevsky 2009',
    ...plainSet,
    fingerprint: 'cd'.repeat(32)
  },
  {
    id: 'mnist',
    title: 'MNIST',
    state: 'available',
    trainCount: 60_000,
    testCount: 10_000,
    shape: [1, 28, 28],
    classes: 10,
    partial: false,
    bytes: 11_600_000,
    licence: 'CC BY-SA 3.0',
    source: 'LeCun, Cortes, Burges',
    ...plainSet
  }
]

const functions: (FunctionInfo & { expression: string })[] = [
  {
    name: 'rosenbrock',
    title: 'Rosenbrock',
    formula: '(1 - x)^2 + 100 (y - x^2)^2',
    expression: '(1 - x)^2 + 100 * (y - x^2)^2',
    variables: ['x', 'y'],
    start: [-1.2, 1],
    view: [-2, 2, -1, 3]
  },
  {
    name: 'classical-saddle',
    title: 'Classical saddle',
    formula: '5 x^2 - y^2',
    expression: '5*x^2 - y^2',
    variables: ['x', 'y'],
    start: [1, 0.01],
    view: [-2, 2, -2, 2]
  },
  {
    name: 'monkey-saddle',
    title: 'Monkey saddle',
    formula: 'x^3 - 3 x y^2',
    expression: 'x^3 - 3*x*y^2',
    variables: ['x', 'y'],
    start: [0.6, 0.3],
    view: [-1.5, 1.5, -1.5, 1.5]
  },
  {
    name: 'himmelblau',
    title: 'Himmelblau',
    formula: '(x^2 + y - 11)^2 + (x + y^2 - 7)^2',
    expression: '(x^2 + y - 11)^2 + (x + y^2 - 7)^2',
    variables: ['x', 'y'],
    start: [-0.3, -0.9],
    view: [-5, 5, -5, 5]
  }
]

function expressionOf(name: string) {
  const known = functions.find((one) => one.name === name)
  const source = known?.expression ?? name
  const variables = known?.variables ?? variablesOf(source)
  return { info: known, compiled: differentiable(source, variables), variables }
}

/** Eigenvalues (ascending) and unit eigenvectors (columns) of a symmetric 2 × 2 matrix. */
function eigen2(h: ArrayLike<number>) {
  const [a, b, , d] = [h[0], h[1], h[2], h[3]]
  const mean = (a + d) / 2
  const radius = Math.hypot((a - d) / 2, b)
  const angle = Math.atan2(2 * b, a - d) / 2
  const high = [Math.cos(angle), Math.sin(angle)]
  return { values: new Float64Array([mean - radius, mean + radius]), vectors: new Float64Array([-high[1], high[0], high[0], high[1]]) }
}

export interface FakeWorkbench {
  serve(connection: Connection): void
  readonly runs: Map<string, FakeRun>
  /** How often each method was asked. */
  readonly asked: Map<string, number>
  /** Steps of the running run, all at once. */
  flood(steps: number): void
  /** Ends every connection; the page is to come back by itself. */
  drop(): void
  /** This many more finished runs. */
  addRuns(count: number): void
}

/** `live`: the running run makes a step every 0.9 s by itself. */
export function createFakeWorkbench({ live = true } = {}): FakeWorkbench {
  const runs = new Map<string, FakeRun>(fakeRuns().map((run) => [run.summary.id, run]))
  const asked = new Map<string, number>()
  const settings: Record<string, unknown> = {}
  const connections = new Set<Connection>()
  const subscribers = new Set<Subscriber>()
  const publish = (topic: string, id: string | null, event: RunsEvent | RunEvent) => {
    for (const one of subscribers) if (one.topic === topic && one.id === id) one.send(event)
  }
  const runOf = (id: unknown) => {
    const run = runs.get(String(id))
    if (!run || run.removed) throw new Failure('not-found', `there is no run ${String(id)}`)
    return run
  }
  const changed = (run: FakeRun) => {
    run.summary = summarize(run.summary.id, run)
    publish('runs', null, { kind: 'changed', summary: run.summary })
    publish('run', run.summary.id, { kind: 'state', summary: run.summary })
  }
  const setState = (id: unknown, state: FakeRun['status']['state']) => {
    const run = runOf(id)
    run.status = { ...run.status, state, error: null }
    changed(run)
    return {}
  }

  /** One more step of a running run; its events, as the workbench sends them. */
  function advance(run: FakeRun) {
    const { id } = run.summary
    const step = run.lines.length + 1
    const line = lineAt(1, step, true, 0.03)
    const total = run.spec.budget.steps ?? 100
    run.lines.push(line)
    publish('run', id, { kind: 'step', line })
    publish('run', id, {
      kind: 'phase',
      step,
      phase: 'eigendecomposition',
      fraction: 0.3 + (step % 7) / 10,
      etaSeconds: (total - step) * 0.9
    })
    if (step % 10 === 0 && step <= 1000) {
      run.snapshots.push(step)
      publish('run', id, { kind: 'snapshot', step })
    }
  }
  const tick = () => {
    for (const run of runs.values()) {
      if (run.status.state !== 'running') continue
      if (run.lines.length >= (run.spec.budget.steps ?? 100))
        run.status = { ...run.status, state: 'done', endedAt: new Date().toISOString() }
      else advance(run)
      changed(run)
    }
  }
  if (live) setInterval(tick, 900).unref()

  const methods: Partial<Record<MethodName, (input: Record<string, unknown>) => unknown>> = {
    'app.info': () => ({
      version: '0.1.0',
      workspace: '/home/somebody/saddlescope',
      platform: 'linux x64',
      backend: { kind: 'lapack', description: 'OpenBLAS 0.3.29 (LAPACK)', threads: 2 },
      freeBytes: 73e9,
      cores: 2,
      backendByEnvironment: null,
      shell: 'browser',
      demonstration: null
    }),
    'app.doctor': () => [
      { name: 'Node', value: '20.20.2', ok: true },
      { name: 'CPU', value: '2 × x86-64 with AVX2, FMA', ok: true },
      { name: 'Linear algebra', value: 'lapack (OpenBLAS 0.3.29), 38 GFlop/s at n = 1000', ok: true },
      { name: 'WebAssembly', value: 'SIMD and threads', ok: true },
      { name: 'Electron', value: 'its binary is not there', ok: false, advice: 'npx install-electron brings it.' },
      { name: 'Free disk', value: '73 GB', ok: true }
    ],
    'settings.get': () => settings,
    'settings.set': (input) => Object.assign(settings, input.values),
    'presets.list': () => {
      const sfn = {
        kind: 'sfn',
        learningRate: 0.1,
        scope: 'full',
        damping: { kind: 'shifted-abs', value: 0.1, adapt: 'none', candidates: [1, 0.1] },
        curvatureBatch: null
      }
      return [
        {
          name: 'sfn-mnist10',
          title: 'Saddle-free Newton on small MNIST',
          description:
            'Exact full Hessian of a 100-20-10 net at every step, on the built-in 10 × 10 digits. Shows negative curvature and how it is used.',
          cost: 'about 15 s',
          group: null,
          specs: [specOf('SFN on MNIST 10×10', sfn, 100)]
        },
        {
          name: 'face-off-mnist10',
          title: 'Face-off: four optimizers',
          description: 'SFN, damped Newton, Adam and gradient descent from the same weights on the same batches.',
          cost: 'about 1 min',
          group: 'face-off',
          specs: [
            specOf('SFN', sfn, 100),
            specOf('Damped Newton', { kind: 'damped-newton', learningRate: 1 }, 100),
            specOf('Adam', { kind: 'adam', learningRate: 0.001 }, 2000),
            specOf('GD', { kind: 'gd', learningRate: 0.05 }, 2000)
          ]
        },
        {
          name: 'sfn-cifar100',
          title: 'The demonstration: SFN on CIFAR-100',
          description: 'The first of the two programs of Lee 2019: two layer blocks of 2500 and 5000 parameters, decomposed at each step.',
          cost: 'hours for an epoch',
          group: null,
          specs: [specOf('SFN on CIFAR-100', { ...sfn, scope: 'layer-blocks', damping: { ...sfn.damping, kind: 'abs-of-shifted' } }, 100)]
        },
        {
          name: 'fd-newton-cifar100',
          title: 'The demonstration: fast finite-difference Newton',
          description: 'The second program of Lee 2019: a perceptron 3072 → 100 by an inverse gradient map.',
          cost: 'minutes',
          group: null,
          specs: [specOf('FD-Newton on CIFAR-100', { kind: 'fd-newton', learningRate: 0.1, mode: 'finite-difference', r: 1e-9 }, 200)]
        }
      ]
    },
    'spec.check': (input) => {
      const spec = input.spec as {
        optimizer?: { damping?: { value?: unknown }; kind?: unknown }
        budget?: { steps?: number }
        name?: unknown
      }
      const problems: { path: string; message: string }[] = []
      if (typeof spec?.name !== 'string') problems.push({ path: 'name', message: 'must be a string' })
      if (typeof spec?.optimizer?.damping?.value === 'number' && spec.optimizer.damping.value <= 0)
        problems.push({ path: 'optimizer.damping.value', message: `must be a number > 0, got ${spec.optimizer.damping.value}` })
      return {
        spec: problems.length > 0 ? null : spec,
        problems,
        estimate:
          problems.length > 0
            ? null
            : {
                parameters: parameterCount,
                peakBytes: 182e6,
                diskBytes: 44e6,
                secondsPerStep: 0.14,
                secondsPerSnapshot: 0.6,
                secondsPerEvaluation: 0.01,
                steps: spec.budget?.steps ?? null,
                snapshots: 9,
                evaluations: 9,
                totalSeconds: 14,
                basis: { kind: 'run', id: 'sfn-mnist10', name: 'SFN on small digits', steps: 40 }
              },
        data: { inputs: 100, outputs: 10, trainCount: 1000, testCount: 1000 },
        available: { memoryBytes: 16e9, diskBytes: 200e9 }
      }
    },
    'spec.probe': () => {
      throw new Failure('unavailable', 'there are no engines here')
    },
    'runs.list': () => {
      const rows = [...runs.values()].filter((run) => !run.removed).map((run) => run.summary)
      return { rows, matched: rows.length, total: rows.length }
    },
    'runs.get': ({ id }) => {
      const run = runOf(id)
      return {
        summary: run.summary,
        spec: run.spec,
        meta: run.meta,
        status: run.status,
        live: null,
        snapshots: run.snapshots.map((step) => ({ step, bytes: parameterCount * 17 * 8, blocks: ['full'], hessian: true })),
        checkpoints: run.lines.length > 50 ? [0, 50] : [0]
      }
    },
    'runs.create': (input) => {
      const ids = (input.specs as { name: string; optimizer: Record<string, unknown> & { kind: string } }[]).map((spec, i) => {
        const id = `${spec.name
          .toLowerCase()
          .replace(/[^a-z0-9]+/g, '-')
          .replace(/^-|-$/g, '')
          .slice(0, 40)}-${runs.size + i}`
        const run = makeRun({
          id,
          name: spec.name,
          kind: spec.optimizer.kind,
          optimizer: spec.optimizer,
          state: i === 0 ? 'running' : 'queued',
          steps: 100,
          done: 0,
          rate: 0.03,
          seed: runs.size,
          age: 0,
          secondOrder: true
        })
        runs.set(id, run)
        changed(run)
        return id
      })
      return { ids }
    },
    'runs.start': ({ id }) => setState(id, 'running'),
    'runs.pause': ({ id }) => setState(id, 'paused'),
    'runs.stop': ({ id }) => setState(id, 'paused'),
    'runs.update': (input) => {
      const run = runOf(input.id)
      run.meta = { ...run.meta, ...Object.fromEntries(Object.entries(input).filter(([key]) => key !== 'id')) }
      changed(run)
      return run.summary
    },
    'runs.remove': ({ ids }) => {
      let bytes = 0
      for (const id of ids as string[]) {
        const run = runOf(id)
        run.removed = true
        bytes += run.summary.bytes
        publish('runs', null, { kind: 'removed', id })
      }
      return { bytes }
    },
    'runs.restore': ({ ids }) => {
      for (const id of ids as string[]) {
        const run = runs.get(id)
        if (!run) continue
        run.removed = false
        changed(run)
      }
      return {}
    },
    'runs.metrics': (input) => {
      const { lines, spec } = runOf(input.id)
      const divisor = lossDivisor(batchLossOf(spec, samples))
      const names = new Set<string>()
      for (const line of lines)
        for (const [name, value] of Object.entries(line)) if (typeof value === 'number' && name !== 'step') names.add(name)
      if (lines.some((line) => line.phases)) for (const name of Object.keys(lines.at(-1)?.phases ?? {})) names.add(`phases.${name}`)
      if (lines.length > 0) names.add('lossPerSample')
      const columns: Record<string, Float64Array> = {}
      for (const name of input.columns as string[]) {
        if (!names.has(name)) continue
        columns[name] = Float64Array.from(lines, (line) => {
          if (name === 'lossPerSample') return line.loss / (divisor?.(line.step) ?? NaN)
          const value = name.startsWith('phases.') ? line.phases?.[name.slice(7)] : line[name]
          return typeof value === 'number' ? value : NaN
        })
      }
      return {
        steps: Float64Array.from(lines, (line) => line.step),
        columns,
        smoothed: input.smooth
          ? Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, smooth(column, Number(input.smooth))]))
          : {},
        notFinite: {},
        available: [...names],
        total: lines.length,
        missing: [],
        damaged: 0
      }
    },
    'runs.values': ({ ids, columns }) => ({
      columns: (columns as RunColumn[]).map((column) => {
        const placed = (ids as string[]).map((id) => {
          const { lines, spec } = runOf(id)
          if (column.kind === 'spec') return { value: specFields(spec).get(column.path) ?? null, step: null }
          return valueAt(
            lines.map((line) => line.step),
            lines.map((line) => (typeof line[column.name] === 'number' ? Number(line[column.name]) : NaN)),
            column.at
          )
        })
        return { values: placed.map(({ value }) => value), steps: column.kind === 'spec' ? null : placed.map(({ step }) => step) }
      })
    }),
    'runs.fields': ({ ids }) => ({
      paths: [...new Set((ids as string[]).flatMap((id) => [...specFields(runOf(id).spec).keys()]))],
      metrics: [
        ...new Set(
          (ids as string[]).flatMap((id) =>
            Object.entries(runOf(id).lines.at(-1) ?? {}).flatMap(([name, value]) => (typeof value === 'number' ? [name] : []))
          )
        )
      ]
    }),
    'trash.list': () =>
      [...runs.values()]
        .filter((run) => run.removed)
        .map((run) => ({
          entry: `${run.summary.id}.1760000000000`,
          id: run.summary.id,
          name: run.summary.name,
          bytes: run.summary.bytes,
          removedAt: '2026-11-20T10:00:00.000Z'
        })),
    'trash.restore': ({ entries }) => {
      for (const entry of entries as string[]) {
        const run = runs.get(entry.replace(/\.\d+$/, ''))
        if (!run) continue
        run.removed = false
        changed(run)
      }
      return {}
    },
    'trash.empty': ({ entries }) => {
      let bytes = 0
      for (const entry of entries as string[]) {
        const id = entry.replace(/\.\d+$/, '')
        bytes += runs.get(id)?.summary.bytes ?? 0
        runs.delete(id)
      }
      return { count: (entries as string[]).length, bytes }
    },
    'queue.list': () => {
      const of = (state: string) => [...runs.values()].filter((run) => !run.removed && run.summary.state === state)
      return {
        most: 1,
        running: of('running').map((run) => ({ id: run.summary.id, secondsLeft: 84 })),
        waiting: of('queued').map((run, i) => ({ id: run.summary.id, held: i > 0, seconds: 120, startsIn: i > 0 ? null : 84 }))
      }
    },
    'queue.move': () => ({}),
    'queue.hold': () => ({}),
    'queue.release': () => ({}),
    'queue.start': ({ id }) => setState(id, 'running'),
    'runs.times': () => ({
      phases: [
        { name: 'decomposition', seconds: 6.1 },
        { name: 'assembly', seconds: 1.9 }
      ],
      stepSeconds: 8.4,
      steps: 40,
      wallSeconds: 11.2
    }),
    'runs.log': ({ id }) => ({ lines: runOf(id).log }),
    'runs.files': ({ id }) => [
      { name: 'spec.json', bytes: 1420 },
      { name: 'meta.json', bytes: 512 },
      { name: 'status.json', bytes: 780 },
      { name: 'metrics.ndjson', bytes: runOf(id).lines.length * 420 },
      ...runOf(id).snapshots.map((step) => ({
        name: `snapshots/step-${String(step).padStart(6, '0')}/eigenvalues.full.npy`,
        bytes: parameterCount * 8 + 128
      }))
    ],
    'snapshots.curvature': ({ run }) =>
      runOf(run).snapshots.map((step) => ({
        step,
        scope: 'full' as const,
        ...eigenvalueFigures([eigenvaluesOf(runOf(run).snapshots.length, step, parameterCount)])
      })),
    'snapshots.course': ({ run }) => {
      const steps = [...runOf(run).snapshots].sort((a, b) => a - b)
      const spectra = steps.map((step) => eigenvaluesOf(runOf(run).snapshots.length, step, parameterCount))
      const figures = spectra.map(spectrumFigures)
      return {
        ...Object.fromEntries(spectrumFigureNames.map((name) => [name, Float64Array.from(figures, (one) => one[name])])),
        steps: Float64Array.from(steps),
        distance: Float64Array.from(spectra, (values, i) => (i === 0 ? NaN : wasserstein(spectra[i - 1], values)))
      }
    },
    'snapshots.patterns': ({ step, index }) => {
      const vector = eigenvectorOf(Number(step), Number(index))
      const [inputs, units] = layers
      const patterns = Float64Array.from({ length: inputs * units }, (_, i) => vector[(i % inputs) * units + Math.floor(i / inputs)])
      return { patterns, units, shape: [1, 10, 10], scale: 1 / 255, projections: [] }
    },
    'snapshots.manifest': ({ run, step }) => manifestOf(String(run), Number(step)),
    'snapshots.eigenvalues': ({ run, step }) => ({
      values: eigenvaluesOf(runOf(run).snapshots.length, Number(step), parameterCount),
      units: 1
    }),
    'snapshots.eigenvector': ({ run, step, index }) => {
      const manifest = manifestOf(String(run), Number(step))
      if (!manifest.blocks[0].indices.includes(Number(index)))
        throw new Failure('not-found', 'the vector of this eigenvalue was not stored')
      return {
        vector: eigenvectorOf(Number(step), Number(index)),
        value: eigenvaluesOf(runOf(run).snapshots.length, Number(step), parameterCount)[Number(index)],
        residual: 3e-15
      }
    },
    'matrices.about': () => ({
      rows: parameterCount,
      columns: parameterCount,
      units: 1,
      model: { layers: [100, 20, 10], bias: false },
      block: 'full',
      unordered: 'It is not known whose weights its rows and columns are.'
    }),
    'matrices.tile': ({ level, row, column }) => {
      const scale = 2 ** Number(level)
      const size = Math.ceil(parameterCount / scale)
      const rows = Math.min(512, size - Number(row) * 512)
      const columns = Math.min(512, size - Number(column) * 512)
      const values = new Float32Array(Math.max(0, rows * columns))
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++)
          values[i * columns + j] = hessianEntry((Number(row) * 512 + i) * scale, (Number(column) * 512 + j) * scale)
      return { rows, columns, values }
    },
    'matrices.values': ({ row, column, rows, columns }) => ({
      values: Float64Array.from({ length: Number(rows) * Number(columns) }, (_, k) =>
        hessianEntry(Number(row) + Math.floor(k / Number(columns)), Number(column) + (k % Number(columns)))
      )
    }),
    'analyses.damaged': () => ({ sentence: null }),
    'analyses.list': () => [],
    'analyses.all': () => [],
    'snapshots.library': () =>
      [...runs.values()]
        .filter((run) => !run.removed)
        .flatMap((run) =>
          run.snapshots.map((step) => ({
            run: run.summary.id,
            runName: run.meta.name,
            optimizer: run.summary.optimizer,
            dataset: run.summary.dataset,
            step,
            bytes: parameterCount * 17 * 8,
            hessianBytes: step % 20 === 0 ? parameterCount * parameterCount * 8 : 0,
            blocks: ['full'],
            contents: [{ name: 'full', size: parameterCount, units: 1, eigenvalues: true, eigenvectors: 16, hessian: step % 20 === 0 }],
            hessian: step % 20 === 0,
            scope: 'full',
            onDemand: false,
            damage: null,
            pinned: false
          }))
        ),
    'snapshots.prune': ({ run, hessiansOnly }) => {
      const steps = runOf(run)
        .snapshots.slice(1, -1)
        .filter((step) => !hessiansOnly || step % 20 === 0)
      const freed = steps.map((step) => ({ step, bytes: parameterCount * (hessiansOnly ? parameterCount : 17) * 8 }))
      return { steps, freed, bytes: freed.reduce((sum, { bytes }) => sum + bytes, 0) }
    },
    'storage.summary': () => ({
      kinds: (Object.keys(storageKinds) as StorageKind[]).map((kind, k) => ({ kind, bytes: 1e6 * (k + 1) })),
      used: 45e6,
      free: 200e9,
      budget: null
    }),
    'datasets.list': () => datasets,
    'datasets.import': () => ({ job: 'job-1' }),
    'datasets.download': () => ({ job: 'job-1' }),
    'datasets.verify': () => ({ job: 'job-1' }),
    'datasets.thumbnails': ({ id, count }) => {
      const info = datasets.find((one) => one.id === id) ?? datasets[0]
      const [channels, height, width] = info.shape
      const { uniform } = generator(5)
      const pixels = new Uint8Array(Number(count) * channels * height * width)
      for (let i = 0; i < Number(count); i++)
        for (let c = 0; c < channels; c++)
          for (let p = 0; p < height * width; p++) {
            const x = (p % width) / width - 0.5
            const y = Math.floor(p / width) / height - 0.5
            pixels[(i * height * width + p) * channels + c] = Math.min(
              255,
              255 * Math.exp(-(((Math.hypot(x, y * (1 + 0.1 * (i % 4))) - 0.28) * 9) ** 2)) + 30 * uniform()
            )
          }
      const samples = Array.from({ length: Number(count) }, (_, i) => i)
      return { width, height, channels, pixels, labels: samples.map((i) => String(i % 10)), range: null, samples, matched: info.trainCount }
    },
    'datasets.statistics': ({ id }) => {
      const info = datasets.find((one) => one.id === id) ?? datasets[0]
      const names = Array.from({ length: info.classes }, (_, k) => String(k))
      const each = (count: number) => Float64Array.from(names, () => count / info.classes)
      const [channels, height, width] = info.shape
      const counts = Float64Array.from({ length: 256 }, (_, value) => 255 - value)
      const channel = { mean: 84.7, std: 60.1, least: 0, greatest: 254, counts }
      return {
        fine: { names, train: each(info.trainCount), test: each(info.testCount) },
        coarse: null,
        values: {
          samples: info.trainCount,
          perSample: channels * height * width,
          channels: Array.from({ length: channels }, () => channel),
          from: 0,
          to: 255
        }
      }
    },
    'jobs.list': () => [],
    'jobs.cancel': () => ({}),
    'functions.list': () => functions,
    'functions.describe': (input) => {
      const { info, compiled, variables } = expressionOf(String(input.function))
      return (
        info ?? {
          name: String(input.function),
          title: 'Expression',
          formula: compiled.formulas.value,
          variables,
          start: variables.map(() => 0.5),
          view: variables.length === 2 ? [-2, 2, -2, 2] : null
        }
      )
    },
    'functions.grid': (input) => {
      const { compiled } = expressionOf(String(input.function))
      const [x0, x1, y0, y1] = input.view as number[]
      const width = Number(input.width)
      const height = Number(input.height)
      const values = new Float64Array(width * height)
      for (let j = 0; j < height; j++)
        for (let i = 0; i < width; i++)
          values[j * width + i] = compiled.value([x0 + (i / (width - 1)) * (x1 - x0), y1 + (j / (height - 1)) * (y0 - y1)])
      return { values, width, height }
    },
    'functions.local': (input) => {
      const { compiled } = expressionOf(String(input.function))
      const at = input.at as number[]
      const gradient = new Float64Array(at.length)
      const hessian = new Float64Array(at.length ** 2)
      compiled.gradient(at, gradient)
      compiled.hessian(at, hessian)
      const { values, vectors } = eigen2(hessian)
      return { value: compiled.value(at), gradient, hessian, eigenvalues: values, eigenvectors: vectors }
    },
    'functions.play': (input) => {
      const { compiled } = expressionOf(String(input.function))
      const steps = Number(input.steps)
      return {
        trajectories: (input.optimizers as { kind: string; learningRate?: number }[]).map((optimizer) => {
          const points: number[] = [...(input.start as number[])]
          const values = [compiled.value(points)]
          const norms: number[] = []
          let at = [...points]
          let velocity = at.map(() => 0)
          for (let k = 0; k < steps; k++) {
            const gradient = new Float64Array(2)
            const hessian = new Float64Array(4)
            compiled.gradient(at, gradient)
            compiled.hessian(at, hessian)
            norms.push(Math.hypot(...gradient))
            const rate = Number(optimizer.learningRate ?? 0.001)
            let step: number[]
            if (optimizer.kind === 'sfn' || optimizer.kind === 'damped-newton') {
              const { values: l, vectors: v } = eigen2(hessian)
              const weight = [0, 1].map((i) => (optimizer.kind === 'sfn' ? 1 / (Math.abs(l[i]) + 1e-3) : 1 / (l[i] + 1e-3)))
              const dots = [gradient[0] * v[0] + gradient[1] * v[2], gradient[0] * v[1] + gradient[1] * v[3]]
              step = [0, 1].map((i) => -rate * (weight[0] * dots[0] * v[i * 2] + weight[1] * dots[1] * v[i * 2 + 1]))
            } else {
              velocity = velocity.map((value, i) => (optimizer.kind === 'momentum' ? 0.9 : 0) * value - rate * gradient[i])
              step = velocity
            }
            at = at.map((value, i) => value + step[i])
            if (!at.every((value) => Math.abs(value) < 1e6)) break
            points.push(...at)
            values.push(compiled.value(at))
          }
          norms.push(0)
          return {
            optimizer: optimizer.kind,
            points: Float64Array.from(points),
            values: Float64Array.from(values),
            gradNorms: Float64Array.from(norms.slice(0, values.length)),
            outcome: values.length <= steps ? 'left every bound' : 'budget'
          }
        })
      }
    },
    'comparisons.list': () => [],
    'comparisons.save': () => ({ id: 'comparison-1' }),
    'comparisons.get': () => {
      throw new Failure('not-found', 'there is no such comparison')
    },
    'comparisons.remove': () => ({}),
    'studies.list': () => studyList(),
    'studies.get': ({ id }) => {
      const found = studyDetails(String(id))
      if (!found) throw new Failure('not-found', `there is no study ${String(id)}`)
      return found
    },
    'studies.check': ({ spec }) => studyCheck(spec),
    'studies.create': () => ({ id: 'map' }),
    'studies.start': () => ({}),
    'studies.stop': () => ({}),
    'studies.remove': () => ({}),
    'studies.cellSpec': ({ id }) => studyDetails(String(id))?.spec.base ?? {},
    'studies.fairness': ({ id, verify }) => studyFairness(String(id), verify === true),
    'studies.slurm': ({ id }) => ({ states: studySlurm(String(id)) })
  }

  /** Serves one client. */
  function serve(connection: Connection) {
    const own = new Map<number, Subscriber>()
    connections.add(connection)
    const send = (message: Parameters<typeof encodeFrame>[0]) => connection.send(encodeFrame(message))
    send({ type: 'hello', instance: 'fixture' })
    connection.onFrame((frame) => {
      const message = decodeFrame(frame)
      if (message.type === 'subscribe') {
        let sequence = 0
        const subscriber: Subscriber = {
          topic: message.topic,
          id: (message.params as { id?: string }).id ?? null,
          send: (event) => send({ type: 'event', id: message.id, sequence: sequence++, event })
        }
        own.set(message.id, subscriber)
        subscribers.add(subscriber)
        subscriber.send(null)
      } else if (message.type === 'unsubscribe') {
        const subscriber = own.get(message.id)
        if (subscriber) subscribers.delete(subscriber)
      } else if (message.type === 'request') {
        asked.set(message.method, (asked.get(message.method) ?? 0) + 1)
        try {
          const method = methods[message.method as MethodName]
          if (!method) throw new Failure('not-found', `the fixture does not know ${message.method}`)
          send({ type: 'response', id: message.id, ok: true, data: method(message.input as Record<string, unknown>) })
        } catch (error) {
          const { code, message: text } = error as Failure
          send({ type: 'response', id: message.id, ok: false, error: { code: code ?? 'bad-request', message: text } })
        }
      }
    })
    connection.onClose(() => {
      connections.delete(connection)
      for (const subscriber of own.values()) subscribers.delete(subscriber)
    })
  }
  return {
    serve,
    runs,
    asked,
    flood(steps) {
      const run = [...runs.values()].find((one) => one.status.state === 'running')
      if (!run) throw new Error('no run is running')
      for (let i = 0; i < steps; i++) {
        advance(run)
        if (i % 50 === 0) changed(run)
      }
      changed(run)
    },
    drop() {
      for (const connection of connections) connection.close()
    },
    addRuns(count) {
      for (let i = 0; i < count; i++) {
        const id = `many-${i}`
        runs.set(
          id,
          makeRun({
            id,
            name: `Run number ${i}`,
            kind: 'gd',
            optimizer: {},
            state: 'done',
            steps: 3,
            done: 3,
            rate: 0.01 * (1 + (i % 9)),
            seed: i,
            age: 1000 + i,
            secondOrder: false
          })
        )
      }
    }
  }
}
