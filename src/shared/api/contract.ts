// The one list of what the page (or any client) may ask of the workbench: a schema for every input, a type for every output.
import { z } from 'zod'
import { csvOptionsSchema } from '../datasets/schema'
import type { SnapshotCurvature } from '../run/curvature'
import { runColumnSchema, type RunValue } from '../run/column'
import type { ProbeResult } from '../run/calibration'
import type { DataFacts, SpecEstimate } from '../run/estimate'
import type { Available } from '../run/fit'
import type { MetricsLine, RunMeta, RunStatus, SnapshotManifest } from '../run/schema'
import type { RunSummary } from '../run/summary'
import type { PresetInfo } from '../spec/preset-list'
import type { SpecProblem } from '../spec/problem'
import { runIdPattern, scopes, type RunSpec, type Scope } from '../spec/schema'

/** How a call failed: a code for programs, one sentence for people. */
export interface ApiError {
  readonly code: 'bad-request' | 'not-found' | 'conflict' | 'unavailable' | 'cancelled' | 'internal'
  readonly message: string
  /** For a bad spec: each fault with its path. */
  readonly problems?: readonly SpecProblem[]
}

/** What a running run is doing right now. */
export interface LivePhase {
  readonly step: number
  readonly phase: string
  readonly fraction: number
  readonly etaSeconds: number | null
}

export interface SpecCheck {
  /** Complete, defaults filled in; null when there is a problem. */
  readonly spec: RunSpec | null
  readonly problems: readonly SpecProblem[]
  readonly estimate: SpecEstimate | null
  /** After transforms; null for a function, or while the data are not known. */
  readonly data: DataFacts | null
  readonly available: Available
}

export interface RunDetails {
  readonly summary: RunSummary
  readonly spec: RunSpec
  readonly meta: RunMeta
  readonly status: RunStatus
  readonly live: LivePhase | null
  readonly snapshots: readonly {
    readonly step: number
    readonly bytes: number
    readonly blocks: readonly string[]
    readonly hessian: boolean
  }[]
  readonly checkpoints: readonly number[]
}

export interface MetricsTable {
  readonly steps: Float64Array
  /** NaN where a step has no such figure, no line at all, or one that is not finite. A figure by block is named `lambdaMin.W1`. */
  readonly columns: Readonly<Record<string, Float64Array>>
  /** The same, smoothed over every step before any were left out; empty unless asked for. */
  readonly smoothed: Readonly<Record<string, Float64Array>>
  /** Steps whose figure of that name is NaN or infinite (null in metrics.ndjson), thinned like the rows but never to none; names without any are left out. */
  readonly notFinite: Readonly<Record<string, Float64Array>>
  /** All names this run has, asked for or not. */
  readonly available: readonly string[]
  /** Steps behind the answer before decimation. */
  readonly total: number
  /** Steps of the run that have no whole line in metrics.ndjson: first and last of each piece. */
  readonly missing: readonly (readonly [first: number, last: number])[]
  /** Lines of the file that are none of the run's. */
  readonly damaged: number
}

/** Histograms of one array over the evaluations: in each list an entry an evaluation, NaN where there is none (gradients at step 0). */
export interface HistogramSeries {
  /** Lower edge of the first bin and upper edge of the last: bin i begins at from + i·(to − from)/bins, the last one holds its upper edge too. */
  readonly from: Float64Array
  readonly to: Float64Array
  readonly min: Float64Array
  readonly max: Float64Array
  readonly mean: Float64Array
  /** Of all entries: the root of their mean squared distance from the mean. */
  readonly std: Float64Array
  /** Entries that are exactly 0. */
  readonly zeros: Float64Array
  /** Evaluations × bins, row-major; a row adds up to the number of entries (0 where there is no histogram). */
  readonly counts: Float64Array
}

