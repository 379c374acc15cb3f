// histograms.ndjson: a line an evaluation. What is no line of this run is passed over and counted; where the file is cut when a run goes on.
import { histogramLineSchema, type HistogramLine } from '../../shared/run/schema'
import { fileChunks, translating, type FileSystem } from '../files'

export interface HistogramLines {
  /** By ascending step. */
  readonly lines: readonly HistogramLine[]
  /** Lines that are not JSON of that form, or of a step that was there already. */
  readonly damaged: number
}

/** A longer line is none of ours (a network of a hundred layers has lines of 100 kB): its text is not kept. */
const longestLine = 16 * 1024 * 1024

interface Piece {
  readonly text: string
  /** Bytes of the file up to and with this line's newline. */
  readonly end: number
}

/** The complete lines of the file, a torn last one left out; none where there is no file. */
async function* completePieces(fileSystem: FileSystem, path: string): AsyncGenerator<Piece, void> {
  if (!(await translating(`read ${path}`, () => fileSystem.info(path)))) return
  let parts: Uint8Array[] = []
  let length = 0
  let end = 0
  const keep = (bytes: Uint8Array) => {
    length += bytes.length
    if (length > longestLine) parts = []
    else parts.push(bytes)
  }
  for await (const chunk of fileChunks(fileSystem, path)) {
    let start = 0
    for (let newline = chunk.indexOf(10); newline !== -1; newline = chunk.indexOf(10, start)) {
      keep(chunk.subarray(start, newline))
      start = newline + 1
      end += length + 1
      yield { text: length > longestLine ? '' : Buffer.concat(parts).toString('utf8'), end }
      parts = []
      length = 0
    }
    keep(chunk.subarray(start))
  }
}

function parsed(text: string): HistogramLine | null {
  try {
    return histogramLineSchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

export async function readHistograms(fileSystem: FileSystem, path: string): Promise<HistogramLines> {
  const lines: HistogramLine[] = []
  let damaged = 0
  for await (const { text } of completePieces(fileSystem, path)) {
    const line = parsed(text)
    if (line && line.step > (lines.at(-1)?.step ?? -1)) lines.push(line)
    else damaged++
  }
  return { lines, damaged }
}

/** Bytes to keep when a run goes on from `step`: all before the lines of later steps; none at step 0, whose evaluation is then made again. */
export async function histogramBytes(fileSystem: FileSystem, path: string, step: number): Promise<number> {
  if (step === 0) return 0
  let kept = 0
  for await (const { text, end } of completePieces(fileSystem, path)) if ((parsed(text)?.step ?? Infinity) <= step) kept = end
  return kept
}
