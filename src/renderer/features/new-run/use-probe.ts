// Measurements of specs on this machine: asked for as a job, kept as long as the page lives, and valid for every spec that does the same work.
import { computed, ref, shallowRef, watch } from 'vue'
import { probeKey, type ProbeResult } from '../../../shared/run/calibration'
import type { SpecEstimate } from '../../../shared/run/estimate'
import type { RunSpec } from '../../../shared/spec/schema'
import { sayError } from '../../app/actions'
import { call } from '../../app/data'
import { useJobs } from '../../app/jobs'

const results = shallowRef<ReadonlyMap<string, ProbeResult>>(new Map())

/** What a measurement is estimated to take, seconds: some steps, one snapshot, one evaluation. */
export function probeSeconds({ secondsPerStep, secondsPerSnapshot, secondsPerEvaluation, snapshots, evaluations }: SpecEstimate): number {
  const steps = Math.max(2 * (secondsPerStep ?? Infinity), Math.min(1.5, 30 * (secondsPerStep ?? Infinity)))
  return steps + (snapshots > 0 ? (secondsPerSnapshot ?? Infinity) : 0) + (evaluations > 0 ? (secondsPerEvaluation ?? Infinity) : 0)
}

export function useProbe(onMeasured: () => void) {
  const job = ref<string | null>(null)
  const asked = shallowRef<readonly string[]>([])
  const jobs = useJobs(() => undefined)
  const current = computed(() => jobs.value.find(({ id }) => id === job.value) ?? null)
  watch(current, (now) => {
    if (!now || now.state === 'running') return
    job.value = null
    if (now.state === 'failed') sayError(new Error(`The measurement failed: ${now.message}`))
    const found = now.result ?? []
    if (now.state !== 'done' || found.length === 0) return
    results.value = new Map([...results.value, ...found.map((one, place) => [asked.value[place], one] as const)])
    onMeasured()
  })
  return {
    running: computed(() => (job.value === null ? null : (current.value ?? { fraction: 0, message: 'starting' }))),
    resultOf: (spec: RunSpec) => results.value.get(probeKey(spec)) ?? null,
    /** `quietly`: a failure to begin is not worth a notice. */
    async measure(specs: readonly RunSpec[], quietly = false) {
      try {
        asked.value = specs.map(probeKey)
        job.value = (await call('spec.probe', { specs: [...specs] as never })).job
      } catch (error) {
        if (!quietly) sayError(error)
      }
    },
    cancel() {
      if (job.value !== null) void call('jobs.cancel', { id: job.value }).catch(sayError)
    }
  }
}
