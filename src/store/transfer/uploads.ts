// Files that arrive over the network: below `uploads/`, complete under their name or not there, until the import that they are for has ended.
import { randomBytes } from 'node:crypto'
import { join, relative, sep } from 'node:path'
import { bytesIn } from '../../shared/format/bytes'
import { partialEnding, renamePatiently, StorageError, systemCodeOf, translating } from '../files'
import { isLeftBehind, processMark, type Workspace } from '../workspace'

export const uploadsFolder = (workspace: Workspace) => join(workspace.folder, 'uploads')

/** Left to the runs at work and to whatever is made of the upload. */
const reservedBytes = 256 * 1024 * 1024
const lookEvery = 32 * 1024 * 1024
/** In bytes of UTF-8: file systems end at 255, and `.partial` comes behind it. */
const longestName = 200

const deviceName = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i

/** The name under which an upload is kept. Throws StorageError `bad-input` for what is no plain file name on every system. */
export function uploadName(given: string): string {
  const name = given.normalize('NFC')
  const refuse = (why: string) => new StorageError('bad-input', `"${name.slice(0, 80)}" is no name for a file: it ${why}`)
  if (name === '' || name === '.' || name === '..') throw refuse('names no file')
  if (/[/\\]/.test(name)) throw refuse('has a path in it')
  if (/\p{C}/u.test(name)) throw refuse('has control characters')
  if (name.startsWith('.') || /[. ]$/.test(name)) throw refuse('begins with a dot, or ends with a dot or a space')
  if (deviceName.test(name)) throw refuse('is a device on Windows')
  if (Buffer.byteLength(name) > longestName) throw refuse(`is longer than ${longestName} bytes`)
  return name.replace(/[<>:"|?*]/g, '_')
}

export interface Upload {
  readonly path: string
  readonly name: string
  readonly bytes: number
  /** Files that belong together are sent with the first one's batch. */
  readonly batch: string
}

async function requireFree(workspace: Workspace, bytes: number, code: 'too-large' | 'disk-full'): Promise<void> {
  const free = await workspace.fileSystem.freeBytes(workspace.folder)
  if (free === null || free - bytes >= reservedBytes) return
  const mb = (count: number) => bytesIn('MB', Math.max(0, count))
  throw new StorageError(
    code,
    `${code === 'too-large' ? `the file of ${mb(bytes)} does not fit` : 'the disk ran full'}: the drive of the workspace has ${mb(free)} free, of which ${mb(reservedBytes)} are kept for the runs`
  )
}

async function requireNoLink(workspace: Workspace, path: string): Promise<void> {
  if (await workspace.fileSystem.isLink(path)) throw new StorageError('bad-input', `${path}: is a link; links are not followed`)
}

export interface UploadRequest {
  readonly name: string
  /** Bytes that are announced; more or fewer are an error. */
  readonly bytes: number
  readonly batch?: string
}

/**
 * Writes what arrives below `uploads/`, in a folder of the batch. Whatever goes wrong leaves nothing. Throws StorageError: `bad-input`, `conflict` (exists),
 * `too-large` (for the free disk, before anything is read), `disk-full` (while writing).
 */
export async function receiveUpload(workspace: Workspace, request: UploadRequest, body: AsyncIterable<Uint8Array>): Promise<Upload> {
  const { fileSystem } = workspace
  const name = uploadName(request.name)
  if (request.batch !== undefined && !/^[0-9a-f]{16}$/.test(request.batch))
    throw new StorageError('bad-input', `"${request.batch.slice(0, 40)}" is no batch of uploads`)
  const batch = request.batch ?? randomBytes(8).toString('hex')
  await requireFree(workspace, request.bytes, 'too-large')
  const own = join(uploadsFolder(workspace), `${batch}.${processMark()}`)
  // What reads several files of a folder names the folder when it complains.
  const folder = join(own, 'upload')
  await translating(`write ${folder}`, async () => {
    await fileSystem.makeFolder(uploadsFolder(workspace))
    await requireNoLink(workspace, uploadsFolder(workspace))
    await fileSystem.makeFolder(folder)
    await requireNoLink(workspace, own)
    await requireNoLink(workspace, folder)
  })
  const path = join(folder, name)
  const partial = `${path}${partialEnding}`
  const taken = new StorageError('conflict', `${name} has been sent already, or is being sent`)
  if (await translating(`write ${path}`, () => fileSystem.info(path))) throw taken
  const file = await translating(`write ${path}`, () =>
    // Exclusive: neither a link nor another upload of this name is written through.
    fileSystem.open(partial, 'exclusive').catch((error: unknown) => {
      throw systemCodeOf(error) === 'EEXIST' ? taken : error
    })
  )
  try {
    let written = 0
    let looked = 0
    try {
      for await (const chunk of body) {
        if (written + chunk.length > request.bytes)
          throw new StorageError('bad-input', `${name}: is more than the ${request.bytes} bytes announced`)
        await translating(`write ${path}`, () => file.write(chunk, written))
        written += chunk.length
        if (written - looked < lookEvery) continue
        looked = written
        await requireFree(workspace, request.bytes - written, 'disk-full')
      }
      if (written !== request.bytes)
        throw new StorageError('bad-input', `${name}: ended after ${written} of the ${request.bytes} bytes announced`)
      await translating(`write ${path}`, () => file.sync())
    } finally {
      await file.close()
    }
    await translating(`write ${path}`, () => renamePatiently(fileSystem, partial, path))
    return { path, name, bytes: written, batch }
  } catch (error) {
    await fileSystem.remove(partial).catch(() => undefined)
    if ((await fileSystem.list(folder).catch(() => ['?'])).length === 0) await fileSystem.remove(own).catch(() => undefined)
    throw error
  }
}

/** Removes an upload with its batch when its import has ended; any other path is left alone. */
export async function dropUpload(workspace: Workspace, path: string): Promise<void> {
  const [batch, ...rest] = relative(uploadsFolder(workspace), path).split(sep)
  if (rest.length === 0 || !/^[0-9a-f]{16}\.[0-9a-f]{8}-\d+$/.test(batch)) return
  await workspace.fileSystem.remove(join(uploadsFolder(workspace), batch)).catch(() => undefined)
}

/** Removes what processes that are gone left behind. Never throws: it is no reason not to start. */
export async function sweepUploads(workspace: Workspace): Promise<void> {
  const { fileSystem } = workspace
  const folder = uploadsFolder(workspace)
  for (const name of await fileSystem.list(folder).catch(() => [])) {
    const mark = /^[0-9a-f]{16}\.([0-9a-f]{8}-\d+)$/.exec(name)?.[1] ?? null
    const info = await fileSystem.info(join(folder, name)).catch(() => null)
    if (isLeftBehind(mark, info?.modified ?? 0)) await fileSystem.remove(join(folder, name)).catch(() => undefined)
  }
}
