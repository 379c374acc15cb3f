// lock.json: one owner a run. A lock is stale when its process is provably gone or its heartbeat has stopped; a process id alone proves nothing.
import { randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { lockSchema, type RunLock } from '../../shared/run/schema'
import { readJson, StorageError, systemCodeOf, toStorageError, translating, writeJson, type FileSystem } from '../files'

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

/** The lock there is, and how long ago its owner last wrote it by the clock of the drive it is on; null when there is none. */
async function inspect(fileSystem: FileSystem, path: string): Promise<{ lock: RunLock | null; age: number } | null> {
  const info = await translating(`read ${path}`, () => fileSystem.info(path))
  if (!info) return null
  // Both times come from the drive's own clock, so that two computers' clocks need not agree.
  const probe = `${path}.${randomBytes(4).toString('hex')}.partial`
  let now = Date.now()
  try {
    await (await fileSystem.open(probe, 'create')).close()
    now = (await fileSystem.info(probe))?.modified ?? now
  } finally {
    await fileSystem.remove(probe).catch(() => undefined)
  }
  const lock = await readJson(fileSystem, path, lockSchema).catch(() => null)
  return { lock, age: now - info.modified }
}

/** Who holds the run now: its lock when the owner lives, null when the run is free or its lock is stale. Writes nothing but a probe. */
export async function liveLock(fileSystem: FileSystem, path: string, host: HostView = thisHost): Promise<RunLock | null> {
  const found = await inspect(fileSystem, path)
  if (!found?.lock) return null
  return isStale(found.lock, found.age, host) ? null : found.lock
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
  for (let attempt = 0; ; attempt++) {
    try {
      const file = await fileSystem.open(path, 'exclusive')
      try {
        await file.write(new TextEncoder().encode(`${JSON.stringify(content(), null, 2)}\n`), 0)
      } finally {
        await file.close()
      }
      break
    } catch (error) {
      if (systemCodeOf(error) !== 'EEXIST' || attempt >= 3) throw toStorageError(error, `write ${path}`)
    }
    const found = await inspect(fileSystem, path)
    if (!found) continue
    // An empty or torn lock is one being written this moment, unless it is old.
    const stale = found.lock ? isStale(found.lock, found.age, host) : found.age > heartbeatLimit
    if (!stale) throw lockedBy(path, found.lock)
    // Moved aside first: of two processes that found it stale, only one can move it.
    const aside = `${path}.${token}.partial`
    await fileSystem.rename(path, aside).catch(() => undefined)
    const moved = await readJson(fileSystem, aside, lockSchema).catch(() => null)
    await fileSystem.remove(aside)
    if (moved && moved.token !== found.lock?.token) throw lockedBy(path, moved)
  }
  const owner = async () => (await readJson(fileSystem, path, lockSchema).catch(() => null))?.token ?? null
  if ((await owner()) !== token) throw lockedBy(path, null)
  return {
    token,
    async beat() {
      const current = await owner()
      if (current !== null && current !== token) throw lockedBy(path, await readJson(fileSystem, path, lockSchema).catch(() => null))
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
