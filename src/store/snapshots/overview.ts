// The overview pyramid of a matrix: each level halves the one before and keeps, of four entries, the one of largest magnitude, so that no entry disappears.
import type { Level } from '../../shared/run/overview'

/** A not-a-number counts as largest: it must be seen. */
const larger = (a: number, b: number) => (Math.abs(a) >= Math.abs(b) || a !== a ? a : b)

/** Row `a` and the row below it (null at a bottom edge), halved. */
function halveRows(a: ArrayLike<number>, b: ArrayLike<number> | null, columns: number): Float32Array {
  const half = new Float32Array(Math.ceil(columns / 2))
  for (let k = 0; k < half.length; k++) {
    const left = 2 * k
    const right = left + 1 < columns ? left + 1 : left
    let best = larger(a[left], a[right])
    if (b) best = larger(best, larger(b[left], b[right]))
    half[k] = best
  }
  return half
}

/** Takes a matrix row by row and gives out finished rows of every level; holds one row a level, never the matrix. */
export function overviewBuilder(
  columns: number,
  levels: readonly Level[],
  emit: (level: number, row: number, values: Float32Array) => void
) {
  const waiting: (ArrayLike<number> | null)[] = levels.map(() => null)
  const done = levels.map(() => 0)
  const give = (level: number, width: number, values: Float32Array) => {
    emit(level, done[level]++, values)
    if (level + 1 < levels.length) push(level + 1, width, values)
  }
  const push = (level: number, width: number, row: ArrayLike<number>) => {
    const above = waiting[level]
    if (above === null) {
      waiting[level] = row
      return
    }
    waiting[level] = null
    give(level, levels[level].columns, halveRows(above, row, width))
  }
  return {
    /** The row is kept until the next one comes: hand over a copy if its memory is used again. */
    row: (values: ArrayLike<number>) => push(0, columns, values),
    /** After the last row: levels with an odd number of rows above them are completed. */
    end() {
      for (let level = 0; level < levels.length; level++) {
        const above = waiting[level]
        waiting[level] = null
        if (above !== null) give(level, levels[level].columns, halveRows(above, null, level === 0 ? columns : levels[level - 1].columns))
      }
    }
  }
}
