// How the page reaches the workbench: a brokered port in the desktop app, a WebSocket behind a session in a browser.
import { shallowRef } from 'vue'
import { createClient, type Client } from '../../shared/api/client'
import type { Connection } from '../../shared/api/wire'
import type { Bridge } from '../../shared/shell/bridge'
import { onNews } from './shell'

/** `denied`: the browser has no session; the person must open the link that the server printed. */
export const access = shallowRef<'granted' | 'denied'>('granted')

function portConnection(port: MessagePort): Connection {
  const closers: (() => void)[] = []
  let open = true
  const lose = () => {
    if (!open) return
    open = false
    stopListening()
    for (const closer of closers) closer()
  }
  const stopListening = onNews('port-lost', lose)
  port.addEventListener('close', lose)
  return {
    // Copied, not transferred: the other side may be a port outside the page, which takes no transferred memory.
    send: (frame) => port.postMessage(frame),
    onFrame(listener) {
      port.addEventListener('message', (event: MessageEvent<unknown>) => {
        if (event.data instanceof ArrayBuffer) listener(event.data)
      })
      port.start()
    },
    onClose: (listener) => closers.push(listener),
    close() {
      port.close()
      lose()
    }
  }
}

function connectPort(bridge: Bridge): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const stopListening = onNews('port', (_news, [port]) => {
      end()
      resolve(portConnection(port))
    })
    const fail = (error: Error) => {
      end()
      reject(error)
    }
    const timer = setTimeout(() => fail(new Error('no port within 10 s')), 10_000)
    function end() {
      clearTimeout(timer)
      stopListening()
    }
    bridge.ask('request-port', {}).catch(fail)
  })
}

function socketConnection(socket: WebSocket): Connection {
  return {
    send: (frame) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(frame)
    },
    onFrame: (listener) =>
      socket.addEventListener('message', (event: MessageEvent<unknown>) => {
        if (event.data instanceof ArrayBuffer) listener(event.data)
      }),
    onClose: (listener) => socket.addEventListener('close', () => listener(), { once: true }),
    close: () => socket.close()
  }
}

async function connectSocket(): Promise<Connection> {
  const session = await fetch('/session', { method: 'GET', credentials: 'same-origin' })
  if (session.status === 401) {
    access.value = 'denied'
    throw new Error('no session')
  }
  access.value = 'granted'
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api`)
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('error', () => reject(new Error('no connection')), { once: true })
    // Frames that arrive with the opening must find their listener: the connection is handed over before the socket opens.
    const connection = socketConnection(socket)
    socket.addEventListener('open', () => resolve(connection), { once: true })
  })
}

/** Trades the token of a printed link for a session cookie. */
export async function redeemToken(token: string | null) {
  if (!token || window.saddlescope) return
  const response = await fetch('/session', {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token })
  }).catch(() => null)
  if (response) access.value = response.ok ? 'granted' : 'denied'
}

let shared: Client | null = null

/** The page's one client; made on first use. */
export function client(): Client {
  shared ??= createClient(() => (window.saddlescope ? connectPort(window.saddlescope) : connectSocket()))
  return shared
}
