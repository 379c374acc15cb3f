// The jobs of the workbench (imports, downloads, checks), kept up by events.
import { onScopeDispose, shallowRef } from 'vue'
import type { JobInfo } from '../../shared/api/contract'
import { client } from './connect'
import { call } from './data'

/** Newest last; `onEnd` hears of each job that ends while the component lives. */
export function useJobs(onEnd: (job: JobInfo) => void) {
  const jobs = shallowRef<readonly JobInfo[]>([])
  const put = (job: JobInfo) => {
    const before = jobs.value.find((one) => one.id === job.id)
    jobs.value = before ? jobs.value.map((one) => (one.id === job.id ? job : one)) : [...jobs.value, job]
    if (job.state !== 'running' && before?.state !== job.state) onEnd(job)
  }
  onScopeDispose(
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
  )
  return jobs
}
