// Invented studies: a heat map in every state of its cells, lines with bands, a face-off, and one of words only.
import type { Fairness, StudyCheck, StudyDetails, StudyRow, StudyRunRow, StudySummary } from '../../src/shared/api/contract'
import { summaryOf } from '../../src/shared/studies/details'
import type { SlurmStates } from '../../src/shared/studies/slurm'
import type { Json, StudySpec } from '../../src/shared/studies/spec'
import { generator, specOf } from './fake-data'

interface Plan {
  readonly id: string
  readonly name: string
  readonly state: StudySummary['state']
  readonly axes: StudyDetails['axes']
  readonly spec: Pick<StudySpec, 'axes' | 'optimizers' | 'seeds' | 'target'>
  readonly cells: readonly { readonly values: Record<string, Json>; readonly optimizer: number | null }[]
  readonly value: (values: Record<string, Json>, optimizer: number | null) => number
  /** State of a run; done where it says nothing. */
  readonly stateOf?: (cell: number, seed: number) => StudyRunRow['state'] | undefined
  readonly on?: StudyDetails['on']
}

function row(plan: Plan, index: number): StudyRow {
  const { values, optimizer } = plan.cells[index]
  const { normal } = generator(4000 + index)
  const runs = Array.from({ length: plan.spec.seeds }, (_, seed): StudyRunRow => {
    const state = plan.stateOf?.(index, seed) ?? 'done'
    const value = state === 'done' ? plan.value(values, optimizer) * (1 + 0.06 * normal()) : null
    return { run: `${plan.id}-${String(index).padStart(4, '0')}-${seed}`, seed, state, value, step: value === null ? null : 100 }
  })
  const known = runs.flatMap(({ value }) => (value === null ? [] : [value]))
  const mean = known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
  const std =
    mean === null || known.length < 2 ? null : Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (known.length - 1))
  const steps = known.length === 0 ? null : 60 + index
  const costs =
    steps === null
      ? null
      : {
          reached: known.length,
          steps,
          epochs: steps / 5,
          seconds: steps * 0.14,
          gradientEvaluations: steps * 200,
          learningRateTime: steps * 0.1
        }
  return { index, values, optimizer, n: known.length, of: runs.length, mean, std, costs, runs }
}

function details(plan: Plan): StudyDetails {
  const table = plan.cells.map((_, index) => row(plan, index))
  const complete = table.filter(({ n, of }) => n === of)
  const best = complete.reduce<StudyRow | null>((one, other) => (one === null || Number(other.mean) < Number(one.mean) ? other : one), null)
  const runs = table.flatMap((cell) => cell.runs)
  const on = plan.on ?? 'training'
  const metric = { training: 'loss', validation: 'valLoss', test: 'testLoss' }[on]
  return {
    id: plan.id,
    name: plan.name,
    createdAt: new Date(Date.now() - 3_600_000).toISOString(),
    state: plan.state,
    cells: table.length,
    runs: runs.length,
    finished: runs.filter(({ state }) => state === 'done').length,
    failed: runs.filter(({ state }) => state === 'failed' || state === 'diverged').length,
    running: runs.filter(({ state }) => state === 'running').length,
    selection: `${metric}, lowest at the last step, mean over ${plan.spec.seeds} seeds; ${on}`,
    best: best === null ? null : { cell: best.index, mean: Number(best.mean), std: best.std },
    optimizers: plan.spec.optimizers?.map(({ optimizer }) => optimizer.kind) ?? ['sfn'],
    damage: null,
    spec: {
      schemaVersion: 1,
      name: plan.name,
      base: specOf(plan.name, { kind: 'sfn', learningRate: 0.1 }, 100),
      sampleSeed: 0,
      analyse: [],
      select: { metric, goal: 'min', at: 'last' },
      parallel: 2,
      ...plan.spec
    },
    axes: plan.axes,
    on,
    table,
    etaSeconds: plan.state === 'running' ? 95 : null,
    notes: []
  }
}

