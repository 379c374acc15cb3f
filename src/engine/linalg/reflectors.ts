// Householder reflectors of a tridiagonalization on one vector, in plain loops: every entry is read from memory once, which is all the time there is to save.
import type { CallOptions } from './interface'
import type { Matrix } from './matrix'
import { createPacer } from './pacer'

/** Q = H_0 H_1 … H_{n−2}, H_j = I − scales[j]·v vᵀ: v is zero up to entry j, 1 at j + 1, and lies in row j from column j + 2 on. The rest of the rows is not read. */
export interface Reflectors {
  readonly rows: Matrix
  readonly scales: Float64Array
}

/** Reflectors between two looks at the clock: of order 10,000 they take a millisecond. */
const betweenPauses = 32

/** x ← Q x, or Qᵀx with 'transpose', in place. */
export async function applyReflectors(
  { rows, scales }: Reflectors,
  x: Float64Array,
  transpose: 'none' | 'transpose',
  options?: CallOptions
) {
  const pace = createPacer(options?.signal)
  const last = x.length - 2
  for (let step = 0; step <= last; step++) {
    if (step % betweenPauses === 0) {
      const pause = pace()
      if (pause) await pause
    }
    const j = transpose === 'transpose' ? step : last - step
    if (scales[j] !== 0) reflect(rows.data, rows.offset + j * rows.stride, j + 2, x, scales[j])
  }
}

/** x ← x − scale·v(vᵀx), v having 1 at `from` − 1 and the entries of the row from there on. */
function reflect(data: Float64Array, row: number, from: number, x: Float64Array, scale: number): void {
  const length = x.length
  let [even, odd] = [x[from - 1], 0]
  let i = from
  for (; i + 1 < length; i += 2) {
    even += data[row + i] * x[i]
    odd += data[row + i + 1] * x[i + 1]
  }
  if (i < length) even += data[row + i] * x[i]
  const factor = scale * (even + odd)
  x[from - 1] -= factor
  for (i = from; i < length; i++) x[i] -= factor * data[row + i]
}
