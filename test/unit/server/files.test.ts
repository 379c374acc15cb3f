// Files over HTTP, as a browser, a broken connection and an attacker send them: what arrives is what was sent, or nothing is there.
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type ClientRequest, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startServer, type Server } from '../../../src/server'
import { contentDisposition, parseRange } from '../../../src/server/files'
import { openWorkspace, realFileSystem, type FileSystem, type Workspace } from '../../../src/store'
import { importRun, sweepUploads, uploadsFolder } from '../../../src/store/transfer'
import { createRun } from '../../../src/store'
import { testSpec } from '../store/fake-run'
import { faultyFileSystem, systemError } from '../store/faulty-file-system'

let folder: string
let workspace: Workspace
let server: Server
let cookie: string
/** What the file system does to the next operations. */
let fault: (operation: string, path: string) => 'go' | 'half' | Error
let free: number | null

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
  text: string
}

function open(method: string, path: string, headers: Record<string, string | number>): { request: ClientRequest; answer: Promise<Answer> } {
  const request = httpRequest({ host: '127.0.0.1', port: server.port, path, method, headers, agent: false })
  const answer = new Promise<Answer>((done, fail) => {
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', fail)
      response.on('end', () => {
        const body = Buffer.concat(chunks)
        done({ status: response.statusCode ?? 0, headers: response.headers, body, text: body.toString() })
      })
    })
    request.on('error', fail)
  })
  return { request, answer }
}

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') => {
  const { request, answer } = open(method, path, { cookie, ...headers })
  request.end()
  return answer
}
const put = (path: string, body: Buffer | string, headers: Record<string, string | number> = {}) => {
  const { request, answer } = open('PUT', path, { cookie, 'content-length': Buffer.byteLength(body), ...headers })
  request.end(body)
  return answer
}

/** Every file below the workspace's uploads. */
const uploads = () =>
  existsSync(uploadsFolder(workspace))
    ? readdirSync(uploadsFolder(workspace), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name)
    : []

