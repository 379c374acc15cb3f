// What the workbench answers and tells: the types that cross the wire.
import type { DatasetInspection } from '../datasets/inspection'
import type { ArrayInspection } from '../open-kinds'
import type { AnalysisManifest } from '../analyses/manifest'
import type { ModelShape } from '../model/layout'
import type { ProbeResult } from '../run/calibration'
import type { DataFacts, SpecEstimate } from '../run/estimate'
import type { Available, DiskBudget } from '../run/fit'
import type { MetricsLine, RunMeta, RunStatus } from '../run/schema'
import type { RunSummary } from '../run/summary'
import type { SpecProblem } from '../spec/problem'
import { type RunSpec, type Scope } from '../spec/schema'
import type { StorageKind } from '../run/storage-kinds'

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
  /** Runs that have a finite value there: the others take no part. */
  readonly count: Float64Array
  /** Values were taken between two points of a run, linearly: its axis is not that of the steps. */
  readonly interpolated: boolean
  /** Places behind the answer before decimation. */
  readonly total: number
}

/** What the first layer's units look at along an eigenvector. */
export interface UnitPatterns {
  /** Units × inputs before the first random projection, a unit after the other: a change Δx of those inputs changes what unit u sums up by pattern(u)·Δx. */
  readonly patterns: Float64Array
  /** The first so many units of the layer. */
  readonly units: number
  /** Of the dataset's samples: planes × rows × columns, rows × columns, or one number. */
  readonly shape: readonly number[]
  /** A stored pixel value counts so much at those inputs. */
  readonly scale: number
  /** In × out of each random projection that was undone. */
  readonly projections: readonly { readonly rows: number; readonly columns: number }[]
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
  /** SHA-256 over the data; null where it is not known (not here yet, damaged). */
  readonly fingerprint: string | null
  readonly dtype: 'uint8' | 'float64' | null
  /** Width of real-valued targets; null: classes, or none. */
  readonly targets: number | null
  /** Its folder; null for what is built in or not here yet. */
  readonly path: string | null
  /** ISO 8601, UTC. */
  readonly installedAt: string | null
  /** Host that a download comes from; null for what is here. */
  readonly downloadFrom: string | null
  /** Bytes of a broken or cancelled download, to go on from. */
  readonly kept: number
}

export interface JobInfo {
  readonly id: string
  readonly kind: string
  readonly title: string
  /** The run that it works on, if any. */
  readonly run?: string
  /** The dataset that it downloads or verifies. */
  readonly about?: string
  readonly state: 'running' | 'done' | 'failed' | 'cancelled'
  readonly fraction: number
  readonly etaSeconds: number | null
  readonly message: string
  /** Number of the newest preview of a running analysis (`analyses.preview`); absent before the first. */
  readonly preview?: number
  /** What a finished probe measured, a spec each. */
  readonly result?: readonly ProbeResult[]
  /** Of a download: bytes that are here, of how many, and how many a second arrive (null: not known yet). */
  readonly bytes?: { readonly done: number; readonly total: number; readonly perSecond: number | null }
  /** What a finished inspection found. */
  readonly inspected?: Inspected
  /** The dataset, run or analysis (of a run) that a finished job made or was about. */
  readonly made?:
    | { readonly kind: 'dataset' | 'run'; readonly id: string }
    | { readonly kind: 'analysis'; readonly id: string; readonly run: string }
}

/** Arrays of an analysis as far as they are known, by the names in the facts of its kind; NaN where nothing is known yet. */
export interface JobPreview {
  /** From 1. */
  readonly number: number
  readonly kind: string
  /** As asked: without defaults. */
  readonly options: Readonly<Record<string, unknown>>
  readonly arrays: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float64Array }>>
}

