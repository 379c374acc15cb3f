// What every kind of analysis does for its caller: first the plan (what exactly, what it costs, why not), then the work.
import type { AnalysisManifest } from '../../shared/analyses/manifest'
import type { AnalysisKind, AnalysisOptions } from '../../shared/analyses/kinds'
import type { AnalysisCall, AnalysisCost } from '../../engine/analyses'
import type { WrittenFile } from '../../store'

export interface AnalysisResult extends Pick<AnalysisManifest, 'figures' | 'checks' | 'notes'> {
  /** Shapes by name; what they mean is in the facts of the kind. The file of an array is NAME.npy unless said. */
  readonly arrays: Readonly<Record<string, { readonly shape: readonly number[]; readonly file?: string }>>
  readonly files: readonly (WrittenFile & { readonly name: string })[]
  /** The linear algebra it was computed with; left out where it needs none. */
  readonly backend?: AnalysisManifest['backend']
  /** What came of it, for people. */
  readonly said: string
}

export interface AnalysisPlan<Kind extends AnalysisKind = AnalysisKind> extends AnalysisCost {
  readonly step: number
  readonly title: string
  /** Complete. */
  readonly options: AnalysisOptions<Kind>
  /** Writes the arrays into `folder`. */
  work(folder: string, options: AnalysisCall): Promise<AnalysisResult>
}