const rates = [0.01, 0.03, 0.1, 0.3, 1, 3]
const dampings = [1e-4, 1e-3, 1e-2, 0.1, 1]
const rate = { path: 'optimizer.learningRate', label: 'Learning rate', numeric: true, scale: null, values: rates } as const
const damping = { path: 'optimizer.damping.value', label: 'δ', numeric: true, scale: 'log', values: dampings } as const
const bowl = (eta: number, delta: number) => 0.02 + 0.1 * (Math.log10(eta) + 0.5) ** 2 + 0.05 * (Math.log10(delta) + 2) ** 2
const adam = { kind: 'adam', learningRate: 0.01 } as never
const sfn = { kind: 'sfn', learningRate: 1 } as never

const plans: readonly Plan[] = [
  {
    id: 'map',
    name: 'Learning rate and damping',
    state: 'running',
    axes: [damping, rate],
    spec: {
      axes: [
        { path: damping.path, from: 1e-4, to: 1, count: 5, scale: 'log' },
        { path: rate.path, values: rates }
      ],
      optimizers: null,
      seeds: 3,
      target: null
    },
    cells: dampings.flatMap((delta) => rates.map((eta) => ({ values: { [damping.path]: delta, [rate.path]: eta }, optimizer: null }))),
    value: (values) => bowl(Number(values[rate.path]), Number(values[damping.path])),
    stateOf: (cell, seed) =>
      cell >= 27
        ? 'planned'
        : cell === 26
          ? seed === 0
            ? 'running'
            : 'queued'
          : cell % 6 === 5 && cell < 15
            ? 'diverged'
            : cell === 9 && seed === 2
              ? 'failed'
              : undefined
  },
  {
    id: 'band',
    name: 'Learning rates of momentum',
    state: 'done',
    on: 'validation',
    axes: [rate],
    spec: { axes: [{ path: rate.path, values: rates }], optimizers: null, seeds: 5, target: null },
    cells: rates.map((eta) => ({ values: { [rate.path]: eta }, optimizer: null })),
    value: (values) => bowl(Number(values[rate.path]), 0.01),
    stateOf: (cell) => (cell === 5 ? 'diverged' : undefined)
  },
  {
    id: 'race',
    name: 'Face-off, each tuned',
    state: 'stopped',
    axes: [rate],
    spec: {
      axes: [],
      optimizers: [
        { optimizer: sfn, axes: [{ path: rate.path, values: rates.slice(3) }] },
        { optimizer: adam, axes: [{ path: rate.path, values: rates.slice(0, 3) }] }
      ],
      seeds: 3,
      target: { metric: 'loss', value: 0.2 }
    },
    cells: [0, 1].flatMap((optimizer) =>
      rates.slice(optimizer === 0 ? 3 : 0, optimizer === 0 ? 6 : 3).map((eta) => ({ values: { [rate.path]: eta }, optimizer }))
    ),
    value: (values, optimizer) => bowl(Number(values[rate.path]), 0.01) * (1 + Number(optimizer)),
    stateOf: (cell, seed) => (cell === 5 && seed > 0 ? 'planned' : undefined)
  },
  {
    id: 'words',
    name: 'Activations, chosen by test figures',
    state: 'done',
    on: 'test',
    axes: [{ path: 'model.activation', label: 'Activation', numeric: false, scale: null, values: [{ kind: 'tanh' }, { kind: 'relu' }] }],
    spec: { axes: [{ path: 'model.activation', values: [{ kind: 'tanh' }, { kind: 'relu' }] }], optimizers: null, seeds: 2, target: null },
    cells: [{ kind: 'tanh' }, { kind: 'relu' }].map((value) => ({ values: { 'model.activation': value }, optimizer: null })),
    value: (values) => ((values['model.activation'] as { kind: string }).kind === 'tanh' ? 0.1 : 0.2)
  }
]
const studies: readonly StudyDetails[] = plans.map(details)

