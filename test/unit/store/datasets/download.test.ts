// Downloads from a local server that drops connections, stalls, redirects, and sends wrong bytes.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { readWorkspace, realFileSystem } from '../../../../src/store'
import { downloadDataset, knownDatasets, openDataset } from '../../../../src/store/datasets'
import { downloadFile, type DownloadOptions } from '../../../../src/store/datasets/download-file'
import type { KnownDataset, RemoteFile } from '../../../../src/store/datasets/catalogue'
import { cifar100Files, entriesOf, idxFiles, madeSamples, tarGz } from '../formats/archives'
import { temporaryFolder } from '../formats/folders'

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(answer: Answer): Promise<{ address: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    answer(request, response, requests.length)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requests }
}

const body = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (Math.imul(i, 2654435761) >>> 11) & 255))
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')
const file = (address: string): RemoteFile => ({ url: `${address}data.bin`, name: 'data.bin', bytes: body.length, md5: md5(body) })
const quick: DownloadOptions = { retryMilliseconds: 1, stallMilliseconds: 150, attempts: 3 }

/** Answers ranges as a good server does. */
function send(request: IncomingMessage, response: ServerResponse, bytes: Buffer = body, end = bytes.length): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
  const headers = { 'content-length': bytes.length - from }
  if (from > 0) response.writeHead(206, { ...headers, 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` })
  else response.writeHead(200, headers)
  if (end === bytes.length) response.end(bytes.subarray(from))
  else response.write(bytes.subarray(from, Math.max(from, end)), () => response.destroy())
}

const target = () => join(temporaryFolder(), 'data.bin')

describe('downloadFile', () => {
  test('a whole file, with progress, and nothing left beside it', async () => {
    const { address, requests } = await serve((request, response) => send(request, response))
    const path = target()
    const seen: number[] = []
    await downloadFile(realFileSystem, file(address), path, { ...quick, onBytes: (bytes) => seen.push(bytes) })
    expect(readFileSync(path).equals(body)).toBe(true)
    expect(readdirSync(join(path, '..'))).toEqual(['data.bin'])
    expect(seen.at(-1)).toBe(body.length)
    expect([...seen].sort((a, b) => a - b)).toEqual(seen)
    expect(requests).toHaveLength(1)
  })

  test('dropped connections: every attempt goes on where the last one stopped', async () => {
    const { address, requests } = await serve((request, response, count) => send(request, response, body, count * 60_000))
    const path = target()
    await downloadFile(realFileSystem, file(address), path, quick)
    expect(readFileSync(path).equals(body)).toBe(true)
    // Five when every byte arrives before its connection drops; more where some are lost with it.
    expect(requests.length).toBeGreaterThanOrEqual(5)
    expect(requests[0].headers.range).toBeUndefined()
    const last = requests.at(-1)?.headers.range ?? ''
    expect(last).toMatch(/^bytes=\d+-$/)
    expect(Number(/\d+/.exec(last)?.[0])).toBeGreaterThan(100_000)
  })

  test('a partial file of an earlier process is gone on with', async () => {
    const { address, requests } = await serve((request, response) => send(request, response))
    const path = target()
    writeFileSync(`${path}.partial`, body.subarray(0, 123_456))
    await downloadFile(realFileSystem, file(address), path, quick)
    expect(readFileSync(path).equals(body)).toBe(true)
    expect(requests[0].headers.range).toBe('bytes=123456-')
  })

  test('a server without ranges starts again from zero', async () => {
    const { address } = await serve((_, response) => response.end(body))
    const path = target()
    writeFileSync(`${path}.partial`, Buffer.alloc(1000, 1))
    await downloadFile(realFileSystem, file(address), path, quick)
    expect(readFileSync(path).equals(body)).toBe(true)
  })

  test('a partial file that was wrong is fetched again once, from the start', async () => {
    const { address, requests } = await serve((request, response) => send(request, response))
    const path = target()
    writeFileSync(`${path}.partial`, Buffer.alloc(1000, 1))
    await downloadFile(realFileSystem, file(address), path, quick)
    expect(readFileSync(path).equals(body)).toBe(true)
    expect(requests).toHaveLength(2)
    expect(requests[1].headers.range).toBeUndefined()
  })

  test('a partial file that is too long is thrown away', async () => {
    const { address } = await serve((request, response) => send(request, response))
    const path = target()
    writeFileSync(`${path}.partial`, Buffer.alloc(body.length + 5))
    await downloadFile(realFileSystem, file(address), path, quick)
    expect(readFileSync(path).equals(body)).toBe(true)
  })

  test('stalls are noticed, before the head and inside the body', async () => {
    const { address, requests } = await serve((request, response, count) => {
      if (count === 1) return
      if (count === 2) {
        response.writeHead(200, { 'content-length': body.length })
        response.write(body.subarray(0, 1000))
      } else send(request, response)
    })
    const path = target()
    await downloadFile(realFileSystem, file(address), path, quick)
    expect(readFileSync(path).equals(body)).toBe(true)
    expect(requests).toHaveLength(3)
    expect(requests[2].headers.range).toBe('bytes=1000-')
  })

  test('a server that stalls for ever: one sentence with what is kept', async () => {
    const { address, requests } = await serve((_, response, count) => {
      if (count > 1) return
      response.writeHead(200, { 'content-length': body.length })
      response.write(body.subarray(0, 100_000))
    })
    const path = target()
    await expect(downloadFile(realFileSystem, file(address), path, quick)).rejects.toThrow(
      /data\.bin: the download broke off \(.*0\.15 s\)\. 0\.1 MB of 0\.3 MB are kept; downloading again goes on from there\./
    )
    expect(statSync(`${path}.partial`).size).toBe(100_000)
    expect(existsSync(path)).toBe(false)
    expect(requests).toHaveLength(3)
  })

  test('redirects are followed, five at most, and never to an unsafe place', async () => {
    const { address } = await serve((request, response) => {
      const step = Number(/^\/(\d+)$/.exec(request.url ?? '')?.[1] ?? 0)
      if (request.url === '/file') response.writeHead(301, { location: 'file:///etc/passwd' }).end()
      else if (request.url === '/bad') response.writeHead(302, { location: 'http://[' }).end()
      else if (step > 0) response.writeHead(302, { location: step === 1 ? '/data.bin' : `${step - 1}` }).end()
      else send(request, response)
    })
    const path = target()
    const from = (name: string): RemoteFile => ({ ...file(address), url: `${address}${name}` })
    await downloadFile(realFileSystem, from('5'), path, quick)
    expect(readFileSync(path).equals(body)).toBe(true)
    await expect(downloadFile(realFileSystem, from('6'), target(), quick)).rejects.toThrow('redirects more than 5 times')
    await expect(downloadFile(realFileSystem, from('file'), target(), quick)).rejects.toThrow(
      'redirects to file://, which is not as safe; refused'
    )
    await expect(downloadFile(realFileSystem, from('bad'), target(), quick)).rejects.toThrow('which is no address')
  })

  test('wrong bytes of the right length: both sums, and nothing is kept', async () => {
    const wrong = Buffer.from(body)
    wrong[17] ^= 1
    const { address, requests } = await serve((request, response) => send(request, response, wrong))
    const path = target()
    await expect(downloadFile(realFileSystem, file(address), path, quick)).rejects.toThrow(
      `the file has MD5 ${md5(wrong)}, but the published one has ${md5(body)}`
    )
    expect(readdirSync(join(path, '..'))).toEqual([])
    expect(requests).toHaveLength(1)
  })

  test('a server that sends on and on is cut off at the published length', async () => {
    const { address } = await serve((_, response) => {
      const more = () => response.write(body) && setImmediate(more)
      response.on('drain', more)
      more()
    })
    const path = target()
    await expect(downloadFile(realFileSystem, file(address), path, quick)).rejects.toThrow(
      'sends more than the 300000 bytes of the published file'
    )
    expect(statSync(`${path}.partial`).size).toBeLessThanOrEqual(300_000)
  })

  test('refusals say what the server said; errors of the moment are tried again', async () => {
    const missing = await serve((_, response) => response.writeHead(404).end())
    await expect(downloadFile(realFileSystem, file(missing.address), target(), quick)).rejects.toThrow('the server answered 404 Not Found')
    expect(missing.requests).toHaveLength(1)
    const busy = await serve((request, response, count) => (count < 3 ? response.writeHead(503).end() : send(request, response)))
    const path = target()
    await downloadFile(realFileSystem, file(busy.address), path, quick)
    expect(readFileSync(path).equals(body)).toBe(true)
  })

  test('a range that is not the one asked for is not written', async () => {
    const { address } = await serve((request, response, count) => {
      if (count > 1) return send(request, response)
      response.writeHead(206, { 'content-range': `bytes 0-9/${body.length}` }).end(body.subarray(0, 10))
    })
    const path = target()
    writeFileSync(`${path}.partial`, body.subarray(0, 5000))
    await downloadFile(realFileSystem, file(address), path, quick)
    expect(readFileSync(path).equals(body)).toBe(true)
  })

  test('offline: one clear sentence', async () => {
    const { address } = await serve(() => undefined)
    servers.pop()?.close()
    await expect(downloadFile(realFileSystem, file(address), target(), quick)).rejects.toThrow(
      /^127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\); is this machine offline\?$/
    )
    const nowhere: RemoteFile = { ...file(address), url: 'http://no-such-host.invalid/data.bin' }
    await expect(downloadFile(realFileSystem, nowhere, target(), { ...quick, attempts: 1 })).rejects.toThrow(
      /^no-such-host\.invalid cannot be reached \((ENOTFOUND|EAI_AGAIN)\); is this machine offline\?$/
    )
  })

  test('cancelling keeps what is there', async () => {
    const { address } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': body.length })
      response.write(body.subarray(0, 50_000))
    })
    const path = target()
    const controller = new AbortController()
    const download = downloadFile(realFileSystem, file(address), path, {
      ...quick,
      stallMilliseconds: 10_000,
      signal: controller.signal,
      onBytes: (bytes) => bytes >= 50_000 && controller.abort(new Error('enough'))
    })
    await expect(download).rejects.toThrow('enough')
    expect(statSync(`${path}.partial`).size).toBe(50_000)
  })

  test('a folder that may not be written', async () => {
    const { address } = await serve((request, response) => send(request, response))
    const path = join(temporaryFolder(), 'missing', 'data.bin')
    await expect(downloadFile(realFileSystem, file(address), path, quick)).rejects.toThrow(
      /data\.bin\.partial: cannot be written \(ENOENT\)/
    )
  })
})

describe('downloadDataset', () => {
  const samples = madeSamples(3, 100, 1)
  const archive = tarGz(entriesOf(cifar100Files(samples, samples).python))
  const known = (address: string): KnownDataset => ({
    ...knownDatasets[0],
    counts: { train: 3, test: 3 },
    files: [{ url: `${address}a.tar.gz`, name: 'a.tar.gz', bytes: archive.length, md5: md5(archive) }]
  })

  test('one archive: downloaded, checked, installed; the archive goes', async () => {
    const { address, requests } = await serve((request, response) => send(request, response, archive))
    const place = temporaryFolder()
    const seen: number[] = []
    const manifest = await downloadDataset(readWorkspace(place), 'cifar-100', {
      ...quick,
      known: known(address),
      onProgress: (fraction) => seen.push(fraction)
    })
    expect(manifest.counts).toEqual({ train: 3, test: 3 })
    expect([...((await openDataset(readWorkspace(place), 'cifar-100')).train.labels.fine ?? [])]).toEqual(samples.fine)
    expect(seen.at(-1)).toBe(1)
    expect([...seen].sort((a, b) => a - b)).toEqual(seen)
    expect(readdirSync(join(place, 'datasets', '.downloads'))).toEqual([])
    expect(requests).toHaveLength(1)
    // The made-up set is partial by the real counts; a second download says so and asks nobody.
    await expect(downloadDataset(readWorkspace(place), 'cifar-100', { known: known(address) })).rejects.toThrow(
      'is already installed with 3 + 3 samples; remove it first'
    )
    expect(requests).toHaveLength(1)
  })

  test('four files, of which one was there already', async () => {
    const files = idxFiles(4, 2)
    const { address, requests } = await serve((request, response) => send(request, response, files[(request.url ?? '').slice(1)]))
    const mnist: KnownDataset = {
      ...knownDatasets[2],
      files: Object.entries(files).map(([name, bytes]) => ({ url: `${address}${name}`, name, bytes: bytes.length, md5: md5(bytes) }))
    }
    const place = temporaryFolder()
    const folder = join(place, 'datasets', '.downloads', 'mnist')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'train-images-idx3-ubyte'), files['train-images-idx3-ubyte'])
    expect(await downloadDataset(readWorkspace(place), 'mnist', { ...quick, known: mnist })).toMatchObject({
      id: 'mnist',
      counts: { train: 4, test: 2 }
    })
    expect(requests.map((request) => request.url)).toEqual([
      '/train-labels-idx1-ubyte',
      '/t10k-images-idx3-ubyte',
      '/t10k-labels-idx1-ubyte'
    ])
  })

  test('an unknown name lists the known ones', async () => {
    await expect(downloadDataset(readWorkspace(temporaryFolder()), 'imagenet')).rejects.toThrow(
      'no dataset "imagenet" can be downloaded; there are cifar-100, cifar-10, mnist, fashion-mnist'
    )
  })

  test('the catalogue is complete: addresses, sizes, published sums, licences', () => {
    expect(knownDatasets[0].files[0].md5).toBe('eb9058c3a382ffc7106e4002c42a8d85')
    for (const set of knownDatasets) {
      expect(set.licence).not.toBe('')
      for (const remote of set.files) {
        expect(remote.url).toMatch(/^https?:\/\/.+\.gz$/)
        expect(remote.md5).toMatch(/^[0-9a-f]{32}$/)
        expect(remote.bytes).toBeGreaterThan(4000)
      }
    }
  })
})