/** Weights and gradients by array over a run's evaluations; without evaluations where the spec does not ask for them (`evaluate.histograms`). */
export interface HistogramTable {
  /** Steps of the evaluations, ascending; 0 is the start. */
  readonly steps: Float64Array
  readonly bins: number
  /** Arrays as in weights.npz, in order: W1, b1, W2, … */
  readonly layers: readonly string[]
  /** By array: `weights` after the step, `gradients` of the step's batch before its update. */
  readonly series: Readonly<
    Record<string, { readonly count: number; readonly weights: HistogramSeries; readonly gradients: HistogramSeries }>
  >
  /** Evaluations behind the answer before some were left out. */
  readonly total: number
  /** Lines of the file that are none of the run's. */
  readonly damaged: number
}

/** Where a run's time went, over all of its steps. */
export interface RunTimes {
  /** Seconds of each named part of the steps, largest first; what they leave of `stepSeconds` is the rest of the steps (gradients above all). */
  readonly phases: readonly { readonly name: string; readonly seconds: number }[]
  readonly stepSeconds: number
  /** Steps that have a line. */
  readonly steps: number
  /** Since the start, evaluations, snapshots and checkpoints included; null for runs that did not count it. */
  readonly wallSeconds: number | null
}

/** One figure of several runs over one axis; each place is one of the whole, none an average of several places. */
export interface AggregateCurve {
  readonly x: Float64Array
  readonly mean: Float64Array
  /** With n − 1 below the root; NaN where there is one run. */
  readonly deviation: Float64Array
  readonly low: Float64Array
  readonly high: Float64Array
  /** Runs that have a finite value there. */
  readonly count: Float64Array
  /** Values were taken between two points of a run, linearly: its axis is not that of the steps. */
  readonly interpolated: boolean
  /** Places behind the answer before decimation. */
  readonly total: number
}

export interface DatasetInfo {
  readonly id: string
  readonly title: string
  readonly state: 'built-in' | 'installed' | 'available'
  readonly trainCount: number
  readonly testCount: number
  /** e.g. [3, 32, 32], or [100]. */
  readonly shape: readonly number[]
  readonly classes: number
  readonly partial: boolean
  readonly bytes: number
  readonly licence: string
  readonly source: string
}

export interface JobInfo {
  readonly id: string
  readonly kind: string
  readonly title: string
  /** The run that it works on, if any. */
  readonly run?: string
  readonly state: 'running' | 'done' | 'failed' | 'cancelled'
  readonly fraction: number
  readonly etaSeconds: number | null
  readonly message: string
  /** What a finished probe measured, a spec each. */
  readonly result?: readonly ProbeResult[]
  /** The dataset or run that a finished job made or was about. */
  readonly made?: { readonly kind: 'dataset' | 'run'; readonly id: string }
}

/** What a snapshot on demand will take. */
export interface SnapshotCost {
  readonly scope: Scope
  readonly blocks: readonly { readonly name: string; readonly size: number; readonly units: number }[]
  /** Samples of the batch; null where the dataset cannot be asked. */
  readonly samples: number | null
  /** Memory at the peak of the curvature's own work; null where the run's parameters are not known. */
  readonly peakBytes: number | null
  readonly freeMemory: number
  /** Of the whole snapshot, at most. */
  readonly diskBytes: number | null
  readonly freeBytes: number | null
  /** Of the run's snapshots, and the most they may take (snapshots.maxBytes). */
  readonly storedBytes: number
  readonly maxBytes: string
  /** Rough, from the measured speed of matrix products. */
  readonly seconds: number | null
  /** The snapshot of this step that is there already. */
  readonly existing: { readonly scope: string; readonly eigenvectors: number; readonly hessian: boolean } | null
  /** Why it cannot be made, one sentence; null when it can. */
  readonly refusal: string | null
}

export interface DoctorRow {
  readonly name: string
  readonly value: string
  readonly ok: boolean
}

