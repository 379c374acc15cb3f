// The reports there are, and one from its name to its page.
import { versions } from '../../engine-process/versions'
import type { Report, ReportScale } from './context'
import { dauphin } from './dauphin'
import { demonstration } from './demonstration'
import { dynamics } from './dynamics'
import { landscape } from './landscape'
import { writeReport, type ReportPage } from './page'
import { finishedRuns, type FinishedRun, type RunsContext } from './runs'

export { reportScales, type ReportScale } from './context'

export const reports: readonly Report[] = [demonstration, dauphin, landscape, dynamics]

export interface ReportOrder {
  readonly scale: ReportScale
  /** The page's file. */
  readonly out: string
  /** As typed, for the page. */
  readonly command: string
}

export interface ReportDone {
  readonly page: ReportPage
  /** Folder of the data. */
  readonly folder: string
  readonly runs: readonly Pick<FinishedRun, 'id' | 'state'>[]
}

/** Runs what is missing, then writes the page and its data. Throws one sentence; AbortError when stopped, and then the same call goes on. */
export async function makeReport(context: RunsContext, report: Report, { scale, out, command }: ReportOrder): Promise<ReportDone> {
  const used = new Map<string, FinishedRun>()
  const page = await report.run({
    ...context,
    scale,
    async runs(planned) {
      const finished = await finishedRuns(context, planned, report.title)
      for (const run of finished) used.set(run.id, run)
      return finished
    }
  })
  context.signal.throwIfAborted()
  const { folder } = await writeReport(out, { ...page, command, versions: versions() }, context.workspace.fileSystem)
  return { page, folder, runs: [...used.values()].map(({ id, state }) => ({ id, state })) }
}
