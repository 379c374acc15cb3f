// lock.json: one owner a run. A lock is stale when its process is provably gone or its heartbeat has stopped; a process id alone proves nothing.
import { randomBytes } from 'node:crypto'
import { hostname, uptime } from 'node:os'
import { dirname } from 'node:path'
import { lockSchema, type RunLock } from '../../shared/run/schema'
import {
  partialEnding,
  readJson,
  StorageError,
  systemCodeOf,
  toStorageError,
  translating,
  writeJson,
  writeParts,
  type FileSystem
} from '../files'
import { ownProcessStart, processState, type ProcessState } from '../workspace/processes'

export const heartbeatEvery = 5000
/** A heartbeat older than this is a dead owner's, on whatever host it was. */
const heartbeatLimit = 60_000

/** What can be known of processes on this host; replaced in tests. */
export interface HostView {
  readonly host: string
  readonly pid: number
  readonly processStart: string
  stateOf(pid: number, processStart: string): ProcessState
}

export const thisHost: HostView = { host: hostname(), pid: process.pid, processStart: ownProcessStart, stateOf: processState }

const stateOfOwner = (lock: RunLock, host: HostView) => (lock.host === host.host ? host.stateOf(lock.pid, lock.processStart) : 'unknown')

/** A process that was killed is waited for so long: giving back a large memory takes its time. */
const endingPatience = 15_000
const endingPause = 100

export interface HeldLock {
  readonly token: string
  /** Throws StorageError `locked` when another process has taken the run meanwhile. */
  beat(): Promise<void>
  release(): Promise<void>
}

/** Null when there is none or it is torn; a drive that cannot be read is an error, not a free run. */
async function readLock(fileSystem: FileSystem, path: string): Promise<RunLock | null> {
  try {
    return await readJson(fileSystem, path, lockSchema)
  } catch (error) {
    if (error instanceof StorageError && error.code === 'damaged') return null
    throw error
  }
}

/**
 * Milliseconds since the file was written, by the clock of the drive it is on, so that two computers' clocks need not agree. The probe is made first:
 * a network drive remembers a folder for up to a minute, as long as a heartbeat may be old, and looks anew once something was made in it from here.
 */
async function ageOf(fileSystem: FileSystem, path: string): Promise<number> {
  const written = async () => (await translating(`read ${path}`, () => fileSystem.info(path)))?.modified ?? 0
  const probe = `${path}.${randomBytes(4).toString('hex')}${partialEnding}`
  try {
    await (await fileSystem.open(probe, 'create')).close()
    const now = (await fileSystem.info(probe))?.modified ?? Date.now()
    return now - (await written())
  } catch {
    // A folder that is only read: this computer's clock must do.
    return Date.now() - (await written())
  } finally {
    await fileSystem.remove(probe).catch(() => undefined)
  }
}

/**
 * Whether the lock's owner is gone; the heartbeat is looked at only where the host cannot tell. One from before this computer's start is a dead
 * process's; a younger one under this host's name may be that of another computer of the same name.
 */
async function isAbandoned(fileSystem: FileSystem, path: string, lock: RunLock, host: HostView): Promise<boolean> {
  const state = stateOfOwner(lock, host)
  if (state !== 'unknown') return state === 'gone'
  const limit = lock.host === host.host ? Math.min(heartbeatLimit, uptime() * 1000) : heartbeatLimit
  return (await ageOf(fileSystem, path)) > limit
}

/** Told that an owner which is ending is waited for, in one sentence. */
export type OnWait = (message: string) => void

/** Returns once the owner of the lock is gone, or is not on its way out, or has had time enough. */
export async function awaitEnding(fileSystem: FileSystem, path: string, host: HostView = thisHost, onWait?: OnWait): Promise<void> {
  for (let waited = 0; waited < endingPatience; waited += endingPause) {
    const lock = await readLock(fileSystem, path)
    if (!lock || stateOfOwner(lock, host) !== 'ending') return
    if (waited === 0) onWait?.(`process ${lock.pid}, which worked on this run, is ending: waiting for it`)
    await fileSystem.wait(endingPause)
  }
}

/** Who holds the run now: its lock when the owner lives, null when the run is free or its lock is stale. */
export async function liveLock(fileSystem: FileSystem, path: string, host: HostView = thisHost): Promise<RunLock | null> {
  const lock = await readLock(fileSystem, path)
  return lock && !(await isAbandoned(fileSystem, path, lock, host)) ? lock : null
}

