// Serves one client over one connection, whatever carries it: requests, cancellation, subscriptions.
import { topicParams, type TopicName } from '../shared/api/contract'
import { decodeFrame, encodeFrame, type Connection, type Message } from '../shared/api/wire'
import { toApiError } from './failure'
import type { Hub } from './hub'
import type { Router } from './router'

/** What a connection serves. */
export interface Api {
  /** Changes with every start of the workbench: sequence numbers count from there. */
  readonly instance: string
  readonly router: Router
  readonly hub: Hub
}

/** The hub's channel of a topic with its parameters. */
export function channelOf<Name extends TopicName>(topic: Name, id?: string): string {
  return id === undefined ? topic : `${topic} ${id}`
}

const mostRequests = 256
const mostSubscriptions = 256

/** Speaks the protocol of src/shared/api until the connection closes; a frame that is none of it closes the connection. */
export function serveConnection(connection: Connection, { instance, router, hub }: Api): void {
  const running = new Map<number, AbortController>()
  const subscriptions = new Map<number, () => void>()
  let open = true

  const send = (message: Message) => {
    if (open) connection.send(encodeFrame(message))
  }

  function answer(id: number, result: Awaited<ReturnType<Router>>) {
    try {
      send(
        result.ok ? { type: 'response', id, ok: true, data: result.data ?? {} } : { type: 'response', id, ok: false, error: result.error }
      )
    } catch (error) {
      send({ type: 'response', id, ok: false, error: toApiError(error) })
    }
  }

  async function request(id: number, method: string, input: unknown) {
    if (running.has(id) || running.size >= mostRequests)
      return answer(id, { ok: false, error: { code: 'bad-request', message: `too many calls at once, or call ${id} twice` } })
    const controller = new AbortController()
    running.set(id, controller)
    const result = await router(method, input, controller.signal)
    running.delete(id)
    // A cancelled call has been rejected by the client already.
    if (!controller.signal.aborted) answer(id, result)
  }

  function subscribe(id: number, topic: string, params: unknown, since: number | null, of: string | null) {
    subscriptions.get(id)?.()
    subscriptions.delete(id)
    if (!Object.hasOwn(topicParams, topic) || subscriptions.size >= mostSubscriptions) return connection.close()
    const parsed = topicParams[topic as TopicName].safeParse(params ?? {})
    if (!parsed.success) return connection.close()
    const runId = 'id' in parsed.data ? parsed.data.id : undefined
    subscriptions.set(
      id,
      hub.subscribe(channelOf(topic as TopicName, runId), of === instance ? since : null, ({ sequence, event }) =>
        send({ type: 'event', id, sequence, event })
      )
    )
  }

  function receive(message: Message) {
    if (message.type === 'request') void request(message.id, String(message.method), message.input)
    else if (message.type === 'cancel') running.get(message.id)?.abort()
    else if (message.type === 'subscribe') subscribe(message.id, String(message.topic), message.params, message.since, message.instance)
    else if (message.type === 'unsubscribe') {
      subscriptions.get(message.id)?.()
      subscriptions.delete(message.id)
    }
  }

  connection.onClose(() => {
    open = false
    for (const controller of running.values()) controller.abort()
    for (const end of subscriptions.values()) end()
    subscriptions.clear()
  })
  connection.onFrame((frame) => {
    let message: Message
    try {
      message = decodeFrame(frame)
    } catch {
      return connection.close()
    }
    return receive(message)
  })
  send({ type: 'hello', instance })
}
