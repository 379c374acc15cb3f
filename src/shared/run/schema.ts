// The JSON files of a run folder and the lines of its metrics: public formats, read by other programs.
import { z } from 'zod'

export const runStates = ['queued', 'running', 'paused', 'interrupted', 'done', 'failed', 'diverged'] as const
export type RunState = (typeof runStates)[number]

const finiteOrNull = z.number().nullable()
/** A figure of the whole matrix, or an object by block when there are several. */
const byBlock = z.union([finiteOrNull, z.record(z.string(), finiteOrNull)])

/**
 * One line of metrics.ndjson. `loss` and `gradNorm` belong to the step's batch before its update; an evaluation after step k adds testLoss, testAccuracy
 * (with `data.validation` valLoss, valAccuracy) to line k.
 */
export const metricsLineSchema = z.looseObject({
  step: z.number().int().positive(),
  epoch: z.number(),
  /** The steps' own work since the start. */
  seconds: z.number(),
  /** Since the start, everything included, pauses excluded; absent in older runs. */
  wallSeconds: z.number().optional(),
  loss: z.number(),
  /** ½·l2·‖w‖² before the step, which `loss` holds too; absent without weight decay. */
  penalty: z.number().optional(),
  gradNorm: z.number(),
  stepNorm: z.number(),
  lambdaMin: byBlock.optional(),
  lambdaMax: byBlock.optional(),
  index: byBlock.optional(),
  flipped: byBlock.optional(),
  zero: byBlock.optional(),
  trace: byBlock.optional(),
  effectiveRank: byBlock.optional(),
  path: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
  damping: z.number().optional(),
  learningRate: z.number().optional(),
  predictedDecrease: finiteOrNull.optional(),
  actualDecrease: z.number().optional(),
  cosine: finiteOrNull.optional(),
  phases: z.record(z.string(), z.number()).optional(),
  gradientEvaluations: z.number().optional(),
  figures: z.record(z.string(), finiteOrNull).optional(),
  testLoss: finiteOrNull.optional(),
  testAccuracy: finiteOrNull.optional(),
  valLoss: finiteOrNull.optional(),
  valAccuracy: finiteOrNull.optional(),
  trainAccuracy: finiteOrNull.optional()
})
export type MetricsLine = z.output<typeof metricsLineSchema>

/** Test figures are null where there is no test set; validation figures are absent where nothing is split off. */
export const evaluationSchema = z.object({
  testLoss: finiteOrNull,
  testAccuracy: finiteOrNull,
  valLoss: finiteOrNull.optional(),
  valAccuracy: finiteOrNull.optional()
})
export type Evaluation = z.output<typeof evaluationSchema>

/** What the run list shows of a run's metrics and disk use, kept in status.json so that listing reads no large file. */
export const runFiguresSchema = z.object({
  lastLoss: finiteOrNull,
  minLoss: finiteOrNull,
  minLossStep: z.number().int().nullable(),
  /** By the samples of its step's batch, an epoch's shorter last one too; null where they were not known at every step (docs/files.md). */
  lastLossPerSample: finiteOrNull.default(null),
  minLossPerSample: finiteOrNull.default(null),
  minLossPerSampleStep: z.number().int().nullable().default(null),
  lastTestLoss: finiteOrNull,
  lastAccuracy: finiteOrNull,
  bestAccuracy: finiteOrNull,
  bestAccuracyStep: z.number().int().nullable(),
  lastValLoss: finiteOrNull.default(null),
  lastValAccuracy: finiteOrNull.default(null),
  bestValAccuracy: finiteOrNull.default(null),
  bestValAccuracyStep: z.number().int().nullable().default(null),
  /** The test accuracy of that step: the one to report of what validation chose. */
  accuracyAtBestVal: finiteOrNull.default(null),
  lambdaMin: finiteOrNull,
  lambdaMax: finiteOrNull,
  index: finiteOrNull,
  /** The last step whose line has eigenvalue figures; of a Krylov step the number of its Lanczos vectors, whose figures they are. */
  curvatureStep: z.number().int().nullable().default(null),
  curvatureVectors: z.number().int().nullable().default(null),
  /** Losses of steps 1, 1 + stride, 1 + 2·stride, …; at most 60. */
  sparkline: z.object({ stride: z.number().int().positive(), points: z.array(z.number().nullable()).max(60) }),
  /** Bytes on disk: metrics.ndjson, checkpoints, snapshots, everything else. */
  bytes: z.object({ metrics: z.number(), checkpoints: z.number(), snapshots: z.number(), other: z.number() }),
  /** Number of snapshots. */
  snapshots: z.number().int().nonnegative()
})
export type RunFigures = z.output<typeof runFiguresSchema>

