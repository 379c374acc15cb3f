// The index of all runs: in memory, refreshed by file times, restored from index.json, which may be lost at any time.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { colourMemory, colourOf, nextColour } from '../../shared/run/colour'
import type { RunSummary } from '../../shared/run/summary'
import { writeAtomically } from '../files'
import { liveLock, lockPath, metaPath, runsFolder, snapshotsFolder, specPath, statusPath } from '../run-folder'
import { isId, type Workspace } from '../workspace'
import { queryRuns, type RunPage, type RunQuery } from './query'
import { summarizeFolder } from './elsewhere'

export { queryRuns, type RunPage, type RunQuery } from './query'
export { summarize } from './summary'

const indexVersion = 4
/** Times of files may be as coarse as this: what changed so recently is read again. */
const timeGrain = 2000
/** The event loop is given back this often, in milliseconds. */
const breath = 15

interface Entry {
  /** Times of the folder, its snapshots, status.json and meta.json. */
  readonly stamp: string
  readonly readAt: number
  readonly summary: RunSummary
}

export interface IndexChanges {
  readonly changed: RunSummary[]
  readonly removed: string[]
}

export interface RunIndex {
  /** Looks at the runs folder again and reads what has changed. */
  refresh(): Promise<IndexChanges>
  /** Reads one run again, after an event of its own; null when it is gone. */
  touch(id: string): Promise<RunSummary | null>
  all(): readonly RunSummary[]
  get(id: string): RunSummary | null
  query(query?: RunQuery): RunPage
  /** The colour for the run that is made next: unlike those of the newest runs. */
  freeColour(): string
  /** Writes index.json. A failure is no loss and is not reported. */
  save(): Promise<void>
}

const indexPath = (workspace: Workspace) => join(workspace.folder, 'index.json')

function bytesOf(path: string): Uint8Array | null {
  try {
    return readFileSync(path)
  } catch {
    return null
  }
}

/** 0 for what is not there or cannot be looked at. */
function time(path: string): number {
  try {
    return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
  } catch {
    return 0
  }
}

function stampOf(folder: string): { stamp: string; newest: number } {
  const times = [time(folder), time(snapshotsFolder(folder)), time(statusPath(folder)), time(metaPath(folder))]
  return { stamp: times.join(' '), newest: Math.max(...times) }
}

/** Null when the folder is no run (yet). Reads small files only, except for a run that never recorded its figures. */
async function readEntry(workspace: Workspace, id: string, stamp: string): Promise<Entry | null> {
  const folder = join(runsFolder(workspace), id)
  const readAt = Date.now()
  const spec = bytesOf(specPath(folder))
  if (spec === null) return null
  const files = { spec, meta: bytesOf(metaPath(folder)), status: bytesOf(statusPath(folder)) }
  const found = await summarizeFolder(workspace, id, files)
  let { summary } = found
  if (!found.hasStatus) summary = { ...summary, createdAt: new Date(time(specPath(folder))).toISOString() }
  if (summary.state === 'running' || !found.hasStatus) {
    const owner = await liveLock(workspace.fileSystem, lockPath(folder)).catch(() => null)
    summary = { ...summary, state: owner ? 'running' : 'interrupted' }
  }
  return { stamp, readAt, summary }
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null || !('stamp' in value) || !('readAt' in value) || !('summary' in value)) return false
  const { summary } = value
  return (
    typeof summary === 'object' && summary !== null && 'id' in summary && 'tags' in summary && 'sparkline' in summary && 'state' in summary
  )
}

function restore(workspace: Workspace): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  try {
    const stored: unknown = JSON.parse(readFileSync(indexPath(workspace), 'utf8'))
    if (typeof stored !== 'object' || stored === null || !('version' in stored) || stored.version !== indexVersion) return entries
    if ('runs' in stored && Array.isArray(stored.runs))
      for (const entry of stored.runs) if (isEntry(entry)) entries.set(entry.summary.id, entry)
  } catch {
    // Missing or torn: it is rebuilt from the runs.
  }
  return entries
}

/** Opens the index and brings it up to date. */
export async function openRunIndex(workspace: Workspace): Promise<RunIndex> {
  let entries = restore(workspace)
  let list: RunSummary[] | null = null
  const forget = () => void (list = null)

  const refresh = async (): Promise<IndexChanges> => {
    let names: string[] = []
    try {
      names = readdirSync(runsFolder(workspace)).filter(isId)
    } catch {
      // No runs folder: no runs.
    }
    const changed: RunSummary[] = []
    const next = new Map<string, Entry>()
    let last = Date.now()
    for (const id of names) {
      if (Date.now() - last > breath) {
        await new Promise<void>((resolve) => setImmediate(resolve))
        last = Date.now()
      }
      const { stamp, newest } = stampOf(join(runsFolder(workspace), id))
      const before = entries.get(id)
      const settled = before && before.stamp === stamp && newest < before.readAt - timeGrain && before.summary.state !== 'running'
      const entry = settled ? before : await readEntry(workspace, id, stamp)
      if (!entry) continue
      next.set(id, entry)
      if (!settled && JSON.stringify(before?.summary) !== JSON.stringify(entry.summary)) changed.push(entry.summary)
    }
    const removed = [...entries.keys()].filter((id) => !next.has(id))
    entries = next
    forget()
    return { changed, removed }
  }
  await refresh()
  const all = () => (list ??= [...entries.values()].map((entry) => entry.summary))
  return {
    refresh,
    all,
    get: (id) => entries.get(id)?.summary ?? null,
    query: (query) => queryRuns(all(), query),
    freeColour: () => nextColour(queryRuns(all(), { limit: colourMemory }).rows.map(colourOf)),
    async touch(id) {
      const entry = isId(id) ? await readEntry(workspace, id, stampOf(join(runsFolder(workspace), id)).stamp) : null
      if (entry) entries.set(id, entry)
      else entries.delete(id)
      forget()
      return entry?.summary ?? null
    },
    async save() {
      const text = JSON.stringify({ version: indexVersion, runs: [...entries.values()] })
      await writeAtomically(workspace.fileSystem, indexPath(workspace), text).catch(() => undefined)
    }
  }
}
