// A list of the workbench as the page knows it: asked for once, then kept up by events.
import { computed, shallowRef } from 'vue'
import { messageOf } from '../../shared/format/message-of'

type ListEvent<Row> = { readonly kind: 'changed'; readonly summary: Row } | { readonly kind: 'removed'; readonly id: string }

/** The list after these events, in order. */
function applied<Row extends { readonly id: string }>(rows: ReadonlyMap<string, Row>, events: readonly ListEvent<Row>[]): Map<string, Row> {
  const next = new Map(rows)
  for (const event of events) {
    if (event.kind === 'changed') next.set(event.summary.id, event.summary)
    else next.delete(event.id)
  }
  return next
}

/** `ask` gets the whole list; what `apply` is told of since stands in it at once. */
export function liveList<Row extends { readonly id: string }>(ask: () => Promise<readonly Row[]>) {
  const byId = shallowRef<ReadonlyMap<string, Row>>(new Map())
  const loaded = shallowRef(false)
  const error = shallowRef<string | null>(null)
  return {
    loaded,
    error,
    list: computed(() => [...byId.value.values()]),
    get: (id: string) => byId.value.get(id),
    apply: (events: readonly ListEvent<Row>[]) => void (byId.value = applied(byId.value, events)),
    async load(): Promise<void> {
      try {
        byId.value = new Map((await ask()).map((row) => [row.id, row]))
        loaded.value = true
        error.value = null
      } catch (fault) {
        error.value = messageOf(fault)
      }
    }
  }
}