export interface AppInfo {
  readonly version: string
  readonly workspace: string
  readonly platform: string
  readonly backend: { readonly kind: string; readonly description: string; readonly threads: number } | null
  readonly freeBytes: number | null
  /** `electron` or `browser`. */
  readonly shell: string
}

export interface FunctionInfo {
  readonly name: string
  readonly title: string
  readonly formula: string
  readonly variables: readonly string[]
  readonly start: readonly number[]
  /** [x0, x1, y0, y1], for two variables. */
  readonly view: readonly [number, number, number, number] | null
}

export interface Trajectory {
  readonly optimizer: string
  /** (steps + 1) × variables, row-major, the start first. */
  readonly points: Float64Array
  readonly values: Float64Array
  readonly gradNorms: Float64Array
  /** `budget`, `converged`, or why it stopped, in one sentence. */
  readonly outcome: string
}

export type RunEvent =
  | { readonly kind: 'step'; readonly line: MetricsLine }
  | ({ readonly kind: 'phase' } & LivePhase)
  | { readonly kind: 'snapshot'; readonly step: number }
  | { readonly kind: 'checkpoint'; readonly step: number }
  | { readonly kind: 'state'; readonly summary: RunSummary }

export type RunsEvent = { readonly kind: 'changed'; readonly summary: RunSummary } | { readonly kind: 'removed'; readonly id: string }
export type JobsEvent = { readonly kind: 'job'; readonly job: JobInfo }

const id = z.string().regex(runIdPattern, 'must be a run id')
const step = z.number().int().nonnegative()
const name = z.string().min(1).max(100)
const blockAt = { run: id, step, block: name }
/** A snapshot on demand. `scope` null: the one that the run itself would take. */
const snapshotWish = {
  run: id,
  step,
  scope: z.enum(scopes).nullable().default(null),
  eigenvectors: z.union([z.literal('all'), z.number().int().nonnegative().max(1_000_000)]).default(16),
  hessian: z.boolean().default(false)
}
const empty = z.strictObject({})

/** An input schema with the type of the answer. */
export interface Method<Input extends z.ZodType, Output> {
  readonly input: Input
  /** Never set: carries the type. */
  readonly output?: Output
}
const method =
  <Output>() =>
  <Input extends z.ZodType>(input: Input): Method<Input, Output> => ({ input })

