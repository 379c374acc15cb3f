// analyses.*: what a run has been analysed for, what an analysis would cost, and the job that makes it.
import { planAnalysis, roomRefusal, type AnalysisOrder } from '../../engine-process/analyses'
import type { AnalysisCost } from '../../shared/api/contract'
import { budgetWarning } from '../../shared/run/fit'
import { damagedSentence, listAnalyses, removeAnalysis, runFolder } from '../../store'
import { analysisStarter } from '../analyses'
import type { WorkbenchContext } from '../context'
import { Failure, toApiError } from '../failure'
import type { HandlersOf } from '../router'

type Names = 'analyses.damaged' | 'analyses.list' | 'analyses.cost' | 'analyses.start' | 'analyses.preview' | 'analyses.remove'

export function analysisHandlers({ workspace, runs, jobs, storage }: WorkbenchContext): HandlersOf<Names> {
  const starter = analysisStarter({ workspace, runs, jobs, storage })

  async function costOf(order: AnalysisOrder): Promise<AnalysisCost> {
    const plan = await planAnalysis(workspace, order)
    const { title, diskBytes, memoryBytes, seconds } = plan
    const folder = runFolder(workspace, order.run)
    const freeBytes = await workspace.fileSystem.freeBytes(folder).catch(() => null)
    const budget = await storage.budget()
    return { title, diskBytes, memoryBytes, seconds, freeBytes, budget, refusal: await roomRefusal(workspace, folder, plan) }
  }
  return {
    'analyses.damaged': async ({ run }) => ({ sentence: await damagedSentence(workspace, run) }),
    'analyses.list': ({ run }) => listAnalyses(workspace, run),
    async 'analyses.cost'(order) {
      try {
        return await costOf(order)
      } catch (error) {
        const { code, message } = toApiError(error)
        if (code !== 'bad-request' && code !== 'not-found') throw error
        return { title: '', diskBytes: 0, memoryBytes: 0, seconds: 0, freeBytes: null, budget: null, refusal: message }
      }
    },
    async 'analyses.start'({ confirmed, ...order }) {
      const { title, refusal, diskBytes, budget } = await costOf(order)
      if (refusal !== null) throw new Failure('conflict', refusal)
      const passed = budgetWarning(diskBytes, budget, 'the analysis')
      if (passed && !confirmed) throw new Failure('conflict', `${passed.message}: make it from the run, where that can be confirmed`)
      const job = starter.startPlanned(title, order)
      return { job }
    },
    'analyses.preview': async ({ job }) => ({ preview: jobs.preview(job) }),
    async 'analyses.remove'({ run, name }) {
      const bytes = await removeAnalysis(workspace, run, name)
      storage.changed()
      await runs.refreshOne(run)
      return { bytes }
    }
  }
}
