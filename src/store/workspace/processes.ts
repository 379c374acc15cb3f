// What can be known of a process of this computer: running, on its way out, gone, or nothing certain. A process id alone proves nothing.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { systemCodeOf } from '../files'

/** `ending`: it has been killed or is closing down and will be gone in a moment. `unknown`: something of that id lives, perhaps another. */
export type ProcessState = 'running' | 'ending' | 'gone' | 'unknown'

/** Fields of /proc/PID/stat from the third on: behind the name, which may hold anything. Null when there is no such process. */
function linuxFields(path: string): string[] | null {
  try {
    const stat = readFileSync(path, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return null
  }
}

const isDead = (state: string) => state === 'Z' || state === 'X' || state === 'x'

/** Linux: boot id, process namespace and start tick of a process, which together never occur twice. Null when there is no such process. */
export function linuxProcessStart(pid: number): string | null {
  const ticks = linuxFields(`/proc/${pid}/stat`)?.[19]
  if (ticks === undefined) return null
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()} ${readlinkSync('/proc/self/ns/pid')} ${ticks}`
  } catch {
    return null
  }
}

/** The kernel's PF_EXITING: the process gives back what it had. */
const exitingFlag = 0x4
/** Signal 9 in a mask of pending signals, which is written in hexadecimal. */
const killBit = 0x100n

/** True when SIGKILL waits for the process, or its memory is just being dumped: both end with its end. */
export function linuxIsDoomed(status: string): boolean {
  if (/^CoreDumping:\s*1/m.test(status)) return true
  return [...status.matchAll(/^(?:SigPnd|ShdPnd):\s*([0-9a-f]+)/gm)].some(([, mask]) => (BigInt(`0x${mask}`) & killBit) !== 0n)
}

/**
 * A zombie is gone, reaped or not: in a container whose first process reaps nothing it stays in the list for ever. Its threads may outlive it for
 * a moment, in the middle of a write.
 */
function linuxState(pid: number): ProcessState {
  const fields = linuxFields(`/proc/${pid}/stat`)
  if (!fields) return 'gone'
  if (isDead(fields[0])) {
    const threads = safely(() => readdirSync(`/proc/${pid}/task`)) ?? []
    const alive = threads.some((thread) => !isDead(linuxFields(`/proc/${pid}/task/${thread}/stat`)?.[0] ?? 'X'))
    return alive ? 'ending' : 'gone'
  }
  if ((Number(fields[6]) & exitingFlag) !== 0) return 'ending'
  return linuxIsDoomed(safely(() => readFileSync(`/proc/${pid}/status`, 'latin1')) ?? '') ? 'ending' : 'running'
}

function safely<T>(work: () => T): T | null {
  try {
    return work()
  } catch {
    return null
  }
}

/** True while there is a process of this id, whoever started it and whenever. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCodeOf(error) === 'EPERM'
  }
}

/** What `ps -o stat=` says of a process that answers to signals: Z a zombie, E (macOS) trying to exit. */
export function stateFromPs(stat: string): ProcessState {
  const word = stat.trim()
  if (word === '' || word.startsWith('Z')) return 'gone'
  return word.includes('E') ? 'ending' : 'unknown'
}

/** Where there is no /proc the start of a process is not compared: one that lives may be another of the same id. */
function otherState(pid: number): ProcessState {
  if (!isAlive(pid)) return 'gone'
  if (process.platform === 'win32') return 'unknown'
  try {
    return stateFromPs(execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'latin1', stdio: ['ignore', 'pipe', 'ignore'] }))
  } catch {
    return isAlive(pid) ? 'unknown' : 'gone'
  }
}

/** The process that had this id when it started then (in the words of `processStart`). */
export function processState(pid: number, start: string): ProcessState {
  const own = linuxProcessStart(process.pid)
  if (own === null) return otherState(pid)
  const space = (words: string) => words.split(' ').slice(0, 2).join(' ')
  // Before the computer was started, on another computer of this name, or in another container: process ids of there say nothing here.
  if (space(start) !== space(own)) return 'unknown'
  return linuxProcessStart(pid) === start ? linuxState(pid) : 'gone'
}

/** When this process started, in the operating system's own terms. */
export const ownProcessStart = linuxProcessStart(process.pid) ?? new Date(Date.now() - process.uptime() * 1000).toISOString()
