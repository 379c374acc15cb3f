// datasets.* and jobs.*: what is installed and how its samples look, and the jobs that look after it.
import { datasetStatistics, discardDownload, listDatasets, readThumbnails } from '../../store/datasets'
import type { WorkbenchContext } from '../context'
import { Failure } from '../failure'
import type { HandlersOf } from '../router'

type Names =
  | 'datasets.list'
  | 'datasets.download'
  | 'datasets.discard'
  | 'datasets.verify'
  | 'datasets.statistics'
  | 'datasets.thumbnails'
  | 'jobs.list'
  | 'jobs.cancel'

export function datasetHandlers({ workspace, jobs, storage }: WorkbenchContext): HandlersOf<Names> {
  const downloadOf = (name: string) =>
    jobs.list().find(({ kind, state, about }) => kind === 'dataset-download' && state === 'running' && about === name)
  const changed = async () => storage.changed()
  return {
    'datasets.list': () => listDatasets(workspace),
    async 'datasets.download'({ name }) {
      if (downloadOf(name)) throw new Failure('conflict', `${name} is being downloaded already`)
      return { job: jobs.start({ name: 'dataset-download', dataset: name }, `Download ${name}`, { about: name, onEnd: changed }) }
    },
    async 'datasets.discard'({ name }) {
      if (downloadOf(name)) throw new Failure('conflict', `${name} is being downloaded; cancel that first`)
      const bytes = await discardDownload(workspace, name)
      storage.changed()
      return { bytes }
    },
    async 'datasets.verify'({ name }) {
      return { job: jobs.start({ name: 'dataset-verify', dataset: name }, `Verify ${name}`, { about: name }) }
    },
    'datasets.statistics': ({ id }) => datasetStatistics(workspace, id),
    'datasets.thumbnails': ({ id, split, ...request }) => readThumbnails(workspace, id, split, request),
    'jobs.list': async () => jobs.list(),
    async 'jobs.cancel'({ id }) {
      jobs.cancel(id)
      return {}
    }
  }
}
