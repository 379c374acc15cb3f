// One figure of one run: its last, least and largest finite value with their steps, and the one at a chosen step.

export interface Figure {
  readonly last: number
  readonly lastStep: number
  readonly min: number
  readonly minStep: number
  readonly max: number
  readonly maxStep: number
  /** NaN where that step has none: the value of another step is not passed off as its own. */
  readonly at: number
}

/** Everything NaN when no value is finite. */
export function figureOf(steps: ArrayLike<number>, values: ArrayLike<number>, at?: number): Figure {
  let last = -1
  let min = -1
  let max = -1
  let chosen = NaN
  for (let row = 0; row < values.length; row++) {
    const value = values[row]
    if (!Number.isFinite(value)) continue
    last = row
    if (min < 0 || value < values[min]) min = row
    if (max < 0 || value > values[max]) max = row
    if (steps[row] === at) chosen = value
  }
  const pick = (from: ArrayLike<number>, row: number) => (row < 0 ? NaN : from[row])
  return {
    last: pick(values, last),
    lastStep: pick(steps, last),
    min: pick(values, min),
    minStep: pick(steps, min),
    max: pick(values, max),
    maxStep: pick(steps, max),
    at: chosen
  }
}
