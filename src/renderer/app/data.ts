// The cache and the calls every screen uses, bound to the page's client.
import { onScopeDispose, shallowRef } from 'vue'
import type { MethodInput, MethodName, MethodOutput, TopicName, Topics } from '../../shared/api/contract'
import { ApiFailure, type ConnectionState } from '../../shared/api/client'
import { client } from './connect'
import { stale } from '../ui/stale'
import { createLimit } from './limit'
import { createQueries } from './queries'

export const connectionState = shallowRef<ConnectionState>('connecting')
/** When the connection was lost, for as long as it is. */
export const lostSince = shallowRef<Date | null>(null)

/** What changes something is refused while the connection is lost: done later, unasked, it would surprise. */
const changes =
  /\.(create|start|pause|stop|update|remove|restore|import|export|download|verify|prune|pin|discard|compute|empty|save|set|cancel|move|hold|release)$/

const send = <Name extends MethodName>(
  method: Name,
  input: MethodInput<Name>,
  options?: { signal?: AbortSignal }
): Promise<MethodOutput<Name>> => client().call(method, input, options)

export const call: typeof send = async (method, input, options) => {
  if (lostSince.value && changes.test(method))
    throw new Error('Not connected to the workbench: nothing was changed. Try again when the connection is back.')
  return send(method, input, options)
}

/** Of the cache's calls so many are under way at once: the workbench refuses a page that asks for everything. */
const limited = createLimit(64)

const isLoss = (error: unknown) => error instanceof ApiFailure && error.error.code === 'unavailable' && client().state === 'lost'

export const { useQuery, useQueries, invalidate, fetchOnce, incomplete } = createQueries(
  (method, input, options) => limited(() => send(method, input, options), options?.signal),
  { isLoss }
)

/** Begins the connection; after a loss everything on screen is asked for again. */
export function startData() {
  const shared = client()
  connectionState.value = shared.state
  let wasLost = false
  shared.onState((state) => {
    connectionState.value = state
    if (state === 'lost') {
      wasLost = true
      lostSince.value ??= new Date()
    }
    if (state === 'connected') lostSince.value = null
    stale.value = lostSince.value !== null
    if (state === 'connected' && wasLost) {
      wasLost = false
      invalidate(() => true)
    }
  })
}

/** A subscription that ends with the component. */
export function useTopic<Name extends TopicName>(
  topic: Name,
  params: Topics[Name]['params'],
  listener: { onEvent(event: Topics[Name]['event']): void; onReset?(): void }
) {
  onScopeDispose(client().subscribe(topic, params, listener))
}
