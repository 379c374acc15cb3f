// One value out of a metric's column: the last, smallest or largest finite one, or that of a step.
import type { MetricPlace } from '../../shared/run/column'

export interface PlacedValue {
  readonly value: number | null
  /** The first step with the value. */
  readonly step: number | null
}

export function valueAt(steps: ArrayLike<number>, column: ArrayLike<number>, at: MetricPlace): PlacedValue {
  let found = -1
  for (let row = 0; row < column.length; row++) {
    const value = column[row]
    if (!Number.isFinite(value)) continue
    if (typeof at === 'object') {
      if (steps[row] === at.step) found = row
    } else if (found < 0 || at === 'last' || (at === 'min' ? value < column[found] : value > column[found])) found = row
  }
  return found < 0 ? { value: null, step: null } : { value: column[found], step: steps[found] }
}
