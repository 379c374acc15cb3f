// The API as a client sees it, over any transport: typed calls, cancellation, subscriptions that survive a reconnect.
import type { ApiError, MethodInput, MethodName, MethodOutput, TopicName, Topics } from './contract'
import { decodeFrame, encodeFrame, type Connection, type Message } from './wire'

export class ApiFailure extends Error {
  constructor(readonly error: ApiError) {
    super(error.message)
    this.name = 'ApiFailure'
  }
}

export type ConnectionState = 'connecting' | 'connected' | 'lost' | 'closed'

export interface Client {
  /** Rejects with ApiFailure. A call made while the connection is lost waits for it; one that was under way when it broke rejects with code `unavailable`. */
  call<Name extends MethodName>(method: Name, input: MethodInput<Name>, options?: { signal?: AbortSignal }): Promise<MethodOutput<Name>>
  /** `onReset` is called once at the start and whenever events may have been missed: ask for the present state then. Returns the function that ends it. */
  subscribe<Name extends TopicName>(
    topic: Name,
    params: Topics[Name]['params'],
    listener: { onEvent(event: Topics[Name]['event']): void; onReset?(): void }
  ): () => void
  readonly state: ConnectionState
  onState(listener: (state: ConnectionState) => void): () => void
  close(): void
}

interface Subscription {
  topic: TopicName
  params: unknown
  last: number | null
  instance: string | null
  onEvent(event: unknown): void
  onReset?(): void
}

interface PendingCall {
  resolve(data: unknown): void
  reject(error: Error): void
}

const retryDelays = [200, 400, 800, 1500, 3000]

/** `connect` makes one connection attempt; it is called again, with growing pauses, after every loss. */
export function createClient(connect: () => Promise<Connection>): Client {
  let connection: Connection | null = null
  let state: ConnectionState = 'connecting'
  let instance: string | null = null
  let nextId = 1
  let attempts = 0
  const pending = new Map<number, PendingCall>()
  const subscriptions = new Map<number, Subscription>()
  const stateListeners = new Set<(state: ConnectionState) => void>()
  let waiting: (() => void)[] = []

  function setState(next: ConnectionState) {
    if (state === next) return
    state = next
    for (const listener of stateListeners) listener(next)
  }

  const send = (message: Message) => connection?.send(encodeFrame(message))

  function sendSubscribe(id: number, subscription: Subscription) {
    const { topic, params, last, instance: seen } = subscription
    send({ type: 'subscribe', id, topic, params, since: last, instance: seen })
  }

  function receive(message: Message) {
    if (message.type === 'hello') {
      instance = message.instance
      attempts = 0
      setState('connected')
      for (const [id, subscription] of subscriptions) sendSubscribe(id, subscription)
      const ready = waiting
      waiting = []
      for (const go of ready) go()
    } else if (message.type === 'response') {
      const call = pending.get(message.id)
      pending.delete(message.id)
      if (message.ok) call?.resolve(message.data)
      else call?.reject(new ApiFailure(message.error as ApiError))
    } else if (message.type === 'event') {
      const subscription = subscriptions.get(message.id)
      if (!subscription) return
      subscription.last = message.sequence
      subscription.instance = instance
      if (message.event === null) subscription.onReset?.()
      else subscription.onEvent(message.event)
    }
  }

  function lose() {
    connection = null
    for (const call of pending.values())
      call.reject(new ApiFailure({ code: 'unavailable', message: 'the connection to the workbench was lost' }))
    pending.clear()
    if (state === 'closed') return
    setState('lost')
    setTimeout(open, retryDelays[Math.min(attempts++, retryDelays.length - 1)])
  }

  async function open() {
    if (state === 'closed') return
    try {
      const made = await connect()
      connection = made
      made.onFrame((frame) => {
        if (connection === made) receive(decodeFrame(frame))
      })
      made.onClose(() => {
        if (connection === made) lose()
      })
    } catch {
      lose()
    }
  }
  void open()

  const connected = () => (state === 'connected' ? Promise.resolve() : new Promise<void>((done) => waiting.push(done)))

  return {
    get state() {
      return state
    },
    async call(method, input, options = {}) {
      const { signal } = options
      const cancelled = () => new ApiFailure({ code: 'cancelled', message: `${method} was cancelled` })
      if (signal?.aborted) throw cancelled()
      if (state === 'closed') throw new ApiFailure({ code: 'unavailable', message: 'the client is closed' })
      await connected()
      if (signal?.aborted) throw cancelled()
      const id = nextId++
      return new Promise((resolve, reject) => {
        const cancel = () => {
          send({ type: 'cancel', id })
          pending.delete(id)
          reject(cancelled())
        }
        const settle = () => signal?.removeEventListener('abort', cancel)
        pending.set(id, {
          resolve(data) {
            settle()
            resolve(data as MethodOutput<typeof method>)
          },
          reject(error) {
            settle()
            reject(error)
          }
        })
        signal?.addEventListener('abort', cancel, { once: true })
        send({ type: 'request', id, method, input })
      })
    },
    subscribe(topic, params, listener) {
      const id = nextId++
      const subscription: Subscription = {
        topic,
        params,
        last: null,
        instance: null,
        onEvent: listener.onEvent as (event: unknown) => void,
        onReset: listener.onReset
      }
      subscriptions.set(id, subscription)
      if (state === 'connected') sendSubscribe(id, subscription)
      return () => {
        subscriptions.delete(id)
        if (state === 'connected') send({ type: 'unsubscribe', id })
      }
    },
    onState(listener) {
      stateListeners.add(listener)
      return () => stateListeners.delete(listener)
    },
    close() {
      setState('closed')
      for (const call of pending.values()) call.reject(new ApiFailure({ code: 'unavailable', message: 'the client was closed' }))
      pending.clear()
      connection?.close()
    }
  }
}
