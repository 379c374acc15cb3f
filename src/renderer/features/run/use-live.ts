// What is heard of a run while its screen is open, and the time, so that silence shows.
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { LivePhase, RunEvent } from '../../../shared/api/contract'
import type { RunSummary } from '../../../shared/run/summary'
import { call } from '../../app/data'
import { hear, liveFigures, liveTexts, nothingHeard, recall } from '../../app/live'

const historyPixels = 120

/** `asked`: the phase that the run was in when its details were asked for. */
export function useLive(id: string, run: () => RunSummary | undefined, asked: () => LivePhase | null) {
  const heard = shallowRef(nothingHeard(Date.now()))
  const now = ref(Date.now())
  const running = computed(() => run()?.state === 'running')

  watch(
    running,
    (is, _before, onCleanup) => {
      if (!is) return
      heard.value = nothingHeard(Date.now())
      now.value = Date.now()
      const timer = setInterval(() => (now.value = Date.now()), 1000)
      onCleanup(() => clearInterval(timer))
      // The pace of the steps before: without them a run of long steps would say nothing for minutes.
      void call('runs.metrics', { id, columns: ['seconds', 'wallSeconds'], pixels: historyPixels }).then(
        ({ steps, columns }) => (heard.value = recall(heard.value, steps, columns)),
        () => undefined
      )
    },
    { immediate: true }
  )
  watch(asked, (phase) => {
    if (phase && heard.value.phase === null && heard.value.recent.length === 0) heard.value = { ...heard.value, phase }
  })
  onScopeDispose(() => (heard.value = nothingHeard(0)))

  const figures = computed(() => {
    const summary = run()
    return summary ? liveFigures(summary, heard.value, now.value) : null
  })
  return {
    take: (events: readonly RunEvent[]) => (heard.value = events.reduce((before, event) => hear(before, event, Date.now()), heard.value)),
    figures,
    texts: computed(() => (figures.value ? liveTexts(figures.value, run()?.step ?? 0, now.value) : null))
  }
}
