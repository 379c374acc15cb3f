// The server's promises about who may talk to it, tested with raw requests, as an attacker would send them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect, createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createGuard } from '../../../src/server/guard'
import { refuseHost, startServer, type Server } from '../../../src/server'
import { decodeFrame, encodeFrame } from '../../../src/shared/api/wire'

let server: Server
let folder: string
let token: string
let cookie: string

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

function send(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string; port?: number } = {}
): Promise<Answer> {
  return new Promise((done, fail) => {
    const { method = 'GET', headers = {}, body, port = server.port } = options
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        done({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() })
      )
    })
    request.on('error', fail)
    request.end(body)
  })
}

const postToken = (value: string, extra: { port?: number; headers?: Record<string, string> } = {}) =>
  send('/session', {
    method: 'POST',
    ...extra,
    headers: { 'content-type': 'application/json', ...extra.headers },
    body: JSON.stringify({ token: value })
  })

/** Resolves to `open` or to the HTTP status of the refusal. */
function openSocket(headers: Record<string, string>, port = server.port): Promise<{ outcome: 'open' | number; socket: WebSocket }> {
  return new Promise((done) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api`, { headers })
    socket.binaryType = 'arraybuffer'
    socket.on('open', () => done({ outcome: 'open', socket }))
    socket.on('unexpected-response', (_request, response) => {
      response.resume()
      done({ outcome: response.statusCode ?? 0, socket })
    })
    socket.on('error', () => undefined)
  })
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saddlescope-server-'))
  mkdirSync(join(folder, 'page', 'assets'), { recursive: true })
  writeFileSync(join(folder, 'page', 'index.html'), '<!doctype html><title>shell</title>')
  writeFileSync(join(folder, 'page', 'assets', 'app-1a2b.js'), 'export {}')
  writeFileSync(join(folder, 'secret.json'), '{"secret": true}')
  server = await startServer({
    pageFolder: join(folder, 'page'),
    port: 0,
    strictPort: true,
    serve: (connection) => connection.onFrame((frame) => connection.send(encodeFrame(decodeFrame(frame))))
  })
  token = new URL(server.link).hash.slice('#token='.length)
  cookie = ((await postToken(token)).headers['set-cookie'] ?? [])[0].split(';')[0]
})

afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('the static shell', () => {
  it('is public, and carries a policy without anything unsafe', async () => {
    const page = await send('/')
    expect(page.status).toBe(200)
    expect(page.body).toContain('shell')
    const policy = page.headers['content-security-policy']
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
    expect(page.headers['access-control-allow-origin']).toBeUndefined()
    expect((await send('/assets/app-1a2b.js')).headers['cache-control']).toContain('immutable')
  })

  it.each([
    '/../secret.json',
    '/..%2fsecret.json',
    '/assets/../../secret.json',
    '/%2e%2e/secret.json',
    '/assets/',
    '/.env',
    '/index.html%00.js',
    '/%'
  ])('does not serve %s', async (path) => {
    const response = await send(path)
    expect(response.status).toBe(404)
    expect(response.body).not.toContain('secret')
  })

  it('changes nothing by GET and refuses other methods', async () => {
    expect((await send('/', { method: 'POST' })).status).toBe(405)
    expect((await send('/session', { method: 'DELETE' })).status).toBe(405)
  })
})

describe('Host and Origin', () => {
  it.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', '192.168.1.5:7340', 'localhost.evil:1'])(
    'refuses the host %s',
    async (host) => {
      expect((await send('/', { headers: { host } })).status).toBe(403)
      expect((await postToken(token, { headers: { host } })).status).toBe(403)
    }
  )

  it.each(['127.0.0.1:9999', 'localhost', 'localhost:1', '[::1]:8080'])('accepts the host %s, whatever its port', async (host) => {
    expect((await send('/', { headers: { host } })).status).toBe(200)
  })

  it('refuses a foreign origin, also with the right cookie, and accepts its own', async () => {
    const host = `127.0.0.1:${server.port}`
    expect((await send('/session', { headers: { host, origin: 'http://evil.example', cookie } })).status).toBe(403)
    expect((await openSocket({ host, origin: 'http://evil.example', cookie })).outcome).toBe(403)
    expect((await openSocket({ host, origin: 'null', cookie })).outcome).toBe(403)
    expect((await openSocket({ host, origin: `http://localhost:${server.port}`, cookie })).outcome).toBe(403)
    const own = await openSocket({ host, origin: `http://${host}`, cookie })
    expect(own.outcome).toBe('open')
    own.socket.close()
  })
})

