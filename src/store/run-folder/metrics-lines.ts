// metrics.ndjson piece by piece: which steps have a line, which have none. A damaged line costs the figures of its own step, nothing else.
import type { MetricsLine } from '../../shared/run/schema'

/** First and last of some steps that have no line, both included. */
export type StepRange = readonly [first: number, last: number]

/** What became of the lines read so far. */
export interface LineCount {
  /** Step of the newest line; 0 before the first. */
  readonly step: number
  /** Steps below it that have no line, ascending. */
  readonly missing: readonly StepRange[]
  /** Lines that are no line of this run: not JSON, a step that was there already, a step out of its turn. */
  readonly damaged: number
}

export interface LineTaker {
  /** The next step's line, or that of a later one when lines are missing. `start` and `end`: its bytes in what was fed, newline included. */
  add(line: MetricsLine, skipped: number, start: number, end: number): void
  /** The line added last had a wrong step, as the one after it shows: it is taken back. */
  takeBack(): void
}

export interface LineReader {
  /** The bytes that follow; an unfinished last line waits for the rest of it. */
  feed(bytes: Uint8Array): void
  count(): LineCount
  /** Bytes of the finished lines. */
  finishedBytes(): number
}

/** A longer line is none of ours: only its end is kept, where a whole one may follow on damage. */
const longestLine = 16 * 1024 * 1024
const keptOfLong = 1024 * 1024
const lineStart = '{"step":'
const decoder = new TextDecoder()

function parsed(bytes: Uint8Array): MetricsLine | null {
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes))
    // The writer's own lines are trusted in their fields: a wrong type shows up as "not a number" where it is used.
    const whole =
      typeof value === 'object' && value !== null && 'step' in value && Number.isSafeInteger(value.step) && Number(value.step) > 0
    return whole ? (value as MetricsLine) : null
  } catch {
    return null
  }
}

interface Piece {
  readonly line: MetricsLine
  readonly start: number
  readonly end: number
}

/** The whole lines within one that is none as it stands: half a line, or zeros where a newline was, may have a whole one behind or before them. */
function piecesOf(bytes: Uint8Array): Piece[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const pieces: Piece[] = []
  for (let start = text.indexOf(lineStart); start !== -1;) {
    const next = text.indexOf(lineStart, start + 1)
    const end = text.lastIndexOf('}', next === -1 ? text.length : next - 1) + 1
    const line = end > start ? parsed(bytes.subarray(start, end)) : null
    if (line) pieces.push({ line, start, end })
    start = next
  }
  return pieces
}

/**
 * Reads lines as they come. Steps ascend; a step that was there already is passed over. A line that leaves out steps is believed until the one
 * after it says otherwise, so that one wrong number does not hide the lines behind it.
 */
export function lineReader(taker: LineTaker): LineReader {
  let rest = new Uint8Array(0)
  /** Where in all that was fed `rest` begins, and where the line does that it is the end of. */
  let restAt = 0
  let finished = 0
  let step = 0
  let damaged = 0
  const missing: StepRange[] = []
  /** The step before the newest line, while that left some out. */
  let leaptFrom: number | null = null

  function take(line: MetricsLine, start: number, end: number) {
    if (leaptFrom !== null && line.step > leaptFrom && line.step <= step) {
      taker.takeBack()
      missing.pop()
      step = leaptFrom
      damaged++
    }
    if (line.step <= step) return void damaged++
    const skipped = line.step - step - 1
    leaptFrom = skipped > 0 ? step : null
    if (skipped > 0) missing.push([step + 1, line.step - 1])
    step = line.step
    return taker.add(line, skipped, start, end)
  }

  function takeLine(bytes: Uint8Array, at: number) {
    const line = parsed(bytes)
    if (line) return take(line, at, at + bytes.length + 1)
    damaged++
    for (const piece of piecesOf(bytes)) take(piece.line, at + piece.start, at + (piece.end === bytes.length ? piece.end + 1 : piece.end))
    return undefined
  }

  return {
    feed(bytes) {
      let text = bytes
      if (rest.length > 0) {
        text = new Uint8Array(rest.length + bytes.length)
        text.set(rest)
        text.set(bytes, rest.length)
      }
      let start = 0
      for (let end = text.indexOf(10); end !== -1; end = text.indexOf(10, start)) {
        takeLine(text.subarray(start, end), restAt + start)
        start = end + 1
        finished = restAt + start
      }
      restAt += start
      rest = text.slice(start)
      if (rest.length > longestLine) {
        restAt += rest.length - keptOfLong
        rest = rest.slice(-keptOfLong)
      }
    },
    count: () => ({ step, missing, damaged }),
    finishedBytes: () => finished
  }
}

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`

/** "12", "12–20, 31 and 40 more". */
function stepsText(ranges: readonly StepRange[]): string {
  const shown = ranges.slice(0, 5).map(([first, last]) => (first === last ? String(first) : `${first}–${last}`))
  const others = stepCount(ranges.slice(5))
  return others === 0 ? shown.join(', ') : `${shown.join(', ')} and ${others} more`
}

/** Number of steps in some ranges. */
const stepCount = (ranges: readonly StepRange[]) => ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0)

/** One sentence for people; null when every step has its line and there is nothing else. */
export function lossText({ missing, damaged }: Pick<LineCount, 'missing' | 'damaged'>): string | null {
  const steps = stepCount(missing)
  const left =
    damaged === 0
      ? ''
      : `; ${plural(damaged, 'damaged line')} in it ${damaged === 1 ? 'is' : 'are'} left as ${damaged === 1 ? 'it is' : 'they are'}`
  if (steps === 0) return damaged === 0 ? null : `metrics.ndjson has a line for every step${left}`
  return steps === 1
    ? `metrics.ndjson has no whole line for step ${stepsText(missing)}, whose figures are missing${left}`
    : `metrics.ndjson has no whole lines for ${steps} steps (${stepsText(missing)}), whose figures are missing${left}`
}
