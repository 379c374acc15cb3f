// Columns that no line holds, made of those it does: the loss and its decreases per sample, and the sum of the learning rates.
import type { Divisor } from '../../shared/run/per-sample'
import type { Columns } from './columns'

interface Derivation {
  /** The column it is made of. */
  readonly from: string
  /** Null: there is no way to tell the column, as of a run whose samples a batch nothing says. */
  maker(divisor: Divisor | null): ((values: Float64Array, steps: Float64Array) => Float64Array) | null
}

const perSample = (from: string): Derivation => ({
  from,
  maker: (divisor) => divisor && ((values, steps) => values.map((value, row) => value / divisor(steps[row])))
})

/**
 * η·t. A step that has no line is taken to have had the rate on both its sides where they agree; from one where they do not on the sum is not known.
 */
function runningSum(rates: Float64Array): Float64Array {
  const sums = new Float64Array(rates.length)
  let sum = 0
  for (let row = 0; row < rates.length; row++) {
    const first = row
    while (row < rates.length && Number.isNaN(rates[row])) sums[row++] = NaN
    if (row === rates.length) break
    if (row > first) sum += first > 0 && rates[first - 1] === rates[row] ? rates[row] * (row - first) : NaN
    sum += rates[row]
    sums[row] = sum
  }
  return sums
}

const derivations: Readonly<Record<string, Derivation>> = {
  lossPerSample: perSample('loss'),
  predictedDecreasePerSample: perSample('predictedDecrease'),
  actualDecreasePerSample: perSample('actualDecrease'),
  learningRateTime: { from: 'learningRate', maker: () => runningSum }
}

/** A column of the file, or one derived of it, by name; null where the run has none such. */
export function columnOf(columns: Columns, name: string, divisor: Divisor | null): Float64Array | null {
  const own = columns.column(name)
  if (own || !Object.hasOwn(derivations, name)) return own
  const { from, maker } = derivations[name]
  const [values, steps] = [columns.column(from), columns.column('step')]
  return (values && steps && maker(divisor)?.(values, steps)) ?? null
}

/** The column of the file that a column is made of; of one of the file itself its own. */
export const sourceOf = (name: string) => (Object.hasOwn(derivations, name) ? derivations[name].from : name)

/** True for a name that no line has. */
export const isDerived = (name: string) => Object.hasOwn(derivations, name)

/** Names of the file's columns and of those derived of them. */
export function columnNames(columns: Columns, divisor: Divisor | null): string[] {
  const own = columns.names.filter((name) => name !== 'step')
  const derived = Object.entries(derivations).filter(
    ([name, { from, maker }]) => own.includes(from) && !own.includes(name) && maker(divisor) !== null
  )
  return [...own, ...derived.map(([name]) => name)]
}
