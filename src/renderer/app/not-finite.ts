// Where on an axis the figures of a run are not finite.
import type { MetricsTable } from '../../shared/api/contract'

type Table = Pick<MetricsTable, 'steps' | 'notFinite'>

/**
 * Places on the axis `xs` (one for each row of the table, such as its epochs) of the steps at which `column` is NaN or infinite. Between rows that were
 * kept when others were left out: in proportion; behind the last row, as the step at which a run diverged: that row's place, or the step itself.
 */
export function notFinitePlaces(table: Table, column: string, xs: ArrayLike<number>): Float64Array {
  const { steps } = table
  const bad = table.notFinite[column] ?? new Float64Array(0)
  if (xs === steps) return bad
  return bad.map((step) => {
    const after = steps.findIndex((one) => one >= step)
    if (after < 0) return xs[steps.length - 1] ?? NaN
    if (after === 0 || steps[after] === step) return xs[after]
    const share = (step - steps[after - 1]) / (steps[after] - steps[after - 1])
    return xs[after - 1] + share * (xs[after] - xs[after - 1])
  })
}
