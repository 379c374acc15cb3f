// One file over HTTP into a `.partial` beside its final name: goes on where it stopped, follows redirects, notices stalls, and checks length and MD5.
import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { setTimeout as wait } from 'node:timers/promises'
import { bytesIn } from '../../shared/format/bytes'
import { hashFile, partialEnding, renamePatiently, StorageError, systemCodeOf, type FileSystem, type OpenFile } from '../files'
import { badData, errorMessage, shown } from '../formats/data-error'
import type { RemoteFile } from './catalogue'

export interface DownloadOptions {
  readonly signal?: AbortSignal
  /** Bytes that are on disk by now. */
  readonly onBytes?: (bytes: number) => void
  /** A connection without a byte for so long is given up and tried again. Default 30,000. */
  readonly stallMilliseconds?: number
  /** Connections in a row that bring nothing new before it gives up. Default 5. */
  readonly attempts?: number
  /** Pause before the second attempt, doubled each time. Default 1,000. */
  readonly retryMilliseconds?: number
}

/** A failure after which another attempt may do better. */
class Passing extends Error {}

const redirectLimit = 5
const unreachable = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN'])

const unwritable = new Set(['ENOSPC', 'EACCES', 'EPERM', 'EROFS', 'EDQUOT', 'EIO', 'ENOENT', 'ENOTDIR', 'EISDIR'])

/** Sends one GET and resolves with the answer's head. The body is not read yet. */
function get(url: URL, headers: Record<string, string>, stall: number, signal: AbortSignal | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp
    const request = send(url, { headers: { 'user-agent': 'saddlescope', ...headers }, signal }, resolve)
    request.setTimeout(stall, () => request.destroy(new Passing(`no answer for ${stall / 1000} s`)))
    request.on('error', reject)
    request.end()
  })
}

/** Follows redirects to a final answer. Only http and https, never from https back to http, at most five. */
async function follow(
  address: string,
  headers: Record<string, string>,
  stall: number,
  signal: AbortSignal | undefined
): Promise<IncomingMessage> {
  let url = new URL(address)
  for (let count = 0; ; count++) {
    const answer = await get(url, headers, stall, signal)
    const { location } = answer.headers
    if (![301, 302, 303, 307, 308].includes(answer.statusCode ?? 0) || location === undefined) return answer
    answer.destroy()
    if (count >= redirectLimit) throw new StorageError('unavailable', `${address}: redirects more than ${redirectLimit} times`)
    let next: URL
    try {
      next = new URL(location, url)
    } catch {
      throw new StorageError('unavailable', `${address}: redirects to "${shown(location)}", which is no address`)
    }
    if (next.protocol !== 'https:' && !(next.protocol === 'http:' && url.protocol === 'http:'))
      throw new StorageError('unavailable', `${address}: redirects to ${next.protocol}//${next.host}, which is not as safe; refused`)
    url = next
  }
}

/** Where an answer's body belongs in the file, or why it does not. Null: the server says that there is nothing after what we have. */
function bodyStart(answer: IncomingMessage, have: number, file: RemoteFile): number | null {
  const status = answer.statusCode ?? 0
  const host = file.url
  if (status === 200) return 0
  if (status === 206) {
    const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers['content-range'] ?? '')
    if (!match || Number(match[1]) !== have) throw new Passing(`the server sent another range than asked for`)
    return have
  }
  if (status === 416) return null
  if (status === 429 || status >= 500) throw new Passing(`the server answered ${status} ${shown(answer.statusMessage ?? '')}`.trim())
  throw new StorageError('unavailable', `${host}: the server answered ${status} ${shown(answer.statusMessage ?? '')}`.trim())
}

/** Writes a body to the file from `start` on; stops at the expected length. Resolves with the file's new length. */
async function receive(
  answer: IncomingMessage,
  target: OpenFile,
  start: number,
  file: RemoteFile,
  options: DownloadOptions
): Promise<number> {
  const stall = options.stallMilliseconds ?? 30_000
  let at = start
  answer.setTimeout(stall, () => answer.destroy(new Passing(`nothing arrived for ${stall / 1000} s`)))
  for await (const data of answer) {
    const chunk: Buffer = data
    if (at + chunk.length > file.bytes)
      throw badData(`${file.url}: sends more than the ${file.bytes} bytes of the published file; it is another file`)
    await target.write(chunk, at)
    at += chunk.length
    options.onBytes?.(at)
  }
  return at
}