/** One attempt: a lock that is written whole and then linked, so that a kill at any moment leaves none or a readable one. False when there is one. */
async function placeLock(fileSystem: FileSystem, path: string, lock: RunLock): Promise<boolean> {
  const prepared = `${path}.${lock.token}.new${partialEnding}`
  try {
    await writeParts(fileSystem, prepared, [new TextEncoder().encode(`${JSON.stringify(lock, null, 2)}\n`)])
    await fileSystem.linkNew(prepared, path)
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false
    // A rival that has just won cleans up and takes the prepared file for a leftover.
    if (systemCodeOf(error) === 'ENOENT' && (await fileSystem.info(dirname(path)))) return false
    throw error
  } finally {
    await fileSystem.remove(prepared)
  }
}

/** Whether a lock that is there may be replaced. A torn one (a drive without links) is being written this moment, unless it is some seconds old. */
const isStale = async (fileSystem: FileSystem, path: string, lock: RunLock | null, host: HostView): Promise<boolean> =>
  lock ? isAbandoned(fileSystem, path, lock, host) : (await ageOf(fileSystem, path)) > heartbeatEvery

/**
 * Puts this lock in the place of a stale one, which is never missing meanwhile: of several processes that find it stale, the one that holds the guard
 * looks again and replaces it, and what a slow one saw before counts for nothing. False when there is no lock any more, or the guard was a dead
 * process's: then all is to be tried anew. Throws `locked` when the lock is not stale, or another is about to have it.
 */
async function replaceStale(fileSystem: FileSystem, path: string, lock: RunLock, host: HostView): Promise<boolean> {
  const guard = `${path}.takeover${partialEnding}`
  if (!(await placeLock(fileSystem, guard, lock))) {
    const other = await readLock(fileSystem, guard)
    if (!(await fileSystem.info(guard))) return false
    if (!(await isStale(fileSystem, guard, other, host))) throw lockedBy(path, other)
    await fileSystem.remove(guard)
    return false
  }
  try {
    const found = await readLock(fileSystem, path)
    if (!(await fileSystem.info(path))) return false
    if (!(await isStale(fileSystem, path, found, host))) throw lockedBy(path, found)
    await writeJson(fileSystem, path, lock)
    return true
  } finally {
    await fileSystem.remove(guard)
  }
}

/** Takes the lock; an owner that is ending is waited for. Throws StorageError `locked`, naming the owner, when a living process has it. */
export async function takeLock(fileSystem: FileSystem, path: string, host: HostView = thisHost, onWait?: OnWait): Promise<HeldLock> {
  const token = randomBytes(8).toString('hex')
  const content = (): RunLock => ({
    schemaVersion: 1,
    host: host.host,
    pid: host.pid,
    processStart: host.processStart,
    heartbeat: new Date().toISOString(),
    token
  })
  const owner = async () => (await readLock(fileSystem, path))?.token ?? null
  try {
    for (let attempt = 0; !(await placeLock(fileSystem, path, content())); attempt++) {
      if (attempt >= 3) throw lockedBy(path, null)
      await awaitEnding(fileSystem, path, host, onWait)
      if (await replaceStale(fileSystem, path, content(), host)) break
    }
    // Two that found the guard of a dead process may both have replaced the lock: the file decides.
    if ((await owner()) !== token) throw lockedBy(path, null)
  } catch (error) {
    // Not left behind by one who does not know that he has it.
    if ((await owner().catch(() => null)) === token) await fileSystem.remove(path).catch(() => undefined)
    throw toStorageError(error, `write ${path}`)
  }
  return {
    token,
    async beat() {
      const current = await owner()
      if (current !== null && current !== token) throw lockedBy(path, await readLock(fileSystem, path))
      await writeJson(fileSystem, path, content())
    },
    async release() {
      if ((await owner()) === token) await translating(`remove ${path}`, () => fileSystem.remove(path))
    }
  }
}

function lockedBy(path: string, lock: RunLock | null): StorageError {
  const who = lock ? `process ${lock.pid} on ${lock.host}` : 'another process'
  return new StorageError('locked', `${who} is working on this run (${path}); wait for it or stop it there`)
}
