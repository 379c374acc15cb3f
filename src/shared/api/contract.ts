// The one list of what the page (or any client) may ask of the workbench: a schema for every input, a type for every output.
import { z } from 'zod'
import { analysisKindNames } from '../analyses/kinds'
import type { BasinPixels } from '../analyses/map'
import type { DatasetStatistics, Thumbnails } from '../datasets/inspection'
import { csvOptionsSchema } from '../datasets/schema'
import { modelImportSchema, type ModelInspection } from '../models/inspection'
import type { Recognized } from '../open-kinds'
import type { SpectrumCourse } from '../run/course'
import type { SnapshotCurvature } from '../run/curvature'
import { analysisNamePattern, matrixOrders, parseMatrix, type MatrixPlace } from '../run/matrix'
import { runColumnSchema, type RunValue } from '../run/column'
import type { SnapshotManifest } from '../run/schema'
import type { RunSummary } from '../run/summary'
import type { PresetInfo } from '../spec/preset-list'
import { deviceNames, runIdPattern, scopes, type RunSpec } from '../spec/schema'
import type { SlurmStates } from '../studies/slurm'
import type { Fairness, StudiesEvent, StudyCheck, StudyDetails, StudySummary } from '../studies/answers'
import { studyIdPattern } from '../studies/spec'
import type {
  SpecCheck,
  RunDetails,
  MetricsTable,
  HistogramTable,
  RunTimes,
  AggregateCurve,
  DatasetInfo,
  JobInfo,
  JobPreview,
  AnalysisCost,
  AnalysisEntry,
  AnalysisInfo,
  MatrixFacts,
  SnapshotCost,
  SnapshotEntry,
  PruneAnswer,
  StorageSummary,
  UnitPatterns,
  DoctorRow,
  AppInfo,
  FunctionInfo,
  Trajectory,
  RunEvent,
  RunsEvent,
  JobsEvent,
  SettingsEvent
} from './answers'

export type * from './answers'
export type * from '../models/inspection'
export type * from '../studies/answers'

/** What names a folder or a file of the workspace: checked before anything looks for it. */
const folderName = (what: string, pattern = runIdPattern) =>
  z
    .string()
    .regex(pattern, `must be a ${what}`)
    .refine((text) => !deviceNames.test(text), `must be a ${what}, not the name of a device on Windows`)
const id = folderName('run id')
const dataset = folderName('dataset id')
const study = folderName('study id', studyIdPattern)
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
const matrix = z
  .string()
  .max(200)
  .refine((text) => parseMatrix(text) !== null, 'must be RUN:STEP/BLOCK, or RUN:NAME of an analysis')
  .transform((text) => parseMatrix(text) as MatrixPlace)
