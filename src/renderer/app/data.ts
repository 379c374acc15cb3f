// The cache and the calls every screen uses, bound to the page's client.
import { onScopeDispose, shallowRef } from 'vue'
import type { MethodInput, MethodName, MethodOutput, TopicName, Topics } from '../../shared/api/contract'
import type { ConnectionState } from '../../shared/api/client'
import { client } from './connect'
import { createLimit } from './limit'
import { createQueries } from './queries'

export const call = <Name extends MethodName>(
  method: Name,
  input: MethodInput<Name>,
  options?: { signal?: AbortSignal }
): Promise<MethodOutput<Name>> => client().call(method, input, options)

/** Of the cache's calls so many are under way at once: the workbench refuses a page that asks for everything. */
const limited = createLimit(64)
export const { useQuery, useQueries, invalidate, fetchOnce } = createQueries((method, input, options) =>
  limited(() => call(method, input, options), options?.signal)
)

export const connectionState = shallowRef<ConnectionState>('connecting')

/** Begins the connection; after a loss everything on screen is asked for again. */
export function startData() {
  const shared = client()
  connectionState.value = shared.state
  let wasLost = false
  shared.onState((state) => {
    connectionState.value = state
    if (state === 'lost') wasLost = true
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
