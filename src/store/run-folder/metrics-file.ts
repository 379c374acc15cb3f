// metrics.ndjson as a whole: which steps it has lines for, where it is cut when a run goes on, what the run list shows of it.
import { emptyFigures, withLine } from '../../shared/run/figures'
import type { Divisor } from '../../shared/run/per-sample'
import type { RunFigures } from '../../shared/run/schema'
import { translating, type FileSystem } from '../files'
import { lineReader, type StepRange } from './metrics-lines'

export interface MetricsSummary {
  /** The newest step that has a line; with a limit: of those up to it. */
  readonly steps: number
  /** The newest step of all that has a line, limit or not. */
  readonly newest: number
  /** Steps before it (with a limit: up to that) that have none, ascending. */
  readonly missing: readonly StepRange[]
  /** Lines that are none of this run's, in those bytes. */
  readonly damaged: number
  /** Bytes to keep: all finished lines; with a limit: all before the first later step's, damaged ones included where the limit's own is missing. */
  readonly bytes: number
  /** Of that newest step. */
  readonly seconds: number
  /** Of that newest step; null where its line has none. */
  readonly wallSeconds: number | null
  readonly figures: RunFigures
}

interface Sum {
  readonly figures: RunFigures
  readonly steps: number
  readonly seconds: number
  readonly wallSeconds: number | null
  /** Where the file is cut for the limit, and the damaged lines before that; null while no line says so. */
  readonly cut: Pick<MetricsSummary, 'bytes' | 'damaged'> | null
}

const nothing: MetricsSummary = {
  steps: 0,
  newest: 0,
  missing: [],
  damaged: 0,
  bytes: 0,
  seconds: 0,
  wallSeconds: null,
  figures: emptyFigures
}

/** The ranges up to `limit`, with what is missing between the newest line and it. */
function missingUpTo(limit: number, steps: number, missing: readonly StepRange[]): readonly StepRange[] {
  if (limit === Infinity) return missing
  const before = missing.filter(([first]) => first <= steps)
  return steps < limit ? [...before, [steps + 1, limit]] : before
}

/**
 * Reads the file from its start to its end, in pieces: it may be of any length. Figures are those of the steps up to `limit`; those per sample take
 * a `divisor`.
 */
export async function scanMetrics(
  fileSystem: FileSystem,
  path: string,
  { limit = Infinity, divisor = null }: { readonly limit?: number; readonly divisor?: Divisor | null } = {}
): Promise<MetricsSummary> {
  const info = await translating(`read ${path}`, () => fileSystem.info(path))
  if (!info) return { ...nothing, missing: missingUpTo(limit, 0, []) }
  // What the lines up to the limit add up to, and the same before the newest line, which may be taken back.
  let now: Sum = { figures: emptyFigures, steps: 0, seconds: 0, wallSeconds: null, cut: limit === 0 ? { bytes: 0, damaged: 0 } : null }
  let before = now
  const reader = lineReader({
    add(line, _skipped, start, end) {
      before = now
      const { damaged } = reader.count()
      if (line.step <= limit) {
        const cut = line.step === limit ? { bytes: end, damaged } : null
        const { step: steps, seconds, wallSeconds = null } = line
        now = { figures: withLine(now.figures, line, divisor), steps, seconds, wallSeconds, cut }
      } else if (now.cut === null) now = { ...now, cut: { bytes: start, damaged } }
    },
    takeBack() {
      now = before
    }
  })
  const file = await translating(`read ${path}`, () => fileSystem.open(path, 'read'))
  try {
    const buffer = new Uint8Array(1024 * 1024)
    for (let position = 0; ;) {
      const count = await translating(`read ${path}`, () => file.read(buffer, position))
      if (count === 0) break
      position += count
      reader.feed(buffer.subarray(0, count))
    }
  } finally {
    await file.close()
  }
  const { step: newest, missing, damaged } = reader.count()
  const { cut, ...sum } = now
  const kept = cut ?? { bytes: reader.finishedBytes(), damaged }
  return { ...sum, newest, missing: missingUpTo(limit, sum.steps, missing), ...kept }
}