export const methods = {
  'app.info': method<AppInfo>()(empty),
  'app.doctor': method<DoctorRow[]>()(empty),
  'settings.get': method<Record<string, unknown>>()(empty),
  'settings.set': method<Record<string, unknown>>()(z.strictObject({ values: z.record(z.string().max(60), z.json()) })),

  'presets.list': method<PresetInfo[]>()(empty),
  /** Fills in defaults and names every fault; never throws for a bad spec. */
  'spec.check': method<SpecCheck>()(z.strictObject({ spec: z.json() })),
  /** Does a few real steps of each spec in memory, without a run folder, and measures them; the job's result has a measurement a spec. */
  'spec.probe': method<{ job: string }>()(z.strictObject({ specs: z.array(z.json()).min(1).max(50) })),

  'runs.list': method<{ rows: RunSummary[]; matched: number; total: number }>()(
    z.strictObject({
      filter: z.string().max(500).default(''),
      sort: z.string().max(60).default('createdAt'),
      descending: z.boolean().default(true),
      offset: z.number().int().nonnegative().default(0),
      limit: z.number().int().positive().max(20_000).default(20_000)
    })
  ),
  'runs.get': method<RunDetails>()(z.strictObject({ id })),
  /** One run a spec; several get the same group. They are queued unless `start` is false. */
  'runs.create': method<{ ids: string[] }>()(
    z.strictObject({
      specs: z.array(z.json()).min(1).max(50),
      group: z.string().max(100).nullable().default(null),
      start: z.boolean().default(true),
      /** The user was told that it does not fit into memory, disk or a year, and wants it; otherwise that is a conflict. */
      confirmed: z.boolean().default(false),
      /** The run whose spec was taken and changed; their logs say so. */
      copyOf: id.optional()
    })
  ),
  'runs.start': method<Record<string, never>>()(
    z.strictObject({ id, allowOtherBackend: z.boolean().default(false), budget: z.record(z.string(), z.number().nullable()).optional() })
  ),
  'runs.pause': method<Record<string, never>>()(z.strictObject({ id })),
  'runs.stop': method<Record<string, never>>()(z.strictObject({ id })),
  'runs.update': method<RunSummary>()(
    z.strictObject({
      id,
      name: z.string().max(200).optional(),
      tags: z.array(z.string().min(1).max(100)).optional(),
      notes: z.string().max(100_000).optional(),
      pinned: z.boolean().optional(),
      colour: z
        .string()
        .regex(/^#[0-9a-f]{6}$/)
        .nullable()
        .optional(),
      group: z.string().max(100).nullable().optional()
    })
  ),
  'runs.remove': method<{ bytes: number }>()(z.strictObject({ ids: z.array(id).min(1).max(20_000) })),
  'runs.restore': method<Record<string, never>>()(z.strictObject({ ids: z.array(id).min(1).max(20_000) })),
  'runs.metrics': method<MetricsTable>()(
    z.strictObject({
      id,
      columns: z.array(z.string().max(100)).max(100),
      from: step.optional(),
      to: step.optional(),
      /** Pixel columns to decimate to by minimum and maximum; left out: every step. */
      pixels: z.number().int().positive().max(20_000).optional(),
      /** Weight of an exponential moving average, from 0 (none). */
      smooth: z.number().min(0).max(0.999).optional()
    })
  ),
  /** At most `most` evaluations, evenly spaced, the first and the last among them. */
  'runs.histograms': method<HistogramTable>()(z.strictObject({ id, most: z.number().int().min(2).max(10_000).default(400) })),
  /** Table columns of many runs, each in the order of `ids`; `steps` (of metrics) says which step a value is from. */
  'runs.values': method<{ columns: { values: readonly RunValue[]; steps: readonly (number | null)[] | null }[] }>()(
    z.strictObject({ ids: z.array(id).max(1000), columns: z.array(runColumnSchema).max(50) })
  ),
  /** Paths of the specs and names of the metrics of these runs, to choose columns from. */
  'runs.fields': method<{ paths: readonly string[]; metrics: readonly string[] }>()(z.strictObject({ ids: z.array(id).max(50) })),
  /** Several runs as one: mean, sample deviation and extremes of each figure, of every step before any are left out. Figures that none has are left out. */
  'runs.aggregate': method<{ columns: Record<string, AggregateCurve> }>()(
    z.strictObject({
      ids: z.array(id).min(1).max(200),
      columns: z.array(z.string().max(100)).max(100),
      /** The axis: `step`, or a column that grows with the steps such as `seconds`, on which runs are interpolated between their own points. */
      x: z.string().max(100).default('step'),
      pixels: z.number().int().positive().max(20_000).optional(),
      /** As of `runs.metrics`, of each run before they are taken together. */
      smooth: z.number().min(0).max(0.999).optional()
    })
  ),
  'runs.times': method<RunTimes>()(z.strictObject({ id })),
  'runs.log': method<{ lines: { time: string; message: string }[] }>()(
    z.strictObject({ id, tail: z.number().int().positive().max(10_000).default(500) })
  ),
  'runs.files': method<{ name: string; bytes: number }[]>()(z.strictObject({ id })),

  /** What runs (`secondsLeft` null: not known) and what waits, in order. `held`: waits for a word and lets others pass. `startsIn`: seconds, by the present pace. */
  'queue.list': method<{
    most: number
    running: { id: string; secondsLeft: number | null }[]
    waiting: { id: string; held: boolean; seconds: number | null; startsIn: number | null }[]
  }>()(empty),
  /** Puts a waiting run before another one; null: at the end. */
  'queue.move': method<Record<string, never>>()(z.strictObject({ id, before: id.nullable() })),
  'queue.hold': method<Record<string, never>>()(z.strictObject({ ids: z.array(id).min(1).max(20_000) })),
  'queue.release': method<Record<string, never>>()(z.strictObject({ ids: z.array(id).min(1).max(20_000) })),
  /** Starts it beside what is running, when memory holds both. */
  'queue.start': method<Record<string, never>>()(z.strictObject({ id })),
  /** A run folder, a zip (or .saddlescope) of one, or a .npy array, by its path on the workbench's machine; uploads go below `uploads/` first. */
  'runs.import': method<{ job: string }>()(z.strictObject({ path: z.string().min(1).max(4000) })),
  /** Writes a run (a zip when `out` ends in .zip, else a folder), or one of its files, to a path. In the desktop app only: a browser downloads. */
  'runs.export': method<{ job: string }>()(
    z.strictObject({ id, file: z.string().min(1).max(1000).nullable().default(null), out: z.string().min(1).max(4000) })
  ),

  /** Extreme eigenvalues and index of every snapshot that has eigenvalues, exact, by ascending step. */
  'snapshots.curvature': method<SnapshotCurvature[]>()(z.strictObject({ run: id })),
  'snapshots.manifest': method<SnapshotManifest>()(z.strictObject({ run: id, step })),
  'snapshots.eigenvalues': method<{ values: Float64Array; units: number }>()(z.strictObject(blockAt)),
  /** `index` is the eigenvalue's place in ascending order; not-found when its vector was not stored. */
  'snapshots.eigenvector': method<{ vector: Float64Array; value: number; residual: number | null }>()(
    z.strictObject({ ...blockAt, index: z.number().int().nonnegative() })
  ),
  /** A 512 × 512 tile (smaller at the edges); level 0 is the matrix itself, each further level halves it keeping the entry of largest magnitude. */
  'snapshots.tile': method<{ rows: number; columns: number; values: Float32Array }>()(
    z.strictObject({
      ...blockAt,
      level: z.number().int().nonnegative().max(20),
      row: z.number().int().nonnegative(),
      column: z.number().int().nonnegative()
    })
  ),
  'snapshots.entry': method<{ value: number }>()(
    z.strictObject({ ...blockAt, row: z.number().int().nonnegative(), column: z.number().int().nonnegative() })
  ),
  'snapshots.library':
    method<{ run: string; runName: string; step: number; bytes: number; blocks: string[]; hessian: boolean; pinned: boolean }[]>()(empty),
  /** Lets snapshots go: the first, the last, every `keepEvery`-th and the pinned ones stay. `hessiansOnly` keeps spectra and vectors. */
  'snapshots.prune': method<{ steps: number[]; bytes: number }>()(
    z.strictObject({ run: id, keepEvery: z.number().int().positive().nullable().default(null), hessiansOnly: z.boolean().default(false) })
  ),
  'snapshots.cost': method<SnapshotCost>()(z.strictObject(snapshotWish)),
  /** Computes the snapshot of a stored checkpoint afterwards, in a job. One that is there already is replaced only where `replace` says so. */
  'snapshots.compute': method<{ job: string }>()(z.strictObject({ ...snapshotWish, replace: z.boolean().default(false) })),
  /** A pinned snapshot is never pruned. */
  'snapshots.pin': method<Record<string, never>>()(z.strictObject({ run: id, step, pinned: z.boolean() })),

  /** Newest first. `entry` tells removed runs of one id apart; `bytes` are those of all its files. */
  'trash.list': method<{ entry: string; id: string; name: string; bytes: number; removedAt: string }[]>()(empty),
  'trash.restore': method<Record<string, never>>()(z.strictObject({ entries: z.array(name).min(1).max(20_000) })),
  /** Deletes for good what was removed: all of it, or these entries. */
  'trash.empty': method<{ count: number; bytes: number }>()(z.strictObject({ entries: z.array(name).max(20_000).optional() })),

  'datasets.list': method<DatasetInfo[]>()(empty),
  /** `header`, `separator`, `target`, `classes` are for files of separated values and refused for others. */
  'datasets.import': method<{ job: string }>()(
    z.strictObject({ path: z.string().min(1).max(4000), id: id.optional(), ...csvOptionsSchema.shape })
  ),
  'datasets.download': method<{ job: string }>()(z.strictObject({ name })),
  /** Deletes an installed dataset for good; refused while a run that uses it is queued or running. `runs` still refer to it. */
  'datasets.remove': method<{ bytes: number; runs: string[] }>()(z.strictObject({ id: name })),
  'datasets.verify': method<{ job: string }>()(z.strictObject({ name })),
  /** Pixels are picture after picture, row by row, the channels of a pixel together. */
  'datasets.thumbnails': method<{ width: number; height: number; channels: number; pixels: Uint8Array; labels: string[] }>()(
    z.strictObject({
      id: name,
      split: z.enum(['train', 'test']).default('train'),
      offset: step.default(0),
      count: z.number().int().positive().max(200).default(40)
    })
  ),

  'jobs.list': method<JobInfo[]>()(empty),
  'jobs.cancel': method<Record<string, never>>()(z.strictObject({ id: name })),

  'functions.list': method<FunctionInfo[]>()(empty),
  'functions.describe': method<FunctionInfo>()(z.strictObject({ function: z.string().min(1).max(2000) })),
  /** Values on a grid, rows from the top (largest y), and at one point the gradient, Hessian and its eigenpairs. */
  'functions.grid': method<{ values: Float64Array; width: number; height: number }>()(
    z.strictObject({
      function: z.string().min(1).max(2000),
      view: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      width: z.number().int().min(2).max(800),
      height: z.number().int().min(2).max(800)
    })
  ),
  'functions.local': method<{
    value: number
    gradient: Float64Array
    hessian: Float64Array
    eigenvalues: Float64Array
    eigenvectors: Float64Array
  }>()(z.strictObject({ function: z.string().min(1).max(2000), at: z.array(z.number()).min(1).max(100) })),
  'functions.play': method<{ trajectories: Trajectory[] }>()(
    z.strictObject({
      function: z.string().min(1).max(2000),
      optimizers: z.array(z.json()).min(1).max(12),
      start: z.array(z.number()).min(1).max(10_000),
      steps: z.number().int().positive().max(100_000)
    })
  ),

  'comparisons.list': method<{ id: string; name: string; runs: string[]; createdAt: string }[]>()(empty),
  'comparisons.save': method<{ id: string }>()(
    z.strictObject({ id: id.optional(), name: z.string().min(1).max(200), runs: z.array(id).max(200), view: z.json() })
  ),
  'comparisons.get': method<{ id: string; name: string; runs: string[]; view: unknown }>()(z.strictObject({ id })),
  'comparisons.remove': method<Record<string, never>>()(z.strictObject({ id }))
} as const

export type Methods = typeof methods
export type MethodName = keyof Methods
export type MethodInput<Name extends MethodName> = z.input<Methods[Name]['input']>
export type MethodOutput<Name extends MethodName> = NonNullable<Methods[Name]['output']>

/** Subscriptions: events with a sequence number; after a gap the client gets `reset` and asks afresh. */
export interface Topics {
  runs: { params: Record<string, never>; event: RunsEvent }
  run: { params: { id: string }; event: RunEvent }
  jobs: { params: Record<string, never>; event: JobsEvent }
}
export type TopicName = keyof Topics
export const topicParams = { runs: empty, run: z.strictObject({ id }), jobs: empty } as const satisfies Record<TopicName, z.ZodType>