async function start() {
  const server_ = await startServer({ pageFolder: folder, port: 0, strictPort: true, workspace, serve: () => undefined })
  const { request, answer } = ((server = server_), open('POST', '/session', { 'content-type': 'application/json' }))
  request.end(JSON.stringify({ token: new URL(server.link).hash.slice('#token='.length) }))
  cookie = ((await answer).headers['set-cookie'] ?? [])[0].split(';')[0]
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saddlescope-files-'))
  fault = () => 'go'
  free = 1e12
  const fileSystem: FileSystem = faultyFileSystem(realFileSystem, {
    before: (operation, path) => fault(operation, path),
    sync: false,
    freeBytes: () => free
  })
  workspace = await openWorkspace(join(folder, 'workspace'), fileSystem)
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  await createRun(workspace, testSpec(), { id: 'one' })
  writeFileSync(join(workspace.folder, 'runs', 'one', 'metrics.ndjson'), '{"step":0,"loss":2.5}\n{"step":1,"loss":1.25}\n')
  await start()
})
afterEach(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('who may', () => {
  it('nobody without a session, whatever the place, and nothing is written', async () => {
    for (const wrong of [{ cookie: '' }, { cookie: `saddlescope-${server.port}=guess` }, { cookie: `${cookie}x` }]) {
      expect((await get('/files/runs/one/metrics.ndjson', wrong)).status).toBe(401)
      expect((await get('/files/exports/one', wrong)).status).toBe(401)
      expect((await put('/files/uploads/a.csv', '1,2\n', wrong)).status).toBe(401)
    }
    expect(uploads()).toEqual([])
  })

  it('no page of another origin, also with the right cookie, and no foreign host', async () => {
    const foreign: Record<string, string>[] = [{ origin: 'http://evil.example' }, { origin: 'null' }, { host: 'evil.example' }]
    for (const headers of foreign) {
      expect((await get('/files/runs/one/metrics.ndjson', headers)).status).toBe(403)
      expect((await put('/files/uploads/a.csv', '1,2\n', headers)).status).toBe(403)
    }
    const own = `http://127.0.0.1:${server.port}`
    expect((await put('/files/uploads/a.csv', '1,2\n', { origin: own })).status).toBe(201)
    expect(uploads()).toEqual(['a.csv'])
  })

  it('only by the methods there are', async () => {
    expect((await get('/files/uploads/a.csv', {}, 'POST')).status).toBe(405)
    expect((await get('/files/runs/one/spec.json', {}, 'DELETE')).status).toBe(405)
    expect(existsSync(join(workspace.folder, 'runs', 'one', 'spec.json'))).toBe(true)
  })
})

describe('uploads', () => {
  it('50 MB there and back are the same bytes', async () => {
    const bytes = randomBytes(50_000_000)
    const sent = await put('/files/uploads/big.npz', bytes)
    expect(sent.status).toBe(201)
    const { path, ...said } = JSON.parse(sent.text) as { path: string; name: string; bytes: number; batch: string }
    expect(said).toMatchObject({ name: 'big.npz', bytes: 50_000_000 })
    const digest = (content: Buffer) => createHash('sha256').update(content).digest('hex')
    expect(digest(readFileSync(path))).toBe(digest(bytes))
    const copy = join(workspace.folder, 'runs', 'one', 'inputs')
    mkdirSync(copy, { recursive: true })
    writeFileSync(join(copy, 'big.npz'), readFileSync(path))
    const back = await get('/files/runs/one/inputs/big.npz')
    expect(back.headers['content-length']).toBe('50000000')
    expect(digest(back.body)).toBe(digest(bytes))
  })

  it('files that belong together come to lie in one folder; a name is taken once', async () => {
    const first = JSON.parse((await put('/files/uploads/train-images-idx3-ubyte', 'a')).text) as { path: string; batch: string }
    const second = JSON.parse((await put(`/files/uploads/t10k-images-idx3-ubyte?batch=${first.batch}`, 'b')).text) as { path: string }
    expect(dirname(second.path)).toBe(dirname(first.path))
    const again = await put(`/files/uploads/t10k-images-idx3-ubyte?batch=${first.batch}`, 'other')
    expect(again.status).toBe(409)
    expect(again.text).toMatch(/has been sent already/)
    expect(readFileSync(second.path, 'utf8')).toBe('b')
    expect((await put('/files/uploads/x.csv?batch=../../x', 'b')).status).toBe(400)
  })

  it.each([
    ['..', '..'],
    ['%2e%2e', '..'],
    ['..%2f..%2fsecret.txt', 'has a path in it'],
    ['%2e%2e%2f%2e%2e%2fsecret.txt', 'has a path in it'],
    ['..%5c..%5csecret.txt', 'has a path in it'],
    ['%2fetc%2fpasswd', 'has a path in it'],
    ['C%3a%5cwindows.csv', 'has a path in it'],
    ['a%00.csv', 'control characters'],
    ['a%0ab.csv', 'control characters'],
    ['a%e2%80%ae.csv', 'control characters'],
    ['con.csv', 'device on Windows'],
    ['COM1', 'device on Windows'],
    ['nul.tar.gz', 'device on Windows'],
    ['.hidden', 'begins with a dot'],
    ['name.', 'ends with a dot'],
    ['name%20', 'ends with'],
    ['', 'names no file'],
    [`${'x'.repeat(300)}.csv`, 'longer than 200 bytes'],
    [`${'%c3%bc'.repeat(101)}`, 'longer than 200 bytes']
  ])('the name %s is refused with a reason, and nothing is written', async (name, why) => {
    const answer = await put(`/files/uploads/${name}`, 'secret two')
    expect(answer.status).toBe(400)
    expect(answer.text).toContain(why)
    expect(uploads()).toEqual([])
    expect(readFileSync(join(folder, 'secret.txt'), 'utf8')).toBe('secret')
  })

  it('what is not encoded, lies deeper or elsewhere is refused', async () => {
    expect((await put('/files/uploads/%', 'x')).status).toBe(400)
    expect((await put('/files/uploads/a/b.csv', 'x')).status).toBe(404)
    expect((await put('/files/runs/one/spec.json', '{}')).status).toBe(404)
    expect((await put('/files/../runs/one/spec.json', '{}')).status).not.toBe(201)
    expect(uploads()).toEqual([])
  })

  it('letters that only Windows minds are replaced', async () => {
    const { path } = JSON.parse((await put('/files/uploads/a%3ab%3f%2a.csv', 'x')).text) as { path: string }
    expect(basename(path)).toBe('a_b__.csv')
  })

  it('does not write through a link in the place of the uploads', async () => {
    mkdirSync(join(folder, 'elsewhere'))
    symlinkSync(join(folder, 'elsewhere'), uploadsFolder(workspace))
    const answer = await put('/files/uploads/a.csv', 'x')
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('is a link')
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([])
  })

  it('an upload that breaks off leaves nothing, and its name is free again', async () => {
    const { request, answer } = open('PUT', '/files/uploads/half.csv', { cookie, 'content-length': 1_000_000 })
    request.write('x'.repeat(200_000))
    await expect.poll(uploads).toEqual(['half.csv.partial'])
    request.destroy()
    await expect(answer).rejects.toThrow()
    await expect.poll(uploads).toEqual([])
    await expect.poll(() => readdirSync(uploadsFolder(workspace))).toEqual([])
    expect((await put('/files/uploads/half.csv', 'x')).status).toBe(201)
  })

  it('needs its length, and refuses before reading what the disk does not hold', async () => {
    const { request, answer } = open('PUT', '/files/uploads/a.csv', { cookie, 'transfer-encoding': 'chunked' })
    request.end('x')
    expect((await answer).status).toBe(411)
    free = 300_000_000
    const large = open('PUT', '/files/uploads/a.csv', { cookie, 'content-length': 100_000_000 })
    large.request.flushHeaders()
    const { status, text } = await large.answer
    large.request.destroy()
    expect(status).toBe(413)
    expect(text).toMatch(/^the file of 100\.0 MB does not fit: the drive of the workspace has 300\.0 MB free, of which 268\.4 MB are kept/)
    expect(uploads()).toEqual([])
  })

  it.each(['go', 'half'] as const)(
    'a disk that runs full on the way (%s of the write done) ends it with 507 and leaves nothing',
    async (how) => {
      let writes = 0
      fault = (operation) => (operation === 'write' && ++writes === 3 ? (how === 'half' ? 'half' : systemError('ENOSPC')) : 'go')
      const { request, answer } = open('PUT', '/files/uploads/a.csv', { cookie, 'content-length': 400_000 })
      request.end(Buffer.alloc(400_000))
      const { status, text } = await answer
      expect(status).toBe(507)
      expect(text).toMatch(/the disk is full/)
      await expect.poll(uploads).toEqual([])
    }
  )

  it('looks at the free disk also while it writes', async () => {
    const { request, answer } = open('PUT', '/files/uploads/a.bin', { cookie, 'content-length': 40_000_000 })
    request.flushHeaders()
    await expect.poll(uploads).toEqual(['a.bin.partial'])
    free = 100_000_000
    request.on('error', () => undefined)
    request.end(Buffer.alloc(40_000_000))
    const { status, text } = await answer
    expect(status).toBe(507)
    expect(text).toMatch(/the disk ran full/)
    await expect.poll(uploads).toEqual([])
  })

  it('a drive that cannot be written is said in a sentence', async () => {
    fault = (operation) => (operation === 'open-exclusive' ? systemError('EROFS') : 'go')
    const { status, text } = await put('/files/uploads/a.csv', 'x')
    expect(status).toBe(503)
    expect(text).toMatch(/read-only/)
  })

  it('what a process left that is gone is swept at the next start, and nothing else', async () => {
    await put('/files/uploads/mine.csv', 'x')
    const [mine] = readdirSync(uploadsFolder(workspace))
    const gone = mine.replace(/-\d+$/, '-999999999')
    const foreign = mine.replace(/\.[0-9a-f]{8}-/, '.00000000-')
    const old = foreign.replace(/^.{16}/, '0'.repeat(16))
    for (const name of [gone, foreign, old]) {
      mkdirSync(join(uploadsFolder(workspace), name))
      writeFileSync(join(uploadsFolder(workspace), name, 'a.csv.partial'), 'x')
    }
    utimesSync(join(uploadsFolder(workspace), old), 1e9, 1e9)
    await sweepUploads(workspace)
    expect(readdirSync(uploadsFolder(workspace)).sort()).toEqual([mine, foreign].sort())
  })
})

describe('downloads', () => {
  const metrics = () => readFileSync(join(workspace.folder, 'runs', 'one', 'metrics.ndjson'), 'utf8')

  it('a file of a run, with its length and a telling name', async () => {
    const answer = await get('/files/runs/one/metrics.ndjson')
    expect(answer.status).toBe(200)
    expect(answer.text).toBe(metrics())
    expect(answer.headers['content-length']).toBe(String(metrics().length))
    expect(answer.headers['content-disposition']).toBe(`attachment; filename="one-metrics.ndjson"; filename*=UTF-8''one-metrics.ndjson`)
    expect(answer.headers['content-type']).toBe('application/octet-stream')
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
    const head = await get('/files/runs/one/metrics.ndjson', {}, 'HEAD')
    expect([head.status, head.headers['content-length'], head.text]).toEqual([200, String(metrics().length), ''])
  })

  it.each([
    ['bytes=0-4', 206, 0, 5],
    ['bytes=5-', 206, 5, undefined],
    ['bytes=-7', 206, -7, undefined],
    ['bytes=3-99999', 206, 3, undefined],
    ['bytes=0-1,4-5', 200, 0, undefined],
    ['lines=1-2', 200, 0, undefined]
  ])('the range %s', async (range, status, from, to) => {
    const answer = await get('/files/runs/one/metrics.ndjson', { range })
    expect(answer.status).toBe(status)
    expect(answer.text).toBe(metrics().slice(from, to))
  })

  it('a range that the file does not have is refused with its length', async () => {
    const answer = await get('/files/runs/one/metrics.ndjson', { range: 'bytes=9999-' })
    expect(answer.status).toBe(416)
    expect(answer.headers['content-range']).toBe(`bytes */${metrics().length}`)
  })

  it.each([
    '/files/runs/one/../../../secret.txt',
    '/files/runs/one/%2e%2e/%2e%2e/%2e%2e/secret.txt',
    '/files/runs/one/..%2f..%2f..%2fsecret.txt',
    '/files/runs/one/..%5c..%5csecret.txt',
    '/files/runs/../../secret.txt',
    '/files/runs/%2e%2e/secret.txt',
    '/files/runs/..%2f..%2fsecret.txt/x',
    '/files/runs/one//etc/passwd',
    '/files/runs/one/%2fetc%2fpasswd',
    '/files/runs/one/spec.json%00.txt',
    '/files/runs/one/inputs',
    '/files/runs/one/',
    '/files/runs/one',
    '/files/runs/con/spec.json',
    '/files/runs/none/spec.json',
    '/files/exports/none',
    '/files/exports/..',
    '/files/exports/%2e%2e%2f',
    '/files/uploads/a.csv',
    '/files/'
  ])('does not send %s', async (path) => {
    const answer = await get(path)
    expect([400, 404]).toContain(answer.status)
    expect(answer.text).not.toContain('root:')
    expect(answer.text).not.toBe('secret')
    expect(answer.text.trim()).not.toBe('')
  })

  it('follows no link out of the run, at any part of the way', async () => {
    const run = join(workspace.folder, 'runs', 'one')
    symlinkSync(join(folder, 'secret.txt'), join(run, 'link.txt'))
    symlinkSync(folder, join(run, 'out'))
    symlinkSync(folder, join(workspace.folder, 'runs', 'two'))
    for (const path of ['one/link.txt', 'one/out/secret.txt', 'two/secret.txt']) {
      const answer = await get(`/files/runs/${path}`)
      expect(answer.status).toBe(400)
      expect(answer.text).toContain('is a link')
    }
  })

  it('a whole run as a zip of the announced length, which imports again byte for byte', async () => {
    const answer = await get('/files/exports/one?format=zip')
    expect(answer.status).toBe(200)
    expect(answer.headers['content-length']).toBe(String(answer.body.length))
    expect(answer.headers['content-disposition']).toContain('filename="one.zip"')
    const path = join(folder, 'back.zip')
    writeFileSync(path, answer.body)
    const id = await importRun(workspace, path)
    expect(id).toBe('back')
    expect(readFileSync(join(workspace.folder, 'runs', 'back', 'metrics.ndjson'), 'utf8')).toBe(metrics())
    expect((await get('/files/exports/one?format=folder')).status).toBe(400)
  })

  it('a file that grows while it is sent is cut at the length that was announced', async () => {
    const path = join(workspace.folder, 'runs', 'one', 'metrics.ndjson')
    const before = metrics()
    let opened = 0
    fault = (operation, name) => {
      if (operation === 'open-read' && name === path && ++opened === 1) writeFileSync(path, `${before}{"step":2}\n`)
      return 'go'
    }
    expect((await get('/files/runs/one/metrics.ndjson')).text).toBe(before)
  })

  it('a file that breaks off ends the connection: the download is not complete', async () => {
    const path = join(workspace.folder, 'runs', 'one', 'metrics.ndjson')
    writeFileSync(path, Buffer.alloc(5_000_000))
    let reads = 0
    fault = (operation, name) => (operation === 'read' && name === path && ++reads === 3 ? systemError('EIO') : 'go')
    await expect(get('/files/runs/one/metrics.ndjson')).rejects.toThrow(/aborted|hang up|ECONNRESET/)
  })
})

describe('small parts', () => {
  it('names in headers are plain, and whole beside', () => {
    expect(contentDisposition('a"b\\ü%.csv')).toBe(`attachment; filename="a_b___.csv"; filename*=UTF-8''a%22b%5C%C3%BC%25.csv`)
    expect(contentDisposition("it's (1).csv")).toContain("filename*=UTF-8''it%27s%20%281%29.csv")
  })
  it('ranges of an empty file', () => {
    expect(parseRange('bytes=0-0', 0)).toBe('outside')
    expect(parseRange(undefined, 0)).toBe('whole')
    expect(parseRange('bytes=-', 5)).toBe('whole')
  })
})
