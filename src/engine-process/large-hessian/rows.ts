// The rows of a large Hessian, or of a layer's block of it: assembled panel by panel in the backend's memory, completed from those above, looked over and written to the file.
import { panelsOf } from '../../engine/curvature/rows'
import { LinalgError, type Linalg } from '../../engine/linalg'
import type { Objective, RowsOptions } from '../../engine/objective'
import type { MatrixFile } from './files'
import type { Progress } from './progress'

/** Rows of a panel, about; those of one input of a layer at least. */
const rowsAtOnce = 512
/** Rows above a panel whose entries are copied and turned together. */
const turnedAtOnce = 64

export type RowsObjective = Objective & Required<Pick<Objective, 'curvatureRows'>>

/** Where rows are kept for those below them: native memory, or their file. */
export interface KeptRows {
  readonly order: number
  write?(row: number, column: number, entries: Float64Array): void
  read(row: number, column: number, target: Float64Array): void | Promise<void>
}

/** What is known of the rows that are whole. */
export type MadeRows = Pick<Progress, 'rows' | 'figures'>

/** The largest panel, in bytes. */
export const panelBytes = (blocks: Objective['blocks'], size: number) =>
  8 * size * Math.max(...panelsOf(blocks, rowsAtOnce).map(({ rows }) => rows))

/** Entries left of the panel's square are those of the rows above it. */
async function completeFromAbove(kept: KeptRows, first: number, rows: number, data: Float64Array): Promise<void> {
  const size = kept.order
  const above = new Float64Array(turnedAtOnce * rows)
  for (let from = 0; from < first; from += turnedAtOnce) {
    const count = Math.min(turnedAtOnce, first - from)
    const reads = Array.from({ length: count }, (_, k) => kept.read(from + k, first, above.subarray(k * rows, (k + 1) * rows)))
    if (reads.some((read) => read)) await Promise.all(reads)
    for (let r = 0; r < rows; r++) for (let k = 0; k < count; k++) data[r * size + from + k] = above[k * rows + r]
  }
}

/** Adds the share of rows to the figures of all. Throws LinalgError naming an entry that is not finite. */
export function lookOver(
  { trace, squares, largest, asymmetry }: Progress['figures'],
  first: number,
  rows: number,
  size: number,
  data: Float64Array,
  share: number
) {
  for (let r = 0; r < rows; r++) {
    let sum = 0
    for (let at = r * size; at < (r + 1) * size; at++) {
      const magnitude = Math.abs(data[at])
      if (!(magnitude <= Number.MAX_VALUE))
        throw new LinalgError(
          'not-finite',
          `the Hessian: entry (${first + r}, ${at - r * size}) is ${data[at]}; every entry must be a finite number`
        )
      sum += magnitude * magnitude
      if (magnitude > largest) largest = magnitude
    }
    squares += sum
    trace += data[r * size + first + r]
  }
  return { trace, squares, largest, asymmetry: Math.max(asymmetry, share) }
}

/**
 * All rows of a block (its first parameter, and as many rows as `kept` has) that are not there yet; `keep` is called when a panel is on the disk. A layer's
 * rows are assembled to the end of the whole matrix, and cut.
 */
export async function makeRows<Made extends MadeRows>(
  linalg: Linalg,
  objective: RowsObjective,
  parameters: Float64Array,
  kept: KeptRows,
  file: Pick<MatrixFile, 'writeRows'>,
  progress: Made,
  keep: (progress: Made) => Promise<void>,
  { offset = 0, signal, onProgress }: Pick<RowsOptions, 'signal' | 'onProgress'> & { readonly offset?: number }
): Promise<Made> {
  const size = kept.order
  const width = objective.parameterCount
  const panels = panelsOf(objective.blocks, rowsAtOnce).filter(({ first }) => first >= offset + progress.rows && first < offset + size)
  let now = progress
  const memory = linalg.allocate(panels.reduce((most, { rows }) => Math.max(most, rows), 0) * width)
  try {
    for (const { first: row, rows, place, from, count } of panels) {
      const first = row - offset
      const share = await objective.curvatureRows(parameters, { place, from, count, data: memory.subarray(0, rows * width), signal })
      if (size < width) for (let r = 0; r < rows; r++) memory.copyWithin(r * size, r * width + offset, r * width + offset + size)
      const data = memory.subarray(0, rows * size)
      await completeFromAbove(kept, first, rows, data)
      const figures = lookOver(now.figures, first, rows, size, data, share)
      kept.write?.(first, 0, data)
      await file.writeRows(first, data)
      now = { ...now, rows: first + rows, figures }
      await keep(now)
      onProgress?.(now.rows / size)
    }
    return now
  } finally {
    linalg.release(memory)
  }
}