const order = z.enum(matrixOrders).default('stored')
const place = z.number().int().nonnegative()
const count = z.number().int().positive()
/** Common to what deletes snapshots of a run. */
const pruning = {
  run: id,
  /** Only the Hessians go; eigenvalues, vectors and weights stay. */
  hessiansOnly: z.boolean().default(false),
  /** Says what would go, and leaves it. */
  dryRun: z.boolean().default(false),
  /** `freed` of a dry run: a conflict where something else would go by now. */
  expected: z
    .array(z.strictObject({ step, bytes: z.number().int().nonnegative() }))
    .max(100_000)
    .optional()
}
const analysis = z.string().regex(analysisNamePattern, 'must be the name of an analysis')
const analysisWish = {
  kind: z.enum(analysisKindNames),
  run: id,
  step: step.nullable().default(null),
  /** By the kind's own schema. */
  options: z.record(z.string().max(60), z.json())
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
  /** Measures every linear-algebra backend for some ten seconds, in a job; the setting `backendSpeeds` has the result when it is done. */
  'app.bench': method<{ job: string }>()(empty),
  /** Versions, doctor, known settings and logs as a zip that is still to be saved, and what is in it; no data, no weights, no data sets. */
  'app.diagnostics': method<{ name: string; files: { name: string; bytes: number }[]; zip: Uint8Array }>()(empty),
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
  /** The part of a stored eigenvector that belongs to the input weights, taken back through random projections to the dataset's own inputs. */
  'snapshots.patterns': method<UnitPatterns>()(
    z.strictObject({ ...blockAt, index: z.number().int().nonnegative(), units: z.number().int().positive().max(400).default(60) })
  ),
  /** How a block's spectrum goes over the snapshots of a run: extremes, index with its tolerance, outliers, and the distance from the snapshot before. */
  'snapshots.course': method<SpectrumCourse>()(z.strictObject({ run: id, block: name })),
  /** Every stored snapshot of the workspace, run by run, by ascending step. */
  'snapshots.library': method<SnapshotEntry[]>()(empty),
  /** Lets snapshots go: the first, the last, every `keepEvery`-th and the pinned ones stay. A dry run says what would go, to the byte. */
  'snapshots.prune': method<PruneAnswer>()(
    z.strictObject({
      ...pruning,
      keepEvery: z.number().int().positive().nullable().default(null),
      among: z.array(step).max(100_000).optional()
    })
  ),
  /** Deletes these snapshots for good, the first and the last too; refused for one that is pinned. */
  'snapshots.remove': method<PruneAnswer>()(z.strictObject({ ...pruning, steps: z.array(step).min(1).max(100_000) })),
  /** What a stored matrix is: RUN:STEP/BLOCK of a snapshot, or RUN:NAME of an analysis. */
  'matrices.about': method<MatrixFacts>()(z.strictObject({ matrix })),
  /** A 512 × 512 tile (smaller at the edges); level 0 is the matrix itself, each further level halves it keeping the entry of largest magnitude. */
  'matrices.tile': method<{ rows: number; columns: number; values: Float32Array }>()(
    z.strictObject({ matrix, order, level: z.number().int().nonnegative().max(20), row: place, column: place })
  ),
  /** Entries in double precision, row-major, at most four million at once; row and column are places in the order. */
  'matrices.values': method<{ values: Float64Array }>()(
    z
      .strictObject({ matrix, order, row: place, column: place, rows: count, columns: count })
      .refine(({ rows, columns }) => rows * columns <= 4_000_000, { path: ['rows'], error: 'must be at most four million entries at once' })
  ),

  /** What is said of analyses that cannot be read, one sentence; null where there are none. */
  'analyses.damaged': method<{ sentence: string | null }>()(z.strictObject({ run: id })),
  /** Newest first. */
  'analyses.list': method<AnalysisInfo[]>()(z.strictObject({ run: id })),
  'analyses.cost': method<AnalysisCost>()(z.strictObject(analysisWish)),
  /** Makes it in a job; the job's `made` names it. */
  'analyses.start': method<{ job: string }>()(
    z.strictObject({
      ...analysisWish,
      /** The user was told that the workspace would pass its disk budget, and wants it; otherwise that is a conflict. */
      confirmed: z.boolean().default(false)
    })
  ),
  /** What a running job knows of its arrays so far; null before its first preview and once it has ended. */
  'analyses.preview': method<{ preview: JobPreview | null }>()(z.strictObject({ job: z.string().max(100) })),
  /** Deletes it for good. */
  'analyses.remove': method<{ bytes: number }>()(z.strictObject({ run: id, name: analysis })),
  /** Of every run, newest first. */
  'analyses.all': method<AnalysisEntry[]>()(empty),
  /** A whole array in double precision, of at most four million numbers. */
  'analyses.array': method<{ shape: readonly number[]; data: Float64Array }>()(z.strictObject({ run: id, name: analysis, array: name })),
  /** The run's spec with a point of a landscape's plane as its start: center + u·axes₀ + v·axes₁. Weights of a network are kept as a file until the workbench ends. */
  'analyses.startWeights': method<RunSpec>()(z.strictObject({ run: id, name: analysis, u: z.number(), v: z.number() })),

  'snapshots.cost': method<SnapshotCost>()(z.strictObject(snapshotWish)),
  /** Computes the snapshot of a stored checkpoint afterwards, in a job. One that is there already is replaced only where `replace` says so. */
  'snapshots.compute': method<{ job: string }>()(
    z.strictObject({
      ...snapshotWish,
      replace: z.boolean().default(false),
      /** The user was told that the workspace would pass its disk budget, and wants it; otherwise that is a conflict. */
      confirmed: z.boolean().default(false)
    })
  ),
  /** A pinned snapshot is never pruned. */
  'snapshots.pin': method<Record<string, never>>()(
    z.strictObject({ run: id, steps: z.array(step).min(1).max(100_000), pinned: z.boolean() })
  ),

  /** What the workspace takes on disk by kind, and the budget that is set (`diskBudget` in the settings). Counted by walking it, at most some seconds ago. */
  'storage.summary': method<StorageSummary>()(empty),

  /** Newest first. `entry` tells removed runs of one id apart; `bytes` are those of all its files. */
  'trash.list': method<{ entry: string; id: string; name: string; bytes: number; removedAt: string }[]>()(empty),
  'trash.restore': method<Record<string, never>>()(z.strictObject({ entries: z.array(name).min(1).max(20_000) })),
  /** Deletes for good what was removed: all of it, or these entries. */
  'trash.empty': method<{ count: number; bytes: number }>()(z.strictObject({ entries: z.array(name).max(20_000).optional() })),

  /** What absolute paths on the workbench's machine would be imported as, or why they are not; in the same order. `bytes` is 0 for a folder. */
  'files.recognize': method<(Recognized & { path: string; bytes: number })[]>()(
    z.strictObject({ paths: z.array(z.string().min(1).max(4000)).min(1).max(200) })
  ),

  /** A look at a network's file: its layers, and what it does not say. `order`: names of the weights, where several orders fit. */
  'models.inspect': method<ModelInspection>()(
    z.strictObject({ path: z.string().min(1).max(4000), order: z.array(z.string().max(1000)).min(1).max(1000).optional() })
  ),
  /** Takes it in as a run at step 0, its weights and data copied; the job's `made` names the run. Refused where something that is asked is not given. */
  'models.import': method<{ job: string }>()(modelImportSchema),

  'datasets.list': method<DatasetInfo[]>()(empty),
  /** `header`, `separator`, `target`, `classes` are for files of separated values and refused for others. */
  'datasets.import': method<{ job: string }>()(
    z.strictObject({
      path: z.string().min(1).max(4000),
      id: dataset.optional(),
      /** Of the data as an inspection found them: a conflict where the file holds others by now. */
      fingerprint: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .optional(),
      ...csvOptionsSchema.shape
    })
  ),
  /** Reads a data set as its import would, without installing it; the job's `inspected` says what it was taken for. What was sent stays until it is imported or discarded. */
  'datasets.inspect': method<{ job: string }>()(z.strictObject({ path: z.string().min(1).max(4000), ...csvOptionsSchema.shape })),
  /** The same of a .npy array. */
  'arrays.inspect': method<{ job: string }>()(z.strictObject({ path: z.string().min(1).max(4000) })),
  /** Deletes a file that was sent and is not to be imported; a path outside of the uploads is left alone. */
  'files.discard': method<Record<string, never>>()(z.strictObject({ path: z.string().min(1).max(4000) })),
  'datasets.download': method<{ job: string }>()(z.strictObject({ name: dataset })),
  /** Deletes what is kept of a broken or cancelled download; refused while it is under way. */
  'datasets.discard': method<{ bytes: number }>()(z.strictObject({ name: dataset })),
  /** Deletes an installed dataset for good; refused while a run that uses it is queued or running. `runs` still refer to it. */
  'datasets.remove': method<{ bytes: number; runs: string[] }>()(z.strictObject({ id: dataset })),
  'datasets.verify': method<{ job: string }>()(z.strictObject({ name: dataset })),
  /** Class counts of both parts, and the statistics of every value of the training samples: exact. */
  'datasets.statistics': method<DatasetStatistics>()(z.strictObject({ id: dataset })),
  /**
   * Pictures of samples: `count` from `offset` on, of all or `only` of some classes (numbered as `datasets.statistics` names them), or of the `samples` that are named.
   * In the answer `samples` are their places in the part.
   */
  'datasets.thumbnails': method<Thumbnails & { samples: number[]; matched: number }>()(
    z.strictObject({
      id: dataset,
      split: z.enum(['train', 'test']).default('train'),
      offset: step.default(0),
      count: z.number().int().positive().max(200).default(40),
      samples: z.array(step).max(200).optional(),
      only: z.strictObject({ labels: z.enum(['fine', 'coarse']), classes: z.array(step).min(1).max(100_000) }).optional()
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
  /** One pass of the basins of a function of two variables (8 the coarsest, then 4, 2 and 1 for what lies between): see BasinPixels. */
  'functions.basins': method<BasinPixels>()(
    z.strictObject({
      function: z.string().min(1).max(2000),
      optimizer: z.json(),
      view: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      columns: z.number().int().min(2).max(512),
      rows: z.number().int().min(2).max(512),
      steps: z.number().int().positive().max(10_000),
      stride: z.union([z.literal(8), z.literal(4), z.literal(2), z.literal(1)])
    })
  ),
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
  'comparisons.remove': method<Record<string, never>>()(z.strictObject({ id })),

  /** Newest first; one that is damaged says so. */
  'studies.list': method<StudySummary[]>()(empty),
  'studies.get': method<StudyDetails>()(z.strictObject({ id: study })),
  /** Names every fault of a study's spec, its cells included; never throws for a bad one. */
  'studies.check': method<StudyCheck>()(z.strictObject({ spec: z.json() })),
  'studies.create': method<{ id: string }>()(
    z.strictObject({
      spec: z.json(),
      start: z.boolean().default(true),
      /** The user was told that its runs do not fit into memory, disk or a year, and wants them; otherwise that is a conflict. */
      confirmed: z.boolean().default(false)
    })
  ),
  /** Goes on with the runs that have not ended. */
  'studies.start': method<Record<string, never>>()(z.strictObject({ id: study, confirmed: z.boolean().default(false) })),
  /** No further run starts; those at work are paused. Resolves when they are. */
  'studies.stop': method<Record<string, never>>()(z.strictObject({ id: study })),
  /** With `runs` its runs go to the trash; without they stay in the list. Refused while it is running. */
  'studies.remove': method<Record<string, never>>()(z.strictObject({ id: study, runs: z.boolean() })),
  /** The spec of a cell's first run. */
  'studies.cellSpec': method<RunSpec>()(z.strictObject({ id: study, cell: place })),
  /** Whether runs that ought to start alike did: by the hashes they recorded, and with `verify` by hashes computed anew from specs, data and checkpoints. */
  'studies.fairness': method<Fairness>()(z.strictObject({ id: study, verify: z.boolean().default(false) })),
  /** What Slurm says of the jobs that the study was submitted as, asked anew; `states` is null where nothing was. */
  'studies.slurm': method<{ states: SlurmStates | null }>()(z.strictObject({ id: study }))
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
  studies: { params: Record<string, never>; event: StudiesEvent }
  settings: { params: Record<string, never>; event: SettingsEvent }
}
export type TopicName = keyof Topics
export const topicParams = {
  runs: empty,
  run: z.strictObject({ id }),
  jobs: empty,
  studies: empty,
  settings: empty
} as const satisfies Record<TopicName, z.ZodType>
