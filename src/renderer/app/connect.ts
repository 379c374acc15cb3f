// How the page reaches the workbench: a brokered port in the desktop app, a WebSocket behind a session in a browser.
import { shallowRef } from 'vue'
import { createClient, type Client } from '../../shared/api/client'
import type { Connection } from '../../shared/api/wire'

interface Bridge {
  readonly shell: 'electron'
  requestPort(): void
  /** Where a dropped or picked file is. */
  pathOf(file: File): string
  /** Asks where to save a file; null when the person would rather not. */
  savePath(name: string): Promise<string | null>
  /** Shows a folder of the workspace; why not, or nothing. */
  openFolder(path: string): Promise<string>
}
declare global {
  interface Window {
    saddlescope?: Bridge
  }
}

/** `denied`: the browser has no session; the person must open the link that the server printed. */
export const access = shallowRef<'granted' | 'denied'>('granted')

function portConnection(port: MessagePort): Connection {
  const closers: (() => void)[] = []
  let open = true
  const lose = () => {
    if (!open) return
    open = false
    window.removeEventListener('message', onLost)
    for (const closer of closers) closer()
  }
  const onLost = (event: MessageEvent) => {
    if (event.source === window && event.data?.type === 'saddlescope-port-lost') lose()
  }
  window.addEventListener('message', onLost)
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
    const timer = setTimeout(() => {
      window.removeEventListener('message', receive)
      reject(new Error('no port within 10 s'))
    }, 10_000)
    function receive(event: MessageEvent) {
      if (event.source !== window || event.data?.type !== 'saddlescope-port') return
      const [port] = event.ports
      if (!port) return
      clearTimeout(timer)
      window.removeEventListener('message', receive)
      resolve(portConnection(port))
    }
    window.addEventListener('message', receive)
    bridge.requestPort()
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
