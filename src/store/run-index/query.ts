// Filtering, sorting and paging of run summaries: pure, and fast enough for ten thousand of them at every keystroke.
import { compileFilter } from '../../shared/filter'
import type { RunSummary } from '../../shared/run/summary'
import { StorageError } from '../files'

export interface RunQuery {
  readonly filter?: string
  /** A field of RunSummary. */
  readonly sort?: string
  readonly descending?: boolean
  readonly offset?: number
  readonly limit?: number
}

export interface RunPage {
  readonly rows: RunSummary[]
  /** Runs the filter lets through. */
  readonly matched: number
  readonly total: number
}

const sortable = [
  'id',
  'name',
  'state',
  'group',
  'pinned',
  'optimizer',
  'dataset',
  'parameterCount',
  'step',
  'budgetSteps',
  'lastLoss',
  'minLoss',
  'minLossStep',
  'lastLossPerSample',
  'minLossPerSample',
  'lastTestLoss',
  'lastAccuracy',
  'bestAccuracy',
  'bestAccuracyStep',
  'lastValLoss',
  'lastValAccuracy',
  'bestValAccuracy',
  'bestValAccuracyStep',
  'lambdaMin',
  'lambdaMax',
  'index',
  'seconds',
  'wallSeconds',
  'bytes',
  'snapshots',
  'createdAt',
  'tags'
] as const
type SortField = (typeof sortable)[number]

function keyOf(run: RunSummary, field: SortField): string | number | null {
  if (field === 'tags') return run.tags.join(' ').toLowerCase() || null
  const value = run[field]
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'string' ? value.toLowerCase() : value
}

/** Runs without the figure come last in either direction; ties are broken by id, so that the order never jumps. Throws FilterError, StorageError `bad-input`. */
export function queryRuns(runs: readonly RunSummary[], query: RunQuery = {}): RunPage {
  const field = sortable.find((name) => name === (query.sort ?? 'createdAt'))
  if (!field) throw new StorageError('bad-input', `sort "${query.sort}": must be one of ${sortable.join(', ')}`)
  const matches = query.filter?.trim() ? compileFilter(query.filter) : null
  const sign = (query.descending ?? true) ? -1 : 1
  const rows = (matches ? runs.filter(matches) : runs).map((run) => ({ run, key: keyOf(run, field) }))
  rows.sort((a, b) => {
    if (a.key !== b.key) {
      if (a.key === null) return 1
      if (b.key === null) return -1
      return a.key < b.key ? -sign : sign
    }
    return a.run.id < b.run.id ? -1 : 1
  })
  const offset = query.offset ?? 0
  return {
    rows: rows.slice(offset, offset + (query.limit ?? rows.length)).map(({ run }) => run),
    matched: rows.length,
    total: runs.length
  }
}
