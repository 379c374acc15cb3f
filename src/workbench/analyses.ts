// Jobs that make analyses: for a person who asked for one, and for a study that makes them of its runs.
import { randomBytes } from 'node:crypto'
import { planAnalysis, roomRefusal, type AnalysisOrder } from '../engine-process/analyses'
import { analysisPartial, runFolder, type Workspace } from '../store'
import { Failure } from './failure'
import type { JobService } from './jobs'
import type { RunService } from './runs'
import type { Storage } from './storage'
import type { JobInfo } from '../shared/api/contract'

type OnEnd = (state: JobInfo['state'], message: string) => Promise<void>

export interface AnalysisStarter {
  /** Of an order whose plan is known to fit; returns the job's id. */
  startPlanned(title: string, order: AnalysisOrder, onEnd?: OnEnd): string
  /** Plans it first. Throws one sentence where it cannot be done or does not fit. */
  start(order: AnalysisOrder, onEnd: OnEnd): Promise<string>
  cancel(job: string): void
}

interface Services {
  readonly workspace: Workspace
  readonly runs: RunService
  readonly jobs: JobService
  readonly storage: Storage
}

export function analysisStarter({ workspace, runs, jobs, storage }: Services): AnalysisStarter {
  function startPlanned(title: string, order: AnalysisOrder, onEnd?: OnEnd): string {
    const { run } = order
    const token = randomBytes(6).toString('hex')
    return jobs.start({ name: 'analysis', token, ...order }, title, {
      run,
      async onEnd(state, _made, message) {
        // What a killed process left; one that ended in good manners left nothing.
        if (state !== 'done') await workspace.fileSystem.remove(analysisPartial(workspace, run, token))
        storage.changed()
        await runs.refreshOne(run)
        await onEnd?.(state, message)
      }
    })
  }
  return {
    startPlanned,
    async start(order, onEnd) {
      const plan = await planAnalysis(workspace, order)
      const refusal = await roomRefusal(workspace, runFolder(workspace, order.run), plan)
      if (refusal !== null) throw new Failure('conflict', refusal)
      return startPlanned(plan.title, order, onEnd)
    },
    cancel: (job) => jobs.cancel(job)
  }
}
