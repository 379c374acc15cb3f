// One suite over every transport: calls, arrays, errors, cancellation, subscriptions that resume or say that events were missed.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MessageChannel } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { createClient, ApiFailure, type Client } from '../../../src/shared/api/client'
import { connectionPair } from './memory-connection'
import { encodeFrame, type Connection } from '../../../src/shared/api/wire'
import { webSocketConnection } from '../../../src/server/websocket-connection'
import { createHub, type Hub } from '../../../src/workbench/hub'
import { portConnection } from '../../../src/workbench/port-connection'
import { serveConnection } from '../../../src/workbench/serve-connection'
import type { Router } from '../../../src/workbench/router'

interface Transport {
  /** One new connection; the other end is handed to `serve`. */
  connect(serve: (connection: Connection) => void): Promise<Connection>
  end(): Promise<void>
}

const memory = (): Transport => ({
  async connect(serve) {
    const [mine, other] = connectionPair()
    serve(other)
    return mine
  },
  end: async () => undefined
})

const messagePort = (): Transport => ({
  async connect(serve) {
    const { port1, port2 } = new MessageChannel()
    serve(portConnection(port2))
    return portConnection(port1)
  },
  end: async () => undefined
})

function webSocket(): Transport {
  let http: Server | null = null
  let sockets: WebSocketServer | null = null
  return {
    async connect(serve) {
      if (!http) {
        http = createServer()
        sockets = new WebSocketServer({ server: http })
        await new Promise<void>((done) => http?.listen(0, '127.0.0.1', done))
      }
      sockets?.removeAllListeners('connection').on('connection', (socket) => serve(webSocketConnection(socket)))
      const socket = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`)
      return webSocketConnection(socket)
    },
    async end() {
      for (const socket of sockets?.clients ?? []) socket.terminate()
      await new Promise<void>((done) => (http ? http.close(() => done()) : done()))
    }
  }
}

const info = { version: '1', workspace: '/w', platform: 'x', backend: null, freeBytes: 1, shell: 'browser' }
const table = { steps: new Float64Array([1, 2]), columns: { loss: new Float64Array([0.5, Number.NaN]) }, available: ['loss'], total: 2 }
const cancelled: string[] = []

const router: Router = async (method, input, signal) => {
  if (method === 'app.info') return { ok: true, data: info }
  if (method === 'runs.metrics') return { ok: true, data: table }
  if (method === 'jobs.list')
    return new Promise((resolve) =>
      signal.addEventListener('abort', () => {
        cancelled.push(method)
        resolve({ ok: true, data: [] })
      })
    )
  return { ok: false, error: { code: 'not-found', message: `no ${method} of ${JSON.stringify(input)}` } }
}

describe.each([
  ['in memory', memory],
  ['over a MessagePort', messagePort],
  ['over a WebSocket', webSocket]
])('%s', (_name, makeTransport) => {
  const ends: (() => Promise<void> | void)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  function open(hub: Hub = createHub(), instance = () => 'one') {
    const transport = makeTransport()
    const connections: Connection[] = []
    const client: Client = createClient(async () => {
      const connection = await transport.connect((served) => serveConnection(served, { instance: instance(), router, hub }))
      connections.push(connection)
      return connection
    })
    ends.push(
      () => transport.end(),
      () => client.close()
    )
    return { client, hub, connections }
  }

  test('calls answer, typed arrays and NaN included', async () => {
    const { client } = open()
    expect(await client.call('app.info', {})).toEqual(info)
    const metrics = await client.call('runs.metrics', { id: 'a', columns: ['loss'] })
    expect(metrics).toEqual(table)
    expect(metrics.columns.loss).toBeInstanceOf(Float64Array)
  })

  test('errors arrive as code and sentence', async () => {
    const { client } = open()
    const failure = await client.call('runs.get', { id: 'a' }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ApiFailure)
    expect(failure).toMatchObject({ error: { code: 'not-found', message: 'no runs.get of {"id":"a"}' } })
  })

  test('a cancelled call rejects at once and is cancelled on the other side', async () => {
    const { client } = open()
    await client.call('app.info', {})
    cancelled.length = 0
    const controller = new AbortController()
    const call = client.call('jobs.list', {}, { signal: controller.signal })
    await client.call('app.info', {})
    controller.abort()
    await expect(call).rejects.toMatchObject({ error: { code: 'cancelled' } })
    await client.call('app.info', {})
    expect(cancelled).toEqual(['jobs.list'])
  })

  test('a lost connection rejects what was under way, comes back, and resumes events without a gap', async () => {
    const { client, hub, connections } = open()
    const seen: unknown[] = []
    client.subscribe('jobs', {}, { onEvent: (event) => seen.push(event), onReset: () => seen.push('reset') })
    await client.call('app.info', {})
    hub.publish('jobs', { n: 1 })
    await expect.poll(() => seen).toEqual(['reset', { n: 1 }])
    const call = client.call('jobs.list', {})
    await client.call('app.info', {})
    connections[0].close()
    await expect(call).rejects.toMatchObject({ error: { code: 'unavailable' } })
    hub.publish('jobs', { n: 2 })
    await expect.poll(() => seen).toEqual(['reset', { n: 1 }, { n: 2 }])
    expect(connections).toHaveLength(2)
  })

  test('after too many missed events, or another server, the listener is told to ask afresh', async () => {
    let instance = 'one'
    const hub = createHub()
    const { client, connections } = open(hub, () => instance)
    const seen: unknown[] = []
    client.subscribe('runs', {}, { onEvent: (event) => seen.push(event), onReset: () => seen.push('reset') })
    await expect.poll(() => seen).toEqual(['reset'])
    connections[0].close()
    await expect.poll(() => client.state, { interval: 10 }).toBe('lost')
    for (let n = 0; n < 300; n++) hub.publish('runs', { n })
    await expect.poll(() => seen).toEqual(['reset', 'reset'])
    instance = 'two'
    connections[1].close()
    await expect.poll(() => seen).toEqual(['reset', 'reset', 'reset'])
    hub.publish('runs', { n: 'after' })
    await expect.poll(() => seen.at(-1)).toEqual({ n: 'after' })
  })

  test('an ended subscription hears nothing more, and events of one run reach its listeners only', async () => {
    const { client, hub } = open()
    const seen: unknown[] = []
    const end = client.subscribe('run', { id: 'a' }, { onEvent: (event) => seen.push(event) })
    await client.call('app.info', {})
    hub.publish('run b', { n: 0 })
    hub.publish('run a', { n: 1 })
    await expect.poll(() => seen).toEqual([{ n: 1 }])
    end()
    await client.call('app.info', {})
    hub.publish('run a', { n: 2 })
    await client.call('app.info', {})
    expect(seen).toEqual([{ n: 1 }])
    expect(hub.hasListeners('run a')).toBe(false)
  })

  test('bytes that are no frame end the connection, and only that one', async () => {
    const { client, hub } = open()
    const transport = makeTransport()
    ends.push(() => transport.end())
    const broken = await transport.connect((served) => serveConnection(served, { instance: 'one', router, hub }))
    const closed = new Promise<void>((done) => broken.onClose(done))
    broken.onFrame(() => broken.send(new ArrayBuffer(3)))
    await closed
    const odd = await transport.connect((served) => serveConnection(served, { instance: 'one', router, hub }))
    const oddClosed = new Promise<void>((done) => odd.onClose(done))
    odd.onFrame(() => odd.send(encodeFrame({ type: 'subscribe', id: 1, topic: 'nothing', params: {}, since: null, instance: null })))
    await oddClosed
    expect(await client.call('app.info', {})).toEqual(info)
  })
})
