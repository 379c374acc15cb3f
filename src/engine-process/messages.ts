// What the workbench and an engine process tell each other. Small plain objects only: big arrays are files.
import type { AnalysisPreview } from '../engine/analyses'
import type { Inspected, JobInfo } from '../shared/api/contract'
import type { CsvOptions } from '../shared/datasets/schema'
import type { BackendSpeeds, LinalgChoice } from '../shared/linalg-choice'
import type { ProbeResult } from '../shared/run/calibration'
import type { MetricsLine, RunState } from '../shared/run/schema'
import type { OptimizerKind, RunSpec } from '../shared/spec/schema'
import type { AnalysisOrder } from './analyses'
import type { SnapshotOrder } from './compute-snapshot'
import type { ModelOrder } from './import-model'

/** What an engine process is started for. */
export type Task =
  | {
      readonly kind: 'run'
      readonly workspace: string
      readonly id: string
      readonly allowOtherBackend: boolean
      /** See ExecuteOptions. */
      readonly unlessEnded?: boolean
      readonly threads: number | null
      /** In place of `auto`; left out: the machine's best. */
      readonly backend?: LinalgChoice['backend']
    }
  | {
      readonly kind: 'job'
      readonly workspace: string
      readonly job: Job
      readonly threads?: number | null
      readonly backend?: LinalgChoice['backend']
    }

export type Job =
  | FilesJob
  | { readonly name: 'spec-probe'; readonly specs: readonly RunSpec[] }
  /** Measures every backend. */
  | { readonly name: 'backend-bench' }
  /** Makes one cell of the exam for optimizers, and keeps it in the workspace. */
  | { readonly name: 'exam-cell'; readonly problem: string; readonly optimizer: OptimizerKind }
  | ({ readonly name: 'snapshot-compute' } & SnapshotOrder)
  /** `token` names what it leaves when it is killed. */
  | ({ readonly name: 'analysis'; readonly token: string } & AnalysisOrder)

/** Jobs that bring files into the workspace, look after them, or take them out. */
export type FilesJob =
  | {
      readonly name: 'dataset-import'
      readonly path: string
      readonly id: string | null
      readonly csv: CsvOptions
      /** Of the data as they were looked at: others are refused. */
      readonly fingerprint?: string
    }
  | { readonly name: 'dataset-download'; readonly dataset: string }
  | { readonly name: 'dataset-verify'; readonly dataset: string }
  | { readonly name: 'run-import'; readonly path: string }
  /** Takes a network from elsewhere in as a run. */
  | { readonly name: 'model-import'; readonly order: ModelOrder }
  /** Reads an array as its import would, and says what it was taken for. */
  | { readonly name: 'array-inspect'; readonly path: string }
  /** Reads a data set as its import would, without installing it. */
  | { readonly name: 'dataset-inspect'; readonly path: string; readonly csv: CsvOptions }
  /** `file` null: the whole run, as a zip or a folder by the name of `out`. */
  | { readonly name: 'run-export'; readonly run: string; readonly file: string | null; readonly out: string }

/** What a job made or was about, to go to. */
export type JobMade = NonNullable<JobInfo['made']>

export type ToEngine =
  | { readonly type: 'start'; readonly task: Task }
  /** End in good manners: the run becomes `paused` or `interrupted`; a job is cancelled. */
  | { readonly type: 'stop'; readonly as: 'paused' | 'interrupted' }
  /** Try the failed write again. */
  | { readonly type: 'retry' }

export type FromEngine =
  /** The process listens; answered with `start`. */
  | { readonly type: 'hello' }
  | { readonly type: 'opened'; readonly step: number }
  /** The newest step; of many in a short time only the newest is sent (all are in metrics.ndjson), evaluations of those left out are merged in. */
  | { readonly type: 'step'; readonly line: MetricsLine }
  | { readonly type: 'phase'; readonly step: number; readonly phase: string; readonly fraction: number; readonly etaSeconds: number | null }
  | { readonly type: 'snapshot'; readonly step: number }
  | { readonly type: 'checkpoint'; readonly step: number }
  | { readonly type: 'trouble'; readonly message: string }
  /** `bytes`: of a download, how many are here and how many there are. */
  | {
      readonly type: 'progress'
      readonly fraction: number
      readonly message: string
      readonly bytes?: { readonly done: number; readonly total: number }
    }
  /** What an analysis knows of its arrays so far. */
  | { readonly type: 'preview'; readonly arrays: AnalysisPreview }
  | { readonly type: 'run-ended'; readonly state: RunState; readonly step: number; readonly message: string | null }
  | {
      readonly type: 'job-ended'
      readonly state: 'done' | 'failed' | 'cancelled'
      readonly message: string
      readonly result?: JobResult
      readonly speeds?: BackendSpeeds
      readonly made?: JobMade
      readonly inspected?: Inspected
    }

/** What a job hands back besides its sentence: the measurements of a probe, a spec each. */
export type JobResult = readonly ProbeResult[]
