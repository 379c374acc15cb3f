// The workbench over HTTP and WebSocket on the loopback interface: a public static shell, and an API behind a token.
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { WebSocketServer } from 'ws'
import type { Connection } from '../shared/api/wire'
import { contentTypeOf, pageFile, pageHeaders } from '../shared/page-policy'
import type { Workspace } from '../store'
import { filesPath, handleFiles } from './files'
import { createGuard, refuseOrigin, type Guard } from './guard'
import { newToken } from './token'
import { webSocketConnection } from './websocket-connection'

export interface ServerOptions {
  /** Handed each authenticated connection. */
  readonly serve: (connection: Connection) => void
  /** Whose files are carried below `/files/`; left out: there are none. */
  readonly workspace?: Workspace
  /** What opens it on the port that it got (256 bits in base64url); left out: a new one that lives as long as the server. */
  readonly token?: (port: number) => Promise<string>
  /** Folder of the built page. */
  readonly pageFolder: string
  readonly port: number
  /** False: when the port is taken, the next free one is used. */
  readonly strictPort: boolean
  /** Only loopback addresses are accepted. */
  readonly host?: string
}

export interface Server {
  readonly port: number
  /** The address with the token, for the person who started it and nobody else: never log it. */
  readonly link: string
  close(): Promise<void>
}

export const defaultPort = 7340
const portsToTry = 50
const maxSessionBytes = 1000
const loopback = new Set(['127.0.0.1', 'localhost', '::1'])

/** The sentence for a `--host` that would open the workbench to the network. */
export function refuseHost(host: string, port: number): string | null {
  if (loopback.has(host)) return null
  return `--host ${host} is refused: the workbench listens on this machine only. From another machine use: ssh -L ${port}:127.0.0.1:${port} <this machine>, then open the printed link there`
}

function answer(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}) {
  response.writeHead(status, { ...pageHeaders, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...headers })
  response.end(text)
}

async function readBody(request: IncomingMessage, limit: number): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > limit) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function openSession(guard: Guard, request: IncomingMessage, response: ServerResponse) {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) return answer(response, 415, 'send the token as JSON')
  const body = await readBody(request, maxSessionBytes)
  let token: unknown
  try {
    token = (JSON.parse(body ?? '') as { token?: unknown }).token
  } catch {
    token = undefined
  }
  if (typeof token !== 'string') return answer(response, 400, 'send {"token": "…"}')
  const result = guard.open(token)
  if (result.kind === 'wait')
    return answer(response, 429, `too many wrong tokens, wait ${result.seconds} s`, { 'retry-after': String(result.seconds) })
  if (result.kind === 'refused') return answer(response, 401, 'the token is not valid: use the link that the server printed')
  return answer(response, 204, '', { 'set-cookie': result.cookie })
}

async function sendPage(pageFolder: string, path: string, request: IncomingMessage, response: ServerResponse) {
  const file = pageFile(path)
  const body = file === null ? null : await readFile(join(pageFolder, file)).catch(() => null)
  if (file === null || body === null) return answer(response, 404, 'not found')
  // Names of built assets hold their hash, the entry page does not.
  const cacheControl = file.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
  response.writeHead(200, {
    ...pageHeaders,
    'content-type': contentTypeOf(file) ?? '',
    'content-length': body.length,
    'cache-control': cacheControl
  })
  return response.end(request.method === 'HEAD' ? undefined : body)
}

async function handle(guard: Guard, { pageFolder, workspace }: ServerOptions, request: IncomingMessage, response: ServerResponse) {
  const refusal = refuseOrigin(request)
  if (refusal) return answer(response, 403, refusal)
  const path = (request.url ?? '/').split('?', 1)[0]
  const method = request.method ?? ''
  if (path === '/session') {
    if (method === 'POST') return openSession(guard, request, response)
    if (method === 'GET') return answer(response, guard.admits(request) ? 204 : 401, '')
    return answer(response, 405, 'use GET or POST', { allow: 'GET, POST' })
  }
  if (workspace && path.startsWith(filesPath)) {
    // `connection: close`, because what a stranger sends along is not read.
    if (!guard.admits(request))
      return answer(response, 401, 'files need a session: open the link that the server printed', { connection: 'close' })
    return handleFiles(workspace, request, response)
  }
  if (method !== 'GET' && method !== 'HEAD') return answer(response, 405, 'use GET', { allow: 'GET, HEAD' })
  if (path === '/api') return answer(response, guard.admits(request) ? 426 : 401, 'the API speaks WebSocket')
  return sendPage(pageFolder, path, request, response)
}

/** Starts listening. Rejects when the host is not a loopback address, or a strict port is taken (one sentence each). */
export async function startServer(options: ServerOptions): Promise<Server> {
  const host = options.host ?? '127.0.0.1'
  const refusal = refuseHost(host, options.port)
  if (refusal) throw new Error(refusal)
  let guard: Guard | null = null
  const server = createServer((request, response) => {
    if (!guard) return response.destroy()
    handle(guard, options, request, response).catch(() => {
      if (response.headersSent) response.destroy()
      else answer(response, 500, 'the server failed to answer')
    })
  })
  // An upload may take its time; one that stalls is given up where it is received.
  server.requestTimeout = 0
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 * 1024, perMessageDeflate: false })
  server.on('upgrade', (request, socket, head) => {
    const refuse = (status: string) => socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    socket.on('error', () => socket.destroy())
    if (!guard || refuseOrigin(request)) return refuse('403 Forbidden')
    if (!guard.admits(request)) return refuse('401 Unauthorized')
    if (request.url !== '/api') return refuse('404 Not Found')
    return sockets.handleUpgrade(request, socket, head, (webSocket) => options.serve(webSocketConnection(webSocket)))
  })

  const port = await listen(server, host === 'localhost' ? '127.0.0.1' : host, options.port, options.strictPort)
  const token = (await options.token?.(port)) ?? newToken()
  guard = createGuard(port, token)
  const shownHost = host === '::1' ? '[::1]' : '127.0.0.1'
  return {
    port,
    link: `http://${shownHost}:${port}/#token=${token}`,
    async close() {
      for (const socket of sockets.clients) socket.close(1001, 'the server ends')
      const ended = new Promise<void>((done) => server.close(() => done()))
      setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate()
        server.closeAllConnections?.()
      }, 500).unref()
      await ended
    }
  }
}

async function listen(server: ReturnType<typeof createServer>, host: string, firstPort: number, strict: boolean): Promise<number> {
  for (let port = firstPort; ; port++) {
    try {
      await new Promise<void>((done, fail) => {
        server.once('error', fail)
        server.listen(port, host, () => {
          server.removeListener('error', fail)
          done()
        })
      })
      return (server.address() as AddressInfo).port
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error
      if (strict || firstPort === 0)
        throw new Error(`port ${port} is ${code === 'EACCES' ? 'not allowed' : 'already in use'}: choose another with --port`, {
          cause: error
        })
      if (port - firstPort >= portsToTry)
        throw new Error(`the ports ${firstPort} to ${port} are all in use: choose one with --port`, { cause: error })
    }
  }
}
