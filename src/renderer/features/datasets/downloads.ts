// The downloads of this workbench by data set: the one under way, and how the last one ended.
import { computed } from 'vue'
import { useJobs } from '../../app/jobs'

export function useDownloads() {
  const jobs = useJobs()
  const mine = computed(() => jobs.value.filter(({ kind }) => kind === 'dataset-download'))
  return {
    runningOf: (id: string) => mine.value.find(({ about, state }) => about === id && state === 'running') ?? null,
    lastOf: (id: string) => mine.value.filter(({ about, state }) => about === id && state !== 'running').at(-1) ?? null
  }
}