export const statusSchema = z.looseObject({
  schemaVersion: z.literal(1),
  state: z.enum(runStates),
  step: z.number().int().nonnegative(),
  /** ISO 8601, UTC. */
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  /** The steps' own work. */
  seconds: z.number(),
  /** Since the start, everything included, pauses excluded; null for runs that began before it was counted. */
  wallSeconds: z.number().nullable().default(null),
  host: z.string().nullable(),
  backend: z.object({ kind: z.string(), description: z.string(), threads: z.number() }).nullable(),
  versions: z.record(z.string(), z.string()),
  startEvaluation: evaluationSchema.nullable(),
  /** Why the run is not going on, one sentence. */
  error: z.string().nullable(),
  numericsChangedAtStep: z.number().int().nullable().default(null),
  /** Step of the newest checkpoint that was written; null in runs of versions that did not record it. */
  newestCheckpoint: z.number().int().nonnegative().nullable().default(null),
  parameterCount: z.number().int().nonnegative().nullable().default(null),
  /** Samples an epoch goes through; null for a function, and in runs of versions that did not record it. */
  trainingSamples: z.number().int().positive().nullable().default(null),
  /** Of a recorded run: what trained it, where the spec has no such kind and holds a stand-in. */
  recordedOptimizer: z.string().optional(),
  figures: runFiguresSchema.nullable().default(null)
})
export type RunStatus = z.output<typeof statusSchema>

export const metaSchema = z.looseObject({
  schemaVersion: z.literal(1),
  name: z.string(),
  tags: z.array(z.string()),
  notes: z.string(),
  pinned: z.boolean(),
  colour: z.string().nullable(),
  group: z.string().nullable(),
  /** The run and step this one was started from, if any. */
  lineage: z.object({ run: z.string(), step: z.number().int().nonnegative() }).nullable(),
  /** The study it is a run of; left out of all others. */
  study: z.string().optional(),
  /** SHA-256 of what two comparable runs share. */
  hashes: z.object({
    weights: z.string().nullable(),
    projection: z.string().nullable(),
    batches: z.string().nullable(),
    dataset: z.string().nullable()
  })
})
export type RunMeta = z.output<typeof metaSchema>

/** Figures that let a reader judge a spectrum; null where a check does not apply. */
export const snapshotChecksSchema = z.object({
  /** max |H − Hᵀ| before symmetrizing, relative to max |H|. */
  symmetry: finiteOrNull,
  /** |trace(H) − Σλ| relative to Σ|λ|. */
  trace: finiteOrNull,
  /** |‖H‖_F² − Σλ²| relative to Σλ². */
  frobenius: finiteOrNull,
  /** max over the stored vectors of ‖Hv − λv‖ / max|λ|, with Hv from the product code. */
  residual: finiteOrNull,
  /** max error of 20 entries against central differences of the gradient, relative to max |H|. */
  finiteDifference: finiteOrNull
})
export type SnapshotManifestChecks = z.output<typeof snapshotChecksSchema>
export const nothingChecked: SnapshotManifestChecks = {
  symmetry: null,
  trace: null,
  frobenius: null,
  residual: null,
  finiteDifference: null
}

export const fileEntrySchema = z.object({ name: z.string(), bytes: z.number().int().nonnegative(), sha256: z.string() })

