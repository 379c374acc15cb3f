// metrics.ndjson as a whole: which complete lines it holds, where they end, what the run list shows of them.
import { emptyFigures, withLine } from '../../shared/run/figures'
import type { MetricsLine, RunFigures } from '../../shared/run/schema'
import { translating, type FileSystem } from '../files'

export interface MetricsSummary {
  /** Steps 1 … steps have exactly one line each, in order. */
  readonly steps: number
  /** Bytes of those lines. */
  readonly bytes: number
  readonly figures: RunFigures
}

function parseLine(text: string): MetricsLine | null {
  try {
    const value: unknown = JSON.parse(text)
    // The writer's own lines are trusted in their fields: a wrong type shows up as "not a number" where it is used.
    return typeof value === 'object' && value !== null && 'step' in value ? (value as MetricsLine) : null
  } catch {
    return null
  }
}

/** Reads the lines in order until the first that is not the next step's, at most `limit`. Streams: the file may be of any length. */
export async function scanMetrics(fileSystem: FileSystem, path: string, limit = Infinity): Promise<MetricsSummary> {
  if (!(await translating(`read ${path}`, () => fileSystem.info(path)))) return { steps: 0, bytes: 0, figures: emptyFigures }
  const file = await translating(`read ${path}`, () => fileSystem.open(path, 'read'))
  const decoder = new TextDecoder()
  let figures = emptyFigures
  let steps = 0
  let bytes = 0
  let carried = new Uint8Array(0)
  try {
    const buffer = new Uint8Array(1024 * 1024)
    for (let position = 0; ;) {
      const count = await translating(`read ${path}`, () => file.read(buffer, position))
      if (count === 0) break
      position += count
      const text = new Uint8Array(carried.length + count)
      text.set(carried)
      text.set(buffer.subarray(0, count), carried.length)
      let start = 0
      for (let end = text.indexOf(10); end !== -1; end = text.indexOf(10, start)) {
        const line = parseLine(decoder.decode(text.subarray(start, end)))
        if (steps >= limit || line === null || line.step !== steps + 1) return { steps, bytes, figures }
        figures = withLine(figures, line)
        steps++
        bytes += end + 1 - start
        start = end + 1
      }
      carried = text.slice(start)
      // A line of 16 MiB is none of ours; the rest is not read.
      if (carried.length > 16 * 1024 * 1024) break
    }
  } finally {
    await file.close()
  }
  return { steps, bytes, figures }
}