async function lengthOf(fileSystem: FileSystem, path: string): Promise<number> {
  return (await fileSystem.info(path).catch(() => null))?.bytes ?? 0
}

/** One connection: asks for what is missing and appends it. Resolves with the length on disk. */
async function attempt(fileSystem: FileSystem, file: RemoteFile, partial: string, options: DownloadOptions): Promise<number> {
  const have = await lengthOf(fileSystem, partial)
  if (have === file.bytes) return have
  if (have > file.bytes) await fileSystem.remove(partial)
  const from = have > file.bytes ? 0 : have
  const headers: Record<string, string> = { 'accept-encoding': 'identity' }
  if (from > 0) headers.range = `bytes=${from}-`
  const answer = await follow(file.url, headers, options.stallMilliseconds ?? 30_000, options.signal)
  const start = bodyStart(answer, from, file)
  if (start === null) {
    answer.destroy()
    await fileSystem.remove(partial)
    throw new Passing('the server has no such range')
  }
  const target = await fileSystem.open(partial, start === 0 ? 'create' : 'update')
  try {
    return await receive(answer, target, start, file, options)
  } finally {
    answer.destroy()
    await target.sync().catch(() => undefined)
    await target.close()
  }
}

/** Why it did not work, for people. */
function giveUp(file: RemoteFile, have: number, error: unknown): StorageError {
  const kept = have > 0 ? ` ${bytesIn('MB', have)} of ${bytesIn('MB', file.bytes)} are kept; downloading again goes on from there.` : ''
  const { host } = new URL(file.url)
  if (unreachable.has(systemCodeOf(error) ?? ''))
    return new StorageError('unavailable', `${host} cannot be reached (${systemCodeOf(error)}); is this machine offline?${kept}`)
  return new StorageError('unavailable', `${file.url}: the download broke off (${errorMessage(error)}).${kept}`)
}

/** Fetches until the file has its length. A connection that brought something new does not count as failed. */
async function fetchAll(fileSystem: FileSystem, file: RemoteFile, partial: string, options: DownloadOptions): Promise<void> {
  let failures = 0
  let arrived = false
  for (;;) {
    const before = await lengthOf(fileSystem, partial)
    let problem: unknown
    try {
      if ((await attempt(fileSystem, file, partial, options)) === file.bytes) return
      problem = new Passing('the connection ended early')
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason
      if (error instanceof StorageError) throw error
      if (unwritable.has(systemCodeOf(error) ?? ''))
        throw new StorageError(
          'unavailable',
          `${partial}: cannot be written (${systemCodeOf(error)}${systemCodeOf(error) === 'ENOSPC' ? ': the disk is full' : ''})`
        )
      problem = error
    }
    const have = await lengthOf(fileSystem, partial)
    arrived ||= have > before
    failures = have > before ? 1 : failures + 1
    // A host that was never reached is not waited for as long as one that was there a moment ago.
    const offline = !arrived && unreachable.has(systemCodeOf(problem) ?? '')
    const attempts = options.attempts ?? 5
    if (failures >= (offline ? Math.min(attempts, 2) : attempts)) throw giveUp(file, have, problem)
    await wait((options.retryMilliseconds ?? 1000) * 2 ** (failures - 1), undefined, { signal: options.signal }).catch(() => {
      throw options.signal?.reason
    })
  }
}

/**
 * Downloads a file to `path`; nothing has that name before length and MD5 are right. What a broken download left (`path` + `.partial`) is
 * gone on with; when it turns out wrong it is fetched once more from the start. Throws `unavailable` with what is kept when the server
 * cannot be reached, breaks off or stalls again and again, and `bad-data` when what it sends is not the published file.
 */
export async function downloadFile(fileSystem: FileSystem, file: RemoteFile, path: string, options: DownloadOptions = {}): Promise<void> {
  const partial = path + partialEnding
  for (let round = 0; ; round++) {
    const resumed = (await lengthOf(fileSystem, partial)) > 0
    options.onBytes?.(Math.min(await lengthOf(fileSystem, partial), file.bytes))
    await fetchAll(fileSystem, file, partial, options)
    const { digest: md5 } = await hashFile(fileSystem, partial, 'md5', { signal: options.signal })
    if (md5 === file.md5) return renamePatiently(fileSystem, partial, path)
    await fileSystem.remove(partial)
    if (!resumed || round > 0)
      throw badData(`${file.url}: the file has MD5 ${md5}, but the published one has ${file.md5}; nothing was kept`)
  }
}