describe('the token', () => {
  it('has 256 bits and buys an HttpOnly, SameSite=Strict cookie named after the port', async () => {
    expect(Buffer.from(token, 'base64url')).toHaveLength(32)
    const response = await postToken(token)
    expect(response.status).toBe(204)
    const [header] = response.headers['set-cookie'] ?? []
    expect(header).toMatch(new RegExp(`^saddlescope-${server.port}=`))
    expect(header).toContain('HttpOnly')
    expect(header).toContain('SameSite=Strict')
    expect(header).not.toContain(token)
  })

  it('without it there is no session, no API and no WebSocket', async () => {
    expect((await send('/session')).status).toBe(401)
    expect((await send('/api')).status).toBe(401)
    expect((await openSocket({})).outcome).toBe(401)
    expect((await openSocket({ cookie: `saddlescope-${server.port}=guess` })).outcome).toBe(401)
    expect((await openSocket({ cookie: `saddlescope-${server.port}=${token}` })).outcome).toBe(401)
    expect((await send('/session', { headers: { cookie } })).status).toBe(204)
  })

  it('is refused when malformed, too long, or not sent as JSON', async () => {
    expect((await postToken('x'.repeat(5000))).status).toBe(400)
    expect((await send('/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' })).status).toBe(400)
    expect(
      (await send('/session', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: JSON.stringify({ token }) })).status
    ).toBe(415)
  })

  it('cannot be guessed quickly: wrong ones are rate-limited, for the right one too, until a minute has passed', () => {
    let time = 0
    const guard = createGuard(1, 'right', () => time)
    for (let i = 0; i < 10; i++) expect(guard.open(`wrong ${i}`).kind).toBe('refused')
    expect(guard.open('right')).toEqual({ kind: 'wait', seconds: 60 })
    time = 60_001
    expect(guard.open('right').kind).toBe('session')
  })
})

describe('the WebSocket', () => {
  it('carries frames there and back through a port forwarder', async () => {
    const forwarder: TcpServer = createTcpServer((inbound) => {
      const outbound = connect(server.port, '127.0.0.1')
      inbound.pipe(outbound).pipe(inbound)
      inbound.on('error', () => outbound.destroy())
      outbound.on('error', () => inbound.destroy())
    })
    await new Promise<void>((done) => forwarder.listen(0, '127.0.0.1', done))
    const { port } = forwarder.address() as AddressInfo
    const headers = { host: `localhost:${port}` }
    const session = await postToken(token, { port, headers })
    expect(session.status).toBe(204)
    const forwardedCookie = (session.headers['set-cookie'] ?? [])[0].split(';')[0]
    const { outcome, socket } = await openSocket({ ...headers, origin: `http://localhost:${port}`, cookie: forwardedCookie }, port)
    expect(outcome).toBe('open')
    const values = Float64Array.of(1, -2.5, Number.NaN)
    const echoed = new Promise<ArrayBuffer>((done) => socket.once('message', (data) => done(data as ArrayBuffer)))
    socket.send(encodeFrame({ type: 'response', id: 7, ok: true, data: { values } }))
    expect(decodeFrame(await echoed)).toEqual({ type: 'response', id: 7, ok: true, data: { values } })
    socket.close()
    forwarder.close()
  })
})

describe('where it listens', () => {
  it('refuses an address that is not loopback, and says how to come from another machine', async () => {
    expect(refuseHost('0.0.0.0', 7340)).toContain('ssh -L 7340:127.0.0.1:7340')
    await expect(startServer({ pageFolder: folder, port: 0, strictPort: true, host: '0.0.0.0', serve: () => undefined })).rejects.toThrow(
      'ssh -L'
    )
  })

  it('takes the next free port when one is taken, unless the port was asked for', async () => {
    const options = { pageFolder: folder, port: server.port, serve: () => undefined }
    await expect(startServer({ ...options, strictPort: true })).rejects.toThrow(`port ${server.port} is already in use`)
    const second = await startServer({ ...options, strictPort: false })
    expect(second.port).toBeGreaterThan(server.port)
    await second.close()
  })
})