/** What an analysis will take. */
export interface AnalysisCost {
  readonly title: string
  readonly diskBytes: number
  readonly freeBytes: number | null
  readonly memoryBytes: number
  /** Rough. */
  readonly seconds: number
  /** What the workspace is meant to stay within; null: no budget is set. */
  readonly budget: DiskBudget | null
  /** Why it cannot be made, one sentence; null when it can. */
  readonly refusal: string | null
}

/** What a stored matrix is. */
export interface MatrixFacts {
  readonly rows: number
  readonly columns: number
  /** That many square matrices one below the other. */
  readonly units: number
  /** Whose weights its rows and columns are; null where that is not known. */
  readonly model: ModelShape | null
  /** The block of the parameters. */
  readonly block: string
  /** Why it cannot be ordered by unit, one sentence; null when it can. */
  readonly unordered: string | null
}

/** An analysis that a run keeps. */
export interface AnalysisInfo {
  readonly name: string
  readonly bytes: number
  readonly manifest: AnalysisManifest
}

/** An analysis of any run. */
export interface AnalysisEntry extends AnalysisInfo {
  readonly run: string
}

/** A stored snapshot of any run. */
export interface SnapshotEntry {
  readonly run: string
  readonly runName: string
  readonly optimizer: string
  readonly dataset: string
  readonly step: number
  readonly bytes: number
  /** Of the Hessians and their overviews alone: what goes when they do. */
  readonly hessianBytes: number
  readonly blocks: readonly string[]
  /** The same blocks, with what is stored of each. */
  readonly contents: readonly {
    readonly name: string
    readonly size: number
    readonly units: number
    readonly eigenvalues: boolean
    readonly eigenvectors: number
    readonly hessian: boolean
  }[]
  /** At least one block has its Hessian. */
  readonly hessian: boolean
  /** `full`, `layer-blocks`, `unit-blocks`, or `imported`. */
  readonly scope: string
  /** Computed afterwards from a checkpoint. */
  readonly onDemand: boolean
  readonly pinned: boolean
  /** Why it cannot be read; null when it can. Its size is then that of its folder. */
  readonly damage: string | null
}

/** What went, or in a dry run would go: `bytes` are the sum of `freed`. */
export interface PruneAnswer {
  readonly steps: readonly number[]
  readonly bytes: number
  readonly freed: readonly { readonly step: number; readonly bytes: number }[]
}

export interface StorageSummary {
  readonly kinds: readonly { readonly kind: StorageKind; readonly bytes: number }[]
  /** Of the whole workspace: the sum of the kinds. */
  readonly used: number
  /** On its drive; null where the system does not say. */
  readonly free: number | null
  /** Bytes that it is meant to stay within; null: none is set. */
  readonly budget: number | null
}

/** What a file that waits to be imported was taken for. */
export type Inspected =
  | { readonly of: 'array'; readonly array: ArrayInspection }
  | { readonly of: 'dataset'; readonly dataset: DatasetInspection }

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
  /** The workspace's disk budget; null where none is set. */
  readonly budget: DiskBudget | null
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
  /** What the value says in words, for programs; not in every row. */
  readonly facts?: Readonly<Record<string, string | number | null>>
  /** What to do about it, in every row that is not ok. */
  readonly advice?: string
}

export interface AppInfo {
  readonly version: string
  readonly workspace: string
  readonly platform: string
  readonly backend: { readonly kind: string; readonly description: string; readonly threads: number } | null
  /** Cores of the machine: as many threads are used unless Settings say otherwise. */
  readonly cores: number
  /** What SADDLESCOPE_BACKEND names, which goes before the setting; null where it names nothing. */
  readonly backendByEnvironment: string | null
  readonly freeBytes: number | null
  /** `electron` or `browser`. */
  readonly shell: string
  /** The run that this workbench began in a workspace without any. */
  readonly demonstration: string | null
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
/** What is kept is asked for again. */
export type SettingsEvent = { readonly kind: 'changed' }
export type JobsEvent = { readonly kind: 'job'; readonly job: JobInfo }
