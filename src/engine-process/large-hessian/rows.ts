// The rows of a large Hessian: assembled panel by panel in the backend's memory, completed from those above, looked over, written to the file and copied to native memory.
import { panelsOf } from '../../engine/curvature/rows'
import { LinalgError, type LargeSymmetric, type Linalg } from '../../engine/linalg'
import type { Objective, RowsOptions } from '../../engine/objective'
import type { MatrixFile } from './files'
import type { Progress } from './progress'

/** Rows of a panel, about; those of one input of a layer at least. */
const rowsAtOnce = 512
/** Rows above a panel whose entries are copied and turned together. */
const turnedAtOnce = 64

export type RowsObjective = Objective & Required<Pick<Objective, 'curvatureRows'>>

/** The largest panel, in bytes. */
export const panelBytes = (blocks: Objective['blocks'], size: number) =>
  8 * size * Math.max(...panelsOf(blocks, rowsAtOnce).map(({ rows }) => rows))

/** Entries left of the panel's square are those of the rows above it. */
function completeFromAbove(large: LargeSymmetric, first: number, rows: number, data: Float64Array): void {
  const size = large.order
  const above = new Float64Array(turnedAtOnce * rows)
  for (let from = 0; from < first; from += turnedAtOnce) {
    const count = Math.min(turnedAtOnce, first - from)
    for (let k = 0; k < count; k++) large.read(from + k, first, above.subarray(k * rows, (k + 1) * rows))
    for (let r = 0; r < rows; r++) for (let k = 0; k < count; k++) data[r * size + from + k] = above[k * rows + r]
  }
}

/** Adds the panel's share to the figures of all rows. Throws LinalgError naming an entry that is not finite. */
function lookOver(
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

/** All rows that are not there yet; `keep` is called when a panel is on the disk. */
export async function makeRows(
  linalg: Linalg,
  objective: RowsObjective,
  parameters: Float64Array,
  large: LargeSymmetric,
  file: MatrixFile,
  progress: Progress,
  keep: (progress: Progress) => Promise<void>,
  { signal, onProgress }: Pick<RowsOptions, 'signal' | 'onProgress'>
): Promise<Progress> {
  const size = large.order
  const panels = panelsOf(objective.blocks, rowsAtOnce).filter(({ first }) => first >= progress.rows)
  let now = progress
  const memory = linalg.allocate(panels.reduce((most, { rows }) => Math.max(most, rows), 0) * size)
  try {
    for (const { first, rows, place, from, count } of panels) {
      const data = memory.subarray(0, rows * size)
      const share = await objective.curvatureRows(parameters, { place, from, count, data, signal })
      completeFromAbove(large, first, rows, data)
      const figures = lookOver(now.figures, first, rows, size, data, share)
      large.write(first, 0, data)
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