export const studyList = (): StudySummary[] => studies.map(summaryOf)
export const studyDetails = (id: string): StudyDetails | null => studies.find((one) => one.id === id) ?? null

const parts = (place: string) => ({
  weights: { hash: 'a1'.repeat(32), same: true },
  projection: { hash: null, same: true },
  batches: { hash: `b${place}`.repeat(32), same: true },
  dataset: { hash: 'c3'.repeat(32), same: true }
})
export const studyFairness = (id: string, verified: boolean): Fairness => {
  const seeds = studyDetails(id)?.spec.seeds ?? 0
  const groups = Array.from({ length: seeds }, (_, seed) => ({
    seed,
    cells: [0, 1, 2, 3, 4, 5],
    recorded: 5,
    of: 6,
    ...parts(String(seed))
  }))
  if (!verified) return { verified, groups, findings: [] }
  return {
    verified,
    groups: groups.map((group) => (group.seed === 1 ? { ...group, weights: { ...group.weights, same: false } } : group)),
    findings: [
      {
        run: `${id}-0003-1`,
        what: 'weights',
        sentence: 'its start weights, computed anew from its checkpoint of step 0, are not those of the other runs of seed 1.'
      }
    ]
  }
}

/** Knows of the axes only: nothing may vary in two ways, and something must vary. */
export function studyCheck(spec: unknown): StudyCheck {
  const {
    axes = [],
    optimizers = null,
    seeds = 1
  } = spec as {
    axes?: { path: string; values?: unknown[]; count?: number; sample?: number }[]
    optimizers?: unknown[] | null
    seeds?: number
  }
  const problems = axes.flatMap(({ path, values }, place) =>
    values?.length === 0 ? [{ path: `axes.${place}.values`, message: `${path}: needs at least one value` }] : []
  )
  if (axes.length === 0 && optimizers === null) problems.push({ path: 'axes', message: 'nothing varies: give an axis or optimizers' })
  const cells = axes.reduce(
    (product, { values, count, sample }) => product * (values?.length ?? count ?? sample ?? 1),
    optimizers?.length ?? 1
  )
  const bad = problems.length > 0
  return {
    problems,
    cells: bad ? 0 : cells,
    runs: bad ? 0 : cells * Number(seeds),
    estimate: { seconds: bad ? null : cells * 14, bytes: bad ? null : cells * 400_000 },
    selection: bad ? '' : `loss, lowest at the last step, mean over ${seeds} seeds; training`
  }
}

/** The heat map's study is on a cluster: some jobs have ended, one badly, one runs, others wait. */
export function studySlurm(id: string): SlurmStates | null {
  const study = id === 'map' ? studyDetails(id) : null
  if (!study) return null
  const runs = study.table.flatMap((row) => row.runs.map(({ run }) => run))
  const shares = Array.from({ length: 6 }, (_, k) => runs.slice(Math.floor((k * runs.length) / 6), Math.floor(((k + 1) * runs.length) / 6)))
  const job = (place: number, state: string, reason: string | null, node: string | null, exit: string | null) => ({
    job: `412_${place}`,
    state,
    reason,
    node,
    exit,
    runs: shares[place]
  })
  return {
    arrays: [
      {
        schemaVersion: 1,
        number: 1,
        job: '412',
        submittedAt: study.createdAt,
        host: 'login1',
        partition: 'short',
        time: '30',
        cpusPerTask: 2,
        secondsPerRun: 41
      }
    ],
    jobs: [
      job(0, 'COMPLETED', null, 'node07', '0:0'),
      job(1, 'NODE_FAIL', 'NodeFail', 'node08', '0:0'),
      job(2, 'RUNNING', null, 'node07', null),
      job(3, 'PENDING', 'JobArrayTaskLimit', null, null),
      job(4, 'PENDING', 'JobArrayTaskLimit', null, null),
      job(5, 'CANCELLED', null, 'node11', '0:15')
    ],
    fault: null
  }
}
