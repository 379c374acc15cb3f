// snapshots.*: spectra, vectors and tiles of stored curvature, and the ways to free its disk space.
import { budgetWarning } from '../../shared/run/fit'
import {
  pinSnapshots,
  pruneSnapshots,
  readEigenvalues,
  readEigenvector,
  readManifest,
  snapshotCourse,
  snapshotCurvatures,
  snapshotLibrary,
  tidyRun,
  type PruneOptions
} from '../../store'
import type { WorkbenchContext } from '../context'
import { Failure } from '../failure'
import { unitPatterns } from '../patterns'
import type { HandlersOf } from '../router'
import { snapshotCost, type SnapshotQuestion } from '../snapshot-cost'

type Names =
  | 'snapshots.curvature'
  | 'snapshots.manifest'
  | 'snapshots.eigenvalues'
  | 'snapshots.eigenvector'
  | 'snapshots.patterns'
  | 'snapshots.course'
  | 'snapshots.library'
  | 'snapshots.prune'
  | 'snapshots.remove'
  | 'snapshots.cost'
  | 'snapshots.compute'
  | 'snapshots.pin'
  | 'storage.summary'

export function snapshotHandlers({ workspace, runs, jobs, machine, storage }: WorkbenchContext): HandlersOf<Names> {
  const costOf = async (question: SnapshotQuestion) => {
    const summary = runs.summary(question.run)
    if (!summary) throw new Failure('not-found', `there is no run "${question.run}"`)
    const cost = await snapshotCost(workspace, question, { gflops: (await machine.facts()).gflops, budget: await storage.budget() })
    if (runs.isActive(question.run)) return { ...cost, refusal: 'the run is being worked on; pause or stop it first' }
    return summary.state === 'queued' ? { ...cost, refusal: 'the run waits in the queue; pause it first' } : cost
  }
  async function prune(run: string, options: PruneOptions) {
    if (runs.isActive(run)) throw new Failure('conflict', `run "${run}" is being worked on; pause or stop it first`)
    const pruned = await pruneSnapshots(workspace, run, options)
    if (options.dryRun) return pruned
    storage.changed()
    await runs.refreshOne(run)
    return pruned
  }
  return {
    'snapshots.curvature': ({ run }) => snapshotCurvatures(workspace, run),
    'snapshots.manifest': (place) => readManifest(workspace, place),
    'snapshots.eigenvalues': ({ block, ...place }) => readEigenvalues(workspace, place, block),
    'snapshots.eigenvector': ({ block, index, ...place }) => readEigenvector(workspace, place, block, index),
    'snapshots.patterns': (question, { signal }) => unitPatterns(workspace, question, signal),
    'snapshots.course': ({ run, block }, { signal }) => snapshotCourse(workspace, run, block, signal),
    async 'snapshots.library'() {
      const entries = await snapshotLibrary(workspace)
      return entries.map((entry) => {
        const { name = entry.run, optimizer = '', dataset = '' } = runs.summary(entry.run) ?? {}
        return { ...entry, runName: name, optimizer, dataset }
      })
    },
    'snapshots.prune': ({ run, keepEvery, ...options }) => prune(run, { ...options, which: { keepEvery } }),
    'snapshots.remove': ({ run, steps, ...options }) => prune(run, { ...options, which: { steps } }),
    'storage.summary': () => storage.summary(),
    'snapshots.cost': costOf,
    async 'snapshots.compute'({ replace, confirmed, ...question }) {
      const { refusal, existing, diskBytes, budget } = await costOf(question)
      if (refusal !== null) throw new Failure('conflict', refusal)
      const passed = budgetWarning(diskBytes ?? 0, budget, 'the snapshot')
      if (passed && !confirmed) throw new Failure('conflict', `${passed.message}: compute it from the run, where that can be confirmed`)
      const { run, step } = question
      if (existing && !replace) throw new Failure('conflict', `run "${run}" has a snapshot of step ${step}; ask for it to be replaced`)
      const what = question.hessian ? 'Hessian' : 'Spectrum'
      const title = `${what} of ${runs.summary(run)?.name ?? run} after step ${step}`
      const job = jobs.start({ name: 'snapshot-compute', ...question, replace }, title, {
        run,
        async onEnd(state) {
          // What a killed process left; one that ended in good manners left nothing.
          if (state !== 'done') await tidyRun(workspace, run)
          storage.changed()
          await runs.refreshOne(run)
        }
      })
      return { job }
    },
    async 'snapshots.pin'({ run, steps, pinned }) {
      await pinSnapshots(workspace, run, steps, pinned)
      return {}
    }
  }
}
