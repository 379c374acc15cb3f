// Where steps lie on another axis of a run. Pure.
import type { MetricsTable } from '../../../shared/api/contract'

/** Values of the x axis at some steps, between those that are drawn; at step 0 everything is 0. */
export function placesOf(steps: readonly number[], table: MetricsTable, x: string): Float64Array {
  if (x === 'step') return Float64Array.from(steps)
  const column = table.columns[x] ?? new Float64Array()
  return Float64Array.from(steps, (step) => {
    if (step === 0) return 0
    const after = table.steps.findIndex((one) => one >= step)
    if (after < 0) return column.at(-1) ?? NaN
    if (table.steps[after] === step) return column[after]
    const [from, to] = after === 0 ? [0, column[0]] : [column[after - 1], column[after]]
    const first = after === 0 ? 0 : table.steps[after - 1]
    return from + ((to - from) * (step - first)) / (table.steps[after] - first)
  })
}
