// datasets.* and jobs.*: what is installed, and the jobs that look after it.
import { listDatasets, readThumbnails } from '../../store/datasets'
import type { WorkbenchContext } from '../context'
import type { HandlersOf } from '../router'

type Names = 'datasets.list' | 'datasets.download' | 'datasets.verify' | 'datasets.thumbnails' | 'jobs.list' | 'jobs.cancel'

export function datasetHandlers({ workspace, jobs }: WorkbenchContext): HandlersOf<Names> {
  return {
    'datasets.list': () => listDatasets(workspace),
    async 'datasets.download'({ name }) {
      return { job: jobs.start({ name: 'dataset-download', dataset: name }, `Download ${name}`) }
    },
    async 'datasets.verify'({ name }) {
      return { job: jobs.start({ name: 'dataset-verify', dataset: name }, `Verify ${name}`) }
    },
    'datasets.thumbnails': ({ id, split, offset, count }) => readThumbnails(workspace, id, split, offset, count),
    'jobs.list': async () => jobs.list(),
    async 'jobs.cancel'({ id }) {
      jobs.cancel(id)
      return {}
    }
  }
}
