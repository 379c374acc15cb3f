// runs.*: the list, one run, what may be done with it, its metrics, log and files.
import { SpecFault } from '../../engine-process/prepare'
import {
  checkpointSteps,
  histogramTable,
  metaOrRebuilt,
  readLog,
  readSpec,
  repairMeta,
  runFolder,
  runSnapshots,
  statusOrRebuilt,
  updateMeta
} from '../../store'
import { runFiles } from '../../store/transfer'
import { aggregatedMetrics } from '../across-runs'
import type { WorkbenchContext } from '../context'
import { timesOf } from '../run-times'
import { Failure } from '../failure'
import type { HandlersOf } from '../router'
import { requireFit, requireSpec, type MetSpec } from '../specs'
import { withDivergence } from './divergence'

type Names =
  | 'runs.list'
  | 'runs.get'
  | 'runs.create'
  | 'runs.start'
  | 'runs.pause'
  | 'runs.stop'
  | 'runs.update'
  | 'runs.remove'
  | 'runs.restore'
  | 'runs.metrics'
  | 'runs.histograms'
  | 'runs.values'
  | 'runs.fields'
  | 'runs.aggregate'
  | 'runs.times'
  | 'runs.log'
  | 'runs.files'

export function runHandlers(context: WorkbenchContext): HandlersOf<Names> {
  const { workspace, runs, metrics, values, storage } = context
  const known = (id: string) => {
    const summary = runs.summary(id)
    if (!summary) throw new Failure('not-found', `there is no run "${id}"`)
    return summary
  }
  return {
    async 'runs.list'(query) {
      await runs.refresh()
      const page = runs.index.query(query)
      return { ...page, rows: page.rows.map(runs.withLive) }
    },

    async 'runs.get'({ id }) {
      const summary = runs.summary(id) ?? (await runs.refreshOne(id))
      if (!summary) throw new Failure('not-found', `there is no run "${id}"`)
      const spec = await readSpec(workspace, id)
      const [{ meta }, { status }] = [await metaOrRebuilt(workspace, id), await statusOrRebuilt(workspace, id)]
      const readable = (await runSnapshots(workspace, id)).filter(({ damage }) => damage === null)
      const snapshots = readable.map(({ step, bytes, blocks, hessian }) => ({ step, bytes, blocks, hessian }))
      return { summary, spec, meta, status, live: runs.livePhase(id), snapshots, checkpoints: await checkpointSteps(workspace, id) }
    },

    async 'runs.create'({ specs, group, start, confirmed, copyOf }) {
      const checked: MetSpec[] = []
      for (const spec of specs) checked.push(await requireSpec(context, spec))
      if (start && !confirmed) await requireFit(context, checked)
      const ids: string[] = []
      try {
        for (const { spec } of checked)
          ids.push(await runs.create(spec, group ?? (checked.length > 1 ? checked[0].spec.name : null), copyOf))
      } catch (error) {
        if (error instanceof SpecFault) throw new Failure('bad-request', error.message, error.problems)
        throw error
      }
      if (start) for (const id of ids) await runs.start(id, { confirmed })
      return { ids }
    },

    async 'runs.start'({ id, allowOtherBackend, budget }) {
      known(id)
      await runs.start(id, { allowOtherBackend, ...(budget ? { budget } : {}) })
      return {}
    },
    async 'runs.pause'({ id }) {
      known(id)
      await runs.stop(id, 'paused')
      return {}
    },
    async 'runs.stop'({ id }) {
      known(id)
      await runs.stop(id, 'interrupted')
      return {}
    },

    async 'runs.update'({ id, ...patch }) {
      known(id)
      await repairMeta(workspace, id)
      await updateMeta(workspace, id, patch)
      return (await runs.refreshOne(id)) ?? known(id)
    },
    async 'runs.remove'({ ids }) {
      const bytes = await runs.remove(ids)
      for (const id of ids) metrics.forget(id)
      storage.changed()
      return { bytes }
    },
    async 'runs.restore'({ ids }) {
      await runs.restore(ids)
      return {}
    },

    async 'runs.metrics'({ id, ...request }) {
      const { state, error } = known(id)
      return withDivergence(await metrics.read(id, request), request, state === 'diverged' ? error : null)
    },
    async 'runs.histograms'({ id, most }) {
      known(id)
      return histogramTable(workspace, id, most)
    },
    async 'runs.times'({ id }) {
      known(id)
      return timesOf(metrics, id)
    },
    'runs.values': async ({ ids, columns }) => ({ columns: await values.read(ids, columns) }),
    'runs.fields': ({ ids }) => values.fields(ids),
    async 'runs.aggregate'({ ids, ...request }) {
      ids.forEach(known)
      return { columns: await aggregatedMetrics(metrics, ids, request) }
    },
    async 'runs.log'({ id, tail }) {
      known(id)
      return { lines: (await readLog(workspace, id, tail)).map(({ time, message }) => ({ time, message })) }
    },
    async 'runs.files'({ id }) {
      known(id)
      return [...(await runFiles(workspace.fileSystem, runFolder(workspace, id)))]
    }
  }
}
