// The metrics service: any metric of any run over any range, kept as columns, read once and then only what was appended.
import type { MetricsTable } from '../../shared/api/contract'
import { batchLossOf, lossDivisor, type Divisor } from '../../shared/run/per-sample'
import { lineReader, metricsPath, readMeta, readSpec, readStatus, runFolder, type LineReader } from '../run-folder'
import type { Workspace } from '../workspace'
import { withNamedBlocks } from './blocks'
import { growingColumns, type Columns } from './columns'
import { decimatedRows, rowRange, thinnedRows } from './decimate'
import { columnNames, columnOf, sourceOf } from './derived'
import { trainingSamples } from './samples'
import { smooth } from './smooth'
import { fileTail, type Tail } from './tail'

export { aggregate, thinned, type Aggregate, type Curve } from './aggregate'
export { decimatedRows, rowRange } from './decimate'
export { histogramTable } from './histograms'
export { isDerived } from './derived'
export { trainingSamples } from './samples'
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
      columns.add({ ...withNamedBlocks(line) })
    },
    takeBack: () => columns.truncate(before)
  })
  return { columns, lines }
}

interface Followed {
  held: Held
  readonly tail: Tail
  /** Null until it is known: a run that has only just begun does not say yet. */
  divisor: Divisor | null
}

/** By what the run's losses are divided; null where nothing says it. */
async function divisorOf(workspace: Workspace, id: string): Promise<Divisor | null> {
  try {
    const spec = await readSpec(workspace, id)
    const status = await readStatus(workspace, id).catch(() => null)
    const meta = await readMeta(workspace, id).catch(() => null)
    return lossDivisor(batchLossOf(spec, await trainingSamples(workspace, id, { spec, status, meta })))
  } catch {
    // A spec of a newer version or a damaged one: its metrics can be looked at as they are.
    return null
  }
}

function follow(workspace: Workspace, id: string): Followed {
  const followed: Followed = {
    held: fresh(),
    divisor: null,
    tail: fileTail(workspace.fileSystem, metricsPath(runFolder(workspace, id)), {
      restart: () => void Object.assign(followed, { held: fresh(), divisor: null }),
      feed: (bytes) => followed.held.lines.feed(bytes)
    })
  }
  return followed
}

function answer(
  { held: { columns, lines }, divisor }: Followed,
  { columns: names, from = 0, to = Infinity, pixels, smooth: weight = 0 }: MetricsRequest
): MetricsTable {
  const steps = columns.column('step') ?? new Float64Array(0)
  const wanted = names
    .map((name) => [name, columnOf(columns, name, divisor)] as const)
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
        const bad = thinnedRows(columns.notFinite(sourceOf(name)), start, end, pixels)
        return bad.length === 0 ? [] : [[name, Float64Array.from(bad, (row) => steps[row])]]
      })
    ),
    available: columnNames(columns, divisor),
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
      mine.divisor ??= await divisorOf(workspace, id)
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
      return answer(mine, request)
    },
    forget: (id) => void held.delete(id)
  }
}
