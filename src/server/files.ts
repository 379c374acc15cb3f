// Files over HTTP: uploads into the workspace, downloads of a run's files and of whole runs. The caller has checked Host, Origin and session.
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pageHeaders } from '../shared/page-policy'
import { StorageError, type StorageCode, type Workspace } from '../store'
import { fileChunks } from '../store/files'
import { openRunFile, receiveUpload, zippedRun } from '../store/transfer'

export const filesPath = '/files/'

const statuses: Partial<Record<StorageCode, number>> = {
  'bad-input': 400,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'disk-full': 507,
  denied: 503,
  vanished: 503,
  io: 503
}

interface Refusal {
  readonly status: number
  readonly message: string
  readonly headers?: Record<string, string>
}

const headers = { ...pageHeaders, 'cache-control': 'no-store' }

/** One sentence. The connection ends when a body is still on its way: it is neither read nor waited for. */
function refuse(request: IncomingMessage, response: ServerResponse, { status, message, headers: more }: Refusal) {
  if (response.headersSent || response.destroyed) return void response.destroy()
  const unread = !request.complete
  response.writeHead(status, {
    ...headers,
    'content-type': 'text/plain; charset=utf-8',
    ...(unread ? { connection: 'close' } : {}),
    ...more
  })
  response.end(request.method === 'HEAD' ? undefined : message)
  return undefined
}

/** The parts of a path below `/files/`, each decoded by itself, so that an encoded slash divides nothing. Null for what cannot be decoded. */
export function pathParts(path: string): string[] | null {
  try {
    return path.slice(filesPath.length).split('/').map(decodeURIComponent)
  } catch {
    return null
  }
}

/** `attachment` with the name, for old and new browsers. */
export function contentDisposition(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const full = encodeURIComponent(name).replace(/['()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
  return `attachment; filename="${plain}"; filename*=UTF-8''${full}`
}

type Range = { readonly from: number; readonly to: number }

/** One range of bytes; `whole` for none or for what is not understood, `outside` for one that the file does not have. */
export function parseRange(header: string | undefined, bytes: number): Range | 'whole' | 'outside' {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '')
  if (!found || (found[1] === '' && found[2] === '')) return 'whole'
  const from = found[1] === '' ? Math.max(0, bytes - Number(found[2])) : Number(found[1])
  const to = found[1] === '' || found[2] === '' ? bytes : Math.min(bytes, Number(found[2]) + 1)
  return from < to ? { from, to } : 'outside'
}

interface Sending {
  readonly name: string
  readonly bytes: number
  readonly ranges: boolean
  chunks(range: Range): AsyncIterable<Uint8Array>
}

async function send(request: IncomingMessage, response: ServerResponse, { name, bytes, ranges, chunks }: Sending) {
  const range = ranges ? parseRange(request.headers.range, bytes) : 'whole'
  if (range === 'outside')
    return refuse(request, response, {
      status: 416,
      message: `${name} has ${bytes} bytes`,
      headers: { 'content-range': `bytes */${bytes}` }
    })
  const { from, to } = range === 'whole' ? { from: 0, to: bytes } : range
  response.writeHead(range === 'whole' ? 200 : 206, {
    ...headers,
    'content-type': 'application/octet-stream',
    'content-length': to - from,
    'content-disposition': contentDisposition(name),
    ...(ranges ? { 'accept-ranges': 'bytes' } : {}),
    ...(range === 'whole' ? {} : { 'content-range': `bytes ${from}-${to - 1}/${bytes}` })
  })
  if (request.method === 'HEAD') return response.end()
  // A reader that leaves, or a file that breaks off, ends the connection: a download never looks complete when it is not.
  return pipeline(Readable.from(chunks({ from, to }), { objectMode: false }), response)
}

async function download(
  workspace: Workspace,
  parts: readonly string[],
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse
) {
  const [kind, id = '', ...rest] = parts
  if (kind === 'runs' && rest.length > 0) {
    if (rest.some((part) => part.includes('/'))) throw new StorageError('bad-input', 'a part of the path has a slash in it')
    const file = await openRunFile(workspace, id, rest.join('/'))
    const chunks = (range: Range) => fileChunks(workspace.fileSystem, file.path, range)
    return send(request, response, { name: `${id}-${rest.join('-')}`, bytes: file.bytes, ranges: true, chunks })
  }
  if (kind === 'exports' && rest.length === 0) {
    const format = query.get('format') ?? 'zip'
    if (format !== 'zip')
      throw new StorageError('bad-input', `format=${format.slice(0, 20)}: only zip is sent; a folder is exported by the command line`)
    const { bytes, chunks } = await zippedRun(workspace, id)
    return send(request, response, { name: `${id}.zip`, bytes, ranges: false, chunks })
  }
  throw new StorageError('not-found', 'there is no such place below /files/')
}

/** A body that stops coming is given up after this. */
const stallTime = 120_000

async function upload(
  workspace: Workspace,
  parts: readonly string[],
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse
) {
  const [kind, name = '', ...rest] = parts
  if (kind !== 'uploads' || rest.length > 0) throw new StorageError('not-found', 'uploads go to /files/uploads/<name>')
  const length = request.headers['content-length']
  if (length === undefined || !/^\d{1,15}$/.test(length))
    return refuse(request, response, { status: 411, message: 'send the length of the file (Content-Length)' })
  request.setTimeout(stallTime, () => request.destroy())
  const batch = query.get('batch')
  const received = await receiveUpload(workspace, { name, bytes: Number(length), ...(batch === null ? {} : { batch }) }, request)
  response.writeHead(201, { ...headers, 'content-type': 'application/json' })
  return response.end(JSON.stringify(received))
}

/** Answers whatever is asked below `/files/`. Never rejects. */
export async function handleFiles(workspace: Workspace, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path, query = ''] = (request.url ?? '').split('?', 2)
  const parts = pathParts(path)
  const method = request.method ?? ''
  try {
    if (parts === null) throw new StorageError('bad-input', 'the path is not encoded as a URL is')
    if (method === 'PUT') await upload(workspace, parts, new URLSearchParams(query), request, response)
    else if (method === 'GET' || method === 'HEAD') await download(workspace, parts, new URLSearchParams(query), request, response)
    else refuse(request, response, { status: 405, message: 'use GET or PUT', headers: { allow: 'GET, HEAD, PUT' } })
  } catch (error) {
    const known = error instanceof StorageError ? statuses[error.code] : undefined
    // What nobody foresaw is not told to the other side; a client that left hears nothing anyway.
    refuse(request, response, {
      status: known ?? 500,
      message: known !== undefined && error instanceof Error ? error.message : 'the server failed to answer'
    })
  }
}
