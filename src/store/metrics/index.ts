// The metrics service: any metric of any run over any range, kept as columns, read once and then only what was appended.
import type { MetricsTable } from '../../shared/api/contract'
import { lineReader, metricsPath, runFolder, type LineReader } from '../run-folder'
import type { Workspace } from '../workspace'
import { growingColumns, type Columns } from './columns'
import { decimatedRows, rowRange, thinnedRows } from './decimate'
import { smooth } from './smooth'
import { fileTail, type Tail } from './tail'

export { aggregate, thinned, type Aggregate, type Curve } from './aggregate'
export { decimatedRows, rowRange } from './decimate'
export { histogramTable } from './histograms'
export { fileTail, type Tail, type TailReader } from './tail'

export interface MetricsRequest {
  /** Names such as `loss`, `lambdaMin.W1`; those a run does not have are left out of the answer. */
  readonly columns: readonly string[]
  /** Steps, both included. */
  readonly from?: number
  readonly to?: number
  /** Decimates to this many pixel columns by minimum and maximum. */
  readonly pixels?: number
  /** Weight of the moving average that comes beside the columns, from 0 (none) to below 1. */
  readonly smooth?: number
}

export interface MetricsService {
  /** Reads what was appended since the last call, then answers. Throws StorageError. */
  read(id: string, request: MetricsRequest): Promise<MetricsTable>
  /** Drops what is held of a run that is gone. */
  forget(id: string): void
}

interface Held {
  readonly columns: Columns
  readonly lines: LineReader
}

/** A gap of more steps than this is left out of the rows: no run loses so many, and memory must not follow a wrong number. */
const longestGap = 100_000

/** Rows are steps: those that have no line are rows of NaN. */
function fresh(): Held {
  const columns = growingColumns()
  let before = 0
  const lines = lineReader({
    add(line, skipped) {
      before = columns.length
      if (skipped <= longestGap) for (let step = line.step - skipped; step < line.step; step++) columns.add({ step })
      columns.add({ ...line })
    },
    takeBack: () => columns.truncate(before)
  })
  return { columns, lines }
}

interface Followed {
  held: Held
  readonly tail: Tail
}

function follow(workspace: Workspace, id: string): Followed {
  const followed: Followed = {
    held: fresh(),
    tail: fileTail(workspace.fileSystem, metricsPath(runFolder(workspace, id)), {
      restart: () => void (followed.held = fresh()),
      feed: (bytes) => followed.held.lines.feed(bytes)
    })
  }
  return followed
}

function answer(
  { columns, lines }: Held,
  { columns: names, from = 0, to = Infinity, pixels, smooth: weight = 0 }: MetricsRequest
): MetricsTable {
  const steps = columns.column('step') ?? new Float64Array(0)
  const wanted = names
    .map((name) => [name, columns.column(name)] as const)
    .filter((pair): pair is readonly [string, Float64Array] => pair[1] !== null)
  const [start, end] = rowRange(steps, from, to)
  const { missing, damaged } = lines.count()
  const rows =
    pixels === undefined || end - start <= pixels
      ? null
      : decimatedRows(
          wanted.map(([, column]) => column),
          start,
          end,
          pixels
        )
  const take = (column: Float64Array) => (rows === null ? column.slice(start, end) : Float64Array.from(rows, (row) => column[row]))
  return {
    steps: take(steps),
    columns: Object.fromEntries(wanted.map(([name, column]) => [name, take(column)])),
    smoothed: weight > 0 ? Object.fromEntries(wanted.map(([name, column]) => [name, take(smooth(column, weight))])) : {},
    notFinite: Object.fromEntries(
      wanted.flatMap(([name]) => {
        const bad = thinnedRows(columns.notFinite(name), start, end, pixels)
        return bad.length === 0 ? [] : [[name, Float64Array.from(bad, (row) => steps[row])]]
      })
    ),
    available: columns.names.filter((name) => name !== 'step'),
    total: end - start,
    missing: [...missing],
    damaged
  }
}

/** Runs beyond the number that is kept in any case stay as long as all together have no more figures than this (8 bytes each). */
const mostFigures = 8e6

/** Holds the columns of the `runs` most recently asked-for runs, and of more while they are small: a comparison asks for hundreds, again and again. */
export function metricsService(workspace: Workspace, runs = 16): MetricsService {
  const held = new Map<string, Followed>()
  return {
    async read(id, request) {
      const mine = held.get(id) ?? follow(workspace, id)
      held.delete(id)
      held.set(id, mine)
      await mine.tail.catchUp()
      let figures = 0
      for (const {
        held: { columns }
      } of held.values())
        figures += columns.length * columns.names.length
      for (const [
        old,
        {
          held: { columns }
        }
      ] of held) {
        if (held.size <= runs || figures <= mostFigures) break
        figures -= columns.length * columns.names.length
        held.delete(old)
      }
      return answer(mine.held, request)
    },
    forget: (id) => void held.delete(id)
  }
}
