// Files of one JSON object a line, appended in whole lines; a torn last line is dropped on reading.
import { Mutex } from 'async-mutex'
import { joinedBytes } from '../../shared/format/joined-bytes'
import type { FileSystem, OpenFile } from './file-system'
import { StorageError, translating } from './storage-error'

/** Lines wait here until this many characters are together or the time is up: small steps are not slowed by a write each. */
const bufferLength = 4 * 1024 * 1024
const flushEvery = 100
/** Whoever appends waits for a write only when the timer's, beside which cheap steps go on, has not come to it for so long: a step that lasted, or a failure to be told. */
const overdue = 200
const syncEvery = 5000

export interface LineFile {
  /** Adds a line (without its newline) in memory; it is on its way to the disk within 100 ms and synced within 5 s. */
  append(line: string): void
  /** It is time to write what waits. */
  isDue(): boolean
  /** Writes what waits if it is time to. Throws StorageError; nothing that was appended is lost by that, calling again goes on. */
  flushIfDue(): Promise<void>
  /** Everything appended so far is on disk when this returns. */
  sync(): Promise<void>
  /** Writes and syncs what waits, then closes, also when that fails. Again: nothing happens. */
  close(): Promise<void>
  /** Bytes of the file with all that was appended. */
  bytes(): number
}

/**
 * Opens for appending behind the first `keepBytes` bytes; what is after them is cut off. Where those end inside a line, it is ended first.
 * A failed write is repeated at the same place, so that a full disk leaves no torn line in the middle.
 */
export async function openLineFile(fileSystem: FileSystem, path: string, keepBytes: number): Promise<LineFile> {
  const doing = `write ${path}`
  let file: OpenFile = await translating(doing, () => fileSystem.open(path, 'update'))
  let begun = false
  try {
    await translating(doing, async () => {
      if ((await file.bytes()) > keepBytes) await file.truncate(keepBytes)
      begun = await endsInsideLine(file, keepBytes)
    })
  } catch (error) {
    await file.close().catch(() => undefined)
    throw error
  }
  const encoder = new TextEncoder()
  /** Bytes that are known to be on the disk; what was written behind them is kept, in case the drive loses it. */
  let synced = keepBytes
  let unsynced: Uint8Array[] = []
  let unsyncedBytes = 0
  let pending: string[] = []
  let pendingLength = 0
  let lastFlush = Date.now()
  let lastSync = Date.now()
  let broken = false
  let closed = false
  let timer: ReturnType<typeof setTimeout> | null = null
  /** One operation at a time; a failure is the caller's and does not stop the next. */
  const turn = new Mutex()

  /** After a failure the file is opened anew (a drive that came back needs that) and what was not synced is written again. */
  const reopen = async () => {
    await file.close().catch(() => undefined)
    file = await fileSystem.open(path, 'update')
    if ((await file.bytes()) < synced)
      throw new StorageError('vanished', `cannot ${doing}: it is shorter than what was written to it; is this another file or drive?`)
    await file.write(joinedBytes(unsynced), synced)
    broken = false
  }
  const guarded = (work: () => Promise<void>): Promise<void> =>
    translating(doing, async () => {
      try {
        if (broken) await reopen()
        await work()
      } catch (error) {
        broken = true
        throw error
      }
    })
  const flush = async () => {
    lastFlush = Date.now()
    if (pending.length === 0) return
    const taken = pending.length
    const text = pending.join('')
    const bytes = encoder.encode(text)
    await guarded(() => file.write(bytes, synced + unsyncedBytes))
    unsynced.push(bytes)
    unsyncedBytes += bytes.length
    pending = pending.slice(taken)
    pendingLength -= text.length
  }
  const sync = async () => {
    await flush()
    if (unsyncedBytes > 0) await guarded(() => file.sync())
    synced += unsyncedBytes
    unsynced = []
    unsyncedBytes = 0
    lastSync = Date.now()
  }
  const isDue = () => pendingLength >= bufferLength || Date.now() - lastFlush >= overdue
  const due = () => (Date.now() - lastSync >= syncEvery ? sync() : flush())
  const arm = (milliseconds: number) => {
    if (timer || closed) return
    timer = setTimeout(() => {
      timer = null
      // A failure here is not lost: the lines are still pending, and the next call reports it.
      void turn.runExclusive(due).catch(() => undefined)
      if (unsyncedBytes > 0 || pending.length > 0) arm(flushEvery)
    }, milliseconds)
    timer.unref()
  }
  return {
    append(line) {
      const text = `${begun ? '\n' : ''}${line}\n`
      begun = false
      pending.push(text)
      pendingLength += text.length
      arm(flushEvery)
    },
    isDue,
    async flushIfDue() {
      if (isDue()) await turn.runExclusive(due)
    },
    sync: () => turn.runExclusive(sync),
    async close() {
      if (closed) return
      closed = true
      if (timer) clearTimeout(timer)
      try {
        await turn.runExclusive(sync)
      } finally {
        await file.close()
      }
    },
    bytes: () => synced + unsyncedBytes + encoder.encode(pending.join('')).length
  }
}

async function endsInsideLine(file: OpenFile, bytes: number): Promise<boolean> {
  if (bytes === 0) return false
  const last = new Uint8Array(1)
  return (await file.read(last, bytes - 1)) === 1 && last[0] !== 10
}

/** The complete lines of a text; a torn last one is dropped. */
export function completeLines(text: string): string[] {
  const end = text.lastIndexOf('\n')
  return end === -1 ? [] : text.slice(0, end).split('\n')
}
