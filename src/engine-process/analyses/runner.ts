// What every kind of analysis does for its caller: first the plan (what exactly, what it costs, why not), then the work.
import type { AnalysisManifest } from '../../shared/analyses/manifest'
import type { AnalysisKind, AnalysisOptions } from '../../shared/analyses/kinds'
import type { WrittenFile, Workspace } from '../../store'

export interface AnalysisAsked<Kind extends AnalysisKind = AnalysisKind> {
  readonly run: string
  /** Null: the newest that will do. */
  readonly step: number | null
  readonly options: AnalysisOptions<Kind>
}

export interface WorkOptions {
  readonly signal: AbortSignal
  readonly onProgress: (fraction: number, message: string) => void
}

export interface AnalysisResult extends Pick<AnalysisManifest, 'figures' | 'checks' | 'notes'> {
  /** Shapes by name; what they mean is in the facts of the kind. The file of an array is NAME.npy unless said. */
  readonly arrays: Readonly<Record<string, { readonly shape: readonly number[]; readonly file?: string }>>
  readonly files: readonly (WrittenFile & { readonly name: string })[]
  /** The linear algebra it was computed with; left out where it needs none. */
  readonly backend?: AnalysisManifest['backend']
  /** What came of it, for people. */
  readonly said: string
}

export interface AnalysisPlan<Kind extends AnalysisKind = AnalysisKind> {
  readonly step: number
  readonly title: string
  /** Complete. */
  readonly options: AnalysisOptions<Kind>
  readonly diskBytes: number
  readonly memoryBytes: number
  /** Rough. */
  readonly seconds: number
  /** Writes the arrays into `folder`. */
  work(folder: string, options: WorkOptions): Promise<AnalysisResult>
}

/** Throws StorageError, one sentence, for what cannot be done. */
export type AnalysisRunner<Kind extends AnalysisKind> = (workspace: Workspace, asked: AnalysisAsked<Kind>) => Promise<AnalysisPlan<Kind>>
