// What a report is, and what it is given.
import type { FinishedRun, PlannedRun, RunsContext } from './runs'
import type { ReportPage } from './page'

/** `tiny` ends in a minute and shows that everything works, not what is so. */
export const reportScales = ['tiny', 'small', 'full'] as const
export type ReportScale = (typeof reportScales)[number]

export interface ReportContext extends RunsContext {
  readonly scale: ReportScale
  /** The runs, made and finished where they are not; see `finishedRuns`. */
  readonly runs: (planned: readonly PlannedRun[]) => Promise<FinishedRun[]>
}

export interface Report {
  readonly name: string
  readonly title: string
  /** Throws what its runs throw; AbortError when stopped. Called again it goes on where it was. */
  run(context: ReportContext): Promise<ReportPage>
}
