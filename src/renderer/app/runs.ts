// The list of runs as the page knows it: asked for once, then kept up by events, a few updates a second at most.
import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import type { RunEvent, RunsEvent } from '../../shared/api/contract'
import type { RunSummary } from '../../shared/run/summary'
import { batched } from './batch'
import { client } from './connect'
import { call, invalidate, lostSince } from './data'
import { hear, nothingHeard, type Heard } from './live'
import { liveList } from './live-list'

const runs = liveList<RunSummary>(async () => (await call('runs.list', {})).rows)
export const { loaded: runsLoaded, error: runsError, list: runList, get: runById } = runs

export function startRuns() {
  const take = batched<RunsEvent>(300, (events) => {
    runs.apply(events)
    invalidate((method) => method === 'snapshots.library' || method === 'trash.list' || method === 'queue.list')
  })
  client().subscribe('runs', {}, { onEvent: take, onReset: () => void runs.load() })
}

const mostFollowed = 8
const nothing: ReadonlyMap<string, Heard> = new Map()

/** What is heard of the running runs, by run. Follows up to eight. */
export function useHeard() {
  const heard = shallowRef<ReadonlyMap<string, Heard>>(new Map())
  const followed = new Map<string, () => void>()
  const take = batched<[string, RunEvent]>(250, (news) => {
    const next = new Map(heard.value)
    const now = Date.now()
    for (const [id, event] of news) if (followed.has(id)) next.set(id, hear(next.get(id) ?? nothingHeard(now), event, now))
    heard.value = next
  })
  const running = computed(() =>
    runList.value
      .filter((run) => run.state === 'running')
      .slice(0, mostFollowed)
      .map((run) => run.id)
      .join(' ')
  )
  watch(
    running,
    (text) => {
      const ids = text === '' ? [] : text.split(' ')
      for (const [id, end] of followed)
        if (!ids.includes(id)) {
          end()
          followed.delete(id)
          const next = new Map(heard.value)
          next.delete(id)
          heard.value = next
        }
      for (const id of ids)
        if (!followed.has(id)) followed.set(id, client().subscribe('run', { id }, { onEvent: (event) => take([id, event]) }))
    },
    { immediate: true }
  )
  onScopeDispose(() => {
    for (const end of followed.values()) end()
    followed.clear()
  })
  // What ran when the connection was lost is not shown as if it still did.
  return computed(() => (lostSince.value ? nothing : heard.value))
}
