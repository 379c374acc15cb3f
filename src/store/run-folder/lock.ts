// lock.json: one owner a run. A lock is stale when its process is provably gone or its heartbeat has stopped; a process id alone proves nothing.
import { randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
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

export const heartbeatEvery = 5000
/** A heartbeat older than this is a dead owner's, on whatever host it was. */
export const heartbeatLimit = 60_000

/** What can be known of processes on this host; replaced in tests. */
export interface HostView {
  readonly host: string
  readonly pid: number
  readonly processStart: string
  /** True: certainly running; false: certainly gone (also when the id now belongs to another process); null: cannot be told. */
  isRunning(pid: number, processStart: string): boolean | null
}

/** Linux: boot id, process namespace and start tick of a process, which together never occur twice. Null when there is no such process. */
function linuxProcessStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()} ${readlinkSync('/proc/self/ns/pid')} ${ticks}`
  } catch {
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCodeOf(error) === 'EPERM'
  }
}

export const thisHost: HostView = {
  host: hostname(),
  pid: process.pid,
  processStart: linuxProcessStart(process.pid) ?? new Date(Date.now() - process.uptime() * 1000).toISOString(),
  isRunning(pid, processStart) {
    const own = linuxProcessStart(process.pid)
    if (own !== null) {
      const space = (start: string) => start.split(' ').slice(0, 2).join(' ')
      // Another boot has no processes any more; another container's process ids say nothing here.
      if (space(processStart) !== space(own)) return processStart.split(' ')[0] === own.split(' ')[0] ? null : false
      return linuxProcessStart(pid) === processStart
    }
    return isAlive(pid) ? null : false
  }
}

/** Whether the lock's owner is gone. `age` is the time since its last heartbeat, in milliseconds. */
export function isStale(lock: RunLock, age: number, host: HostView): boolean {
  if (lock.host === host.host) {
    const running = host.isRunning(lock.pid, lock.processStart)
    if (running !== null) return !running
  }
  return age > heartbeatLimit
}

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

/** Milliseconds since the file was written, by the clock of the drive it is on, so that two computers' clocks need not agree. */
async function ageOf(fileSystem: FileSystem, path: string): Promise<number> {
  const written = (await translating(`read ${path}`, () => fileSystem.info(path)))?.modified ?? 0
  const probe = `${path}.${randomBytes(4).toString('hex')}${partialEnding}`
  try {
    await (await fileSystem.open(probe, 'create')).close()
    return ((await fileSystem.info(probe))?.modified ?? Date.now()) - written
  } catch {
    // A folder that is only read: this computer's clock must do.
    return Date.now() - written
  } finally {
    await fileSystem.remove(probe).catch(() => undefined)
  }
}

/** Whether the lock's owner is gone; the heartbeat is looked at only where the host cannot tell. */
async function isAbandoned(fileSystem: FileSystem, path: string, lock: RunLock, host: HostView): Promise<boolean> {
  const running = lock.host === host.host ? host.isRunning(lock.pid, lock.processStart) : null
  return running === null ? isStale(lock, await ageOf(fileSystem, path), host) : !running
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

/** Moves a stale lock out of the way. Throws `locked` when it is not stale. */
async function clearStale(fileSystem: FileSystem, path: string, token: string, host: HostView): Promise<void> {
  if (!(await fileSystem.info(path))) return
  const found = await readLock(fileSystem, path)
  // A torn lock (a drive without links) is one being written this moment, unless it is some seconds old.
  const stale = found ? await isAbandoned(fileSystem, path, found, host) : (await ageOf(fileSystem, path)) > heartbeatEvery
  if (!stale) throw lockedBy(path, found)
  // Moved aside first: of two processes that found it stale, only one can move it, and it sees whether it moved the right one.
  const aside = `${path}.${token}${partialEnding}`
  await fileSystem.rename(path, aside).catch((error: unknown) => {
    if (systemCodeOf(error) !== 'ENOENT') throw error
  })
  const moved = await readLock(fileSystem, aside)
  await fileSystem.remove(aside)
  if (moved && moved.token !== found?.token) throw lockedBy(path, moved)
}

/** Takes the lock. Throws StorageError `locked`, naming the owner, when a living process has it. */
export async function takeLock(fileSystem: FileSystem, path: string, host: HostView = thisHost): Promise<HeldLock> {
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
      await clearStale(fileSystem, path, token, host)
    }
    // Whoever moved a stale lock aside may have moved this one: the file decides.
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
