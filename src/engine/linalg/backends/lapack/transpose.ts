// Transposition and mirroring: by the library where it can, else in tiles on this thread with breaths in between.
import { block, type Matrix } from '../../matrix'
import { breathe } from '../../passes'
import type { Job, Target } from './job'
import type { Library } from './library'

const tile = 32
const entriesBetweenBreaths = 1_000_000

/** target = sourceᵀ; the two must not overlap. */
export async function transposeInto(library: Library, job: Job, source: Matrix, target: Matrix, kind: Target): Promise<void> {
  const native = library.transpose
  if (native && source.rows > 0 && source.columns > 0) {
    const from = source.data.subarray(source.offset)
    const to = target.data.subarray(target.offset)
    await job.run(0, kind, () => native(source.rows, source.columns, from, source.stride, to, target.stride))
    return
  }
  let since = 0
  for (let row = 0; row < source.rows; row += tile) {
    const rows = Math.min(tile, source.rows - row)
    for (let col = 0; col < source.columns; col += tile) transposeTile(source, target, row, col, rows, Math.min(tile, source.columns - col))
    since += rows * source.columns
    if (since > entriesBetweenBreaths) {
      since = 0
      await breathe()
    }
  }
}

function transposeTile(source: Matrix, target: Matrix, row: number, col: number, rows: number, columns: number): void {
  for (let j = col; j < col + columns; j++) {
    const into = target.offset + j * target.stride
    for (let i = row; i < row + rows; i++) target.data[into + i] = source.data[source.offset + i * source.stride + j]
  }
}

/** Copies the upper triangle onto the lower one, block by block. */
export async function mirrorUpper(library: Library, job: Job, m: Matrix): Promise<void> {
  const size = 512
  for (let from = 0; from < m.rows; from += size) {
    const count = Math.min(size, m.rows - from)
    mirrorDiagonalBlock(block(m, from, from, count, count))
    const rest = m.rows - from - count
    if (rest > 0)
      await transposeInto(library, job, block(m, from, from + count, count, rest), block(m, from + count, from, rest, count), 'in-place')
    else await breathe()
  }
}

function mirrorDiagonalBlock({ data, rows, offset, stride }: Matrix): void {
  for (let row = 0; row < rows; row += tile)
    for (let col = row; col < rows; col += tile)
      for (let j = col; j < Math.min(rows, col + tile); j++)
        for (let i = row; i < Math.min(j, row + tile); i++) data[offset + j * stride + i] = data[offset + i * stride + j]
}