/** checkpoints/step-NNNNNN/state.json: everything but the arrays, and, written last, the checksums of the files beside it. */
export const checkpointStateSchema = z.looseObject({
  schemaVersion: z.literal(1),
  step: z.number().int().nonnegative(),
  epoch: z.number(),
  samplesIntoEpoch: z.number().int().nonnegative(),
  /** States of the random streams by name. */
  random: z.record(z.string(), z.unknown()),
  seconds: z.number(),
  wallSeconds: z.number().nullable().default(null),
  gradientEvaluations: z.number(),
  /** The optimizer's scalars; what JSON has no number for is a string: "NaN", "Infinity", "-Infinity", "-0". */
  optimizer: z.record(z.string(), z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity', '-0'])])),
  files: z.array(fileEntrySchema)
})
export type CheckpointState = z.output<typeof checkpointStateSchema>

/** lock.json: who works on the run. */
export const lockSchema = z.looseObject({
  schemaVersion: z.literal(1),
  host: z.string(),
  pid: z.number().int(),
  /** When the process started, in the operating system's own terms; tells a reused pid from the same process. */
  processStart: z.string(),
  /** ISO 8601, UTC; renewed every few seconds. */
  heartbeat: z.string(),
  /** Random, made when the lock was taken. */
  token: z.string()
})
export type RunLock = z.output<typeof lockSchema>

/** Bins of every histogram. */
export const histogramBins = 64

const histogramSchema = z.object({
  count: z.number().int().nonnegative(),
  /** Lower edge of the first bin and upper edge of the last: bin i begins at from + i·(to − from)/64, the last one holds its upper edge too. */
  from: z.number(),
  to: z.number(),
  counts: z.array(z.number().int().nonnegative()).length(histogramBins),
  min: z.number(),
  max: z.number(),
  mean: z.number(),
  /** Of all entries: the root of their mean squared distance from the mean. */
  std: z.number(),
  /** Entries that are exactly 0. */
  zeros: z.number().int().nonnegative()
})
export type Histogram = z.output<typeof histogramSchema>

/**
 * One line of histograms.ndjson, one an evaluation (step 0: the start). By array as in weights.npz (W1, b1, W2, …): `weights` after the step,
 * `gradients` of the step's batch before its update, as `gradNorm` in the step's metrics line; null at step 0.
 */
export const histogramLineSchema = z.looseObject({
  step: z.number().int().nonnegative(),
  layers: z.record(z.string(), z.object({ weights: histogramSchema, gradients: histogramSchema.nullable() }))
})
export type HistogramLine = z.output<typeof histogramLineSchema>

export const logLineSchema = z.looseObject({ time: z.string(), message: z.string() })
export type LogLine = z.output<typeof logLineSchema>

/** Where the curvature of a snapshot computed on demand comes from. */
export const onDemandSchema = z.object({
  /** ISO 8601, UTC. */
  computedAt: z.string(),
  /** The batch is that of this step, as for snapshots that a run writes itself; `samples` of it (or of the spec's curvatureBatch) were used. */
  batch: z.object({ step: z.number().int().positive(), samples: z.number().int().positive() }),
  backend: z.object({ kind: z.string(), description: z.string(), threads: z.number() }),
  versions: z.record(z.string(), z.string())
})

/** A spectrum that another program computed from a matrix exported here. */
const solvedElsewhereSchema = z.object({
  block: z.string(),
  /** Such as ELPA, with its version. */
  library: z.string(),
  version: z.string(),
  /** Processes that shared the work. */
  ranks: z.number().int().positive(),
  /** ISO 8601, UTC. */
  importedAt: z.string(),
  /** Of the matrix that was solved, as raw float64. */
  matrixSha256: z.string(),
  /** max ‖Av − λv‖ / max|λ| by products with that matrix, and max |VᵀV − I|. */
  residual: z.number(),
  orthogonality: z.number()
})
export type SolvedElsewhere = z.output<typeof solvedElsewhereSchema>

export const snapshotManifestSchema = z.looseObject({
  schemaVersion: z.literal(1),
  run: z.string().nullable(),
  step: z.number().int().nonnegative(),
  parameterCount: z.number().int().nonnegative(),
  /** Scope the blocks come from; `imported` for a matrix from elsewhere. */
  scope: z.string(),
  precision: z.enum(['float64', 'float32']),
  blocks: z.array(
    z.object({
      name: z.string(),
      offset: z.number().int().nonnegative(),
      size: z.number().int().nonnegative(),
      units: z.number().int().positive(),
      eigenvalues: z.string().nullable(),
      eigenvectors: z.string().nullable(),
      /** Places of the stored eigenvectors among the ascending eigenvalues. */
      indices: z.array(z.number().int().nonnegative()),
      hessian: z.string().nullable(),
      overview: z.string().nullable(),
      checks: snapshotChecksSchema
    })
  ),
  files: z.array(fileEntrySchema),
  /** Of a snapshot that was computed afterwards from a checkpoint; left out of those that the run wrote itself. */
  onDemand: onDemandSchema.optional(),
  /** By block; left out where every spectrum was computed here. */
  solvedElsewhere: z.array(solvedElsewhereSchema).optional()
})
export type SnapshotManifest = z.output<typeof snapshotManifestSchema>
