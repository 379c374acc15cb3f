// The metrics service: any metric of any run over any range, kept as columns, read once and then only what was appended.
import { openSync, readSync, closeSync, fstatSync } from 'node:fs'
import type { MetricsTable } from '../../shared/api/contract'
import { metricsPath, runFolder } from '../run-folder'
import { systemCodeOf, toStorageError } from '../files'
import type { Workspace } from '../workspace'
import { growingColumns, type Columns } from './columns'
import { decimatedRows, rowRange } from './decimate'

export { decimatedRows, rowRange } from './decimate'

export interface MetricsRequest {
  /** Names such as `loss`, `lambdaMin.W1`; those a run does not have are left out of the answer. */
  readonly columns: readonly string[]
  /** Steps, both included. */
  readonly from?: number
  readonly to?: number
  /** Decimates to this many pixel columns by minimum and maximum. */
  readonly pixels?: number
}

export interface MetricsService {
  /** Reads what was appended since the last call, then answers. Throws StorageError. */
  read(id: string, request: MetricsRequest): Promise<MetricsTable>
  /** Drops what is held of a run that is gone. */
  forget(id: string): void
}

interface Held {
  readonly columns: Columns
  /** Bytes of whole lines read so far, and the last of them: a file that was cut and written anew is noticed by it. */
  read: number
  lastLine: Uint8Array
  inode: number
  turn: Promise<void>
}

const chunkBytes = 1024 * 1024
/** A longer line is none of ours. */
const maximumLine = 16 * 1024 * 1024
/** The event loop is given back after so many milliseconds of parsing. */
const breath = 20

const fresh = (): Held => ({ columns: growingColumns(), read: 0, lastLine: new Uint8Array(0), inode: 0, turn: Promise.resolve() })

function addLine(columns: Columns, bytes: Uint8Array): void {
  try {
    const line: unknown = JSON.parse(new TextDecoder().decode(bytes))
    // One line a step, in order: anything else is no line of this run.
    if (typeof line === 'object' && line !== null && 'step' in line && line.step === columns.length + 1) columns.add({ ...line })
  } catch {
    // Not JSON: skipped, as a torn line is.
  }
}

/** True when the file still begins with what was read of it. */
function stillSame(held: Held, descriptor: number, size: number, inode: number): boolean {
  if (held.read === 0) return true
  if (size < held.read || held.inode !== inode) return false
  const tail = new Uint8Array(held.lastLine.length)
  readSync(descriptor, tail, 0, tail.length, held.read - tail.length)
  return tail.every((byte, k) => byte === held.lastLine[k])
}

/** Parses whatever was appended; returns the state to keep (a new one when the file was cut, as on resume). */
async function catchUp(before: Held, path: string): Promise<Held> {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return fresh()
    throw toStorageError(error, `read ${path}`)
  }
  try {
    const { size, ino } = fstatSync(descriptor)
    const held = stillSame(before, descriptor, size, ino) ? before : fresh()
    held.inode = ino
    let since = Date.now()
    let buffer = new Uint8Array(chunkBytes)
    for (let filled = 0, position = held.read; position + filled < size;) {
      const count = readSync(descriptor, buffer, filled, Math.min(buffer.length - filled, size - position - filled), position + filled)
      if (count === 0) break
      filled += count
      let start = 0
      for (let end = buffer.indexOf(10, start); end !== -1 && end < filled; end = buffer.indexOf(10, start)) {
        addLine(held.columns, buffer.subarray(start, end))
        held.lastLine = buffer.slice(start, end + 1)
        start = end + 1
      }
      position += start
      held.read = position
      buffer.copyWithin(0, start, filled)
      filled -= start
      buffer.fill(0, filled)
      if (filled === buffer.length) {
        if (filled >= maximumLine) break
        const wider = new Uint8Array(buffer.length * 2)
        wider.set(buffer)
        buffer = wider
      }
      if (Date.now() - since > breath) {
        await new Promise<void>((resolve) => setImmediate(resolve))
        since = Date.now()
      }
    }
    return held
  } finally {
    closeSync(descriptor)
  }
}

function answer(columns: Columns, { columns: names, from = 0, to = Infinity, pixels }: MetricsRequest): MetricsTable {
  const steps = columns.column('step') ?? new Float64Array(0)
  const wanted = names
    .map((name) => [name, columns.column(name)] as const)
    .filter((pair): pair is readonly [string, Float64Array] => pair[1] !== null)
  const [start, end] = rowRange(steps, from, to)
  const available = columns.names.filter((name) => name !== 'step')
  if (pixels === undefined || end - start <= pixels)
    return {
      steps: steps.slice(start, end),
      columns: Object.fromEntries(wanted.map(([name, column]) => [name, column.slice(start, end)])),
      available,
      total: end - start
    }
  const rows = decimatedRows(
    wanted.map(([, column]) => column),
    start,
    end,
    pixels
  )
  const take = (column: Float64Array) => {
    const taken = new Float64Array(rows.length)
    for (let k = 0; k < rows.length; k++) taken[k] = column[rows[k]]
    return taken
  }
  return {
    steps: take(steps),
    columns: Object.fromEntries(wanted.map(([name, column]) => [name, take(column)])),
    available,
    total: end - start
  }
}

/** Holds the columns of the `runs` most recently asked-for runs. */
export function metricsService(workspace: Workspace, runs = 16): MetricsService {
  const held = new Map<string, Held>()
  return {
    async read(id, request) {
      const path = metricsPath(runFolder(workspace, id))
      let mine = held.get(id) ?? fresh()
      held.delete(id)
      held.set(id, mine)
      for (const old of held.keys()) if (held.size > runs) held.delete(old)
      // Two requests for one run read one after the other, so that no line is added twice.
      const turn = mine.turn.then(async () => {
        const next = await catchUp(mine, path)
        if (next !== mine && held.get(id) === mine) held.set(id, next)
        mine = next
      })
      mine.turn = turn.catch(() => undefined)
      await turn
      return answer(mine.columns, request)
    },
    forget: (id) => void held.delete(id)
  }
}
