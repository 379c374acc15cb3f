// The jobs of the workbench (imports, downloads, checks), kept up by events.
import { onScopeDispose, shallowRef } from 'vue'
import type { JobInfo } from '../../shared/api/contract'
import { notify } from '../ui/toasts'
import { client } from './connect'
import { call, invalidate } from './data'

const jobs = shallowRef<readonly JobInfo[]>([])
const listeners = new Set<(job: JobInfo) => void>()

function put(job: JobInfo) {
  const before = jobs.value.find((one) => one.id === job.id)
  jobs.value = before ? jobs.value.map((one) => (one.id === job.id ? job : one)) : [...jobs.value, job]
  if (job.state !== 'running' && before?.state !== job.state) for (const listener of listeners) listener(job)
}

/** Jobs that bring or take files: they are shown on every screen, and told of at their end. */
export const carriesFiles = (job: JobInfo) => /^(dataset|run|model)-(import|export|download|verify)$/.test(job.kind)

function tell(job: JobInfo) {
  if (!carriesFiles(job)) return
  if (/^(dataset|model)-/.test(job.kind)) invalidate((method) => method.startsWith('datasets.'))
  // What is wrong with it stands on the screen it was started from.
  if (job.kind === 'model-import' && job.state !== 'done' && location.hash.startsWith('#/model')) return
  const { state, made } = job
  const said = job.message === '' || job.message === state ? state : state === 'done' ? job.message : `${state}: ${job.message}`
  const leads = made && job.kind !== 'run-export'
  const address = made?.kind === 'run' ? `#/run/${made.id}` : `#/datasets?id=${made?.id}`
  notify(`${job.title}: ${said}`, {
    tone: state === 'failed' ? 'bad' : 'info',
    ...(leads ? { action: { label: 'Show', run: () => void (location.hash = address) } } : {})
  })
}

/** Begins to follow the jobs; their ends are told from then on. */
export function startJobs() {
  listeners.add(tell)
  client().subscribe(
    'jobs',
    {},
    {
      onEvent: (event) => put(event.job),
      onReset: () =>
        void call('jobs.list', {}).then(
          (list) => (jobs.value = list),
          () => undefined
        )
    }
  )
}

/** Hears of each job that ends, until what it returns is called. */
export function onJobEnd(listener: (job: JobInfo) => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Newest last; `onEnd` hears of each job that ends while the component lives. */
export function useJobs(onEnd?: (job: JobInfo) => void) {
  if (onEnd) onScopeDispose(onJobEnd(onEnd))
  return jobs
}
