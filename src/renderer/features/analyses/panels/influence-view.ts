// What the influence panel says of one test sample and of all pairs: the training samples that help and harm most, predicted against actual. Pure.
import type { LineSeries } from '../../../charts/series'
import type { ArrayValues } from '../arrays'

export interface InfluenceArrays {
  /** Train × test. */
  readonly influence: ArrayValues
  /** Retrained × test, and which training samples those are. */
  readonly actual?: ArrayValues
  readonly retrained?: ArrayValues
}

/** Of the series at a place. */
type ColourOf = (place: number) => string

interface Drawn {
  /** Of the chosen test sample. */
  readonly name: string
  readonly colour: ColourOf
}

export interface RankedSample {
  /** Place among the training samples of the analysis. */
  readonly sample: number
  /** Predicted change of the test sample's loss when it is left out. */
  readonly change: number
  /** The same carried out; null where it was not, or came to nothing. */
  readonly actual: number | null
}

/** How much the test loss changes when the training sample is left out: −c · influence. */
export const changeOf = (influence: number, weight: number): number => -weight * influence

/** Where the sample is among those left out for real; −1: nowhere. */
const retrainedPlace = ({ retrained }: InfluenceArrays, sample: number) => (retrained ? retrained.data.indexOf(sample) : -1)

/** The `count` training samples whose absence raises the test loss most (they help), and those whose absence lowers it most (they harm). */
export function ranked(
  arrays: InfluenceArrays,
  test: number,
  weight: number,
  count: number
): { readonly helpful: readonly RankedSample[]; readonly harmful: readonly RankedSample[] } {
  const [rows, columns] = arrays.influence.shape
  const all = Array.from({ length: rows }, (_, sample): RankedSample => {
    const place = retrainedPlace(arrays, sample)
    const real = place < 0 || !arrays.actual ? NaN : arrays.actual.data[place * columns + test]
    return {
      sample,
      change: changeOf(arrays.influence.data[sample * columns + test], weight),
      actual: Number.isFinite(real) ? changeOf(real, weight) : null
    }
  }).sort((a, b) => b.change - a.change)
  return {
    helpful: all.slice(0, count).filter(({ change }) => change > 0),
    harmful: all
      .slice(-count)
      .reverse()
      .filter(({ change }) => change < 0)
  }
}

/** Predicted (y) against actual (x) changes over all pairs that were carried out, those of one test sample apart, and the line where they agree. */
export function agreement(arrays: InfluenceArrays, test: number, weight: number, { name, colour }: Drawn): LineSeries[] {
  const { influence, actual, retrained } = arrays
  if (!actual || !retrained) return []
  const columns = influence.shape[1]
  const pairs = (of: (m: number) => boolean) => {
    const [x, y]: [number[], number[]] = [[], []]
    for (let place = 0; place < retrained.data.length; place++)
      for (let m = 0; m < columns; m++) {
        if (!of(m) || !Number.isFinite(actual.data[place * columns + m])) continue
        x.push(changeOf(actual.data[place * columns + m], weight))
        y.push(changeOf(influence.data[retrained.data[place] * columns + m], weight))
      }
    return { x, y }
  }
  const [others, own] = [pairs((m) => m !== test), pairs((m) => m === test)]
  const values = [...others.x, ...own.x, ...others.y, ...own.y]
  if (values.length === 0) return []
  const ends = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))]
  return [
    { id: 'equal', name: 'predicted = actual', colour: colour(7), line: 'dashed', level: true, x: ends, y: ends },
    { id: 'others', name: 'other test samples', colour: colour(0), scattered: true, ...others },
    { id: 'own', name, colour: colour(1), scattered: true, ...own }
  ]
}

/** Mean errors of the orders that the figures have, and the mean change they are errors of. */
export function errorSeries(figures: Readonly<Record<string, number | null>>, colour: ColourOf): LineSeries[] {
  const orders = [1, 2, 3].filter((k) => typeof figures[`error${k}`] === 'number')
  if (orders.length === 0) return []
  const errors: LineSeries = {
    id: 'errors',
    name: 'mean |predicted − actual|',
    colour: colour(0),
    weight: 'thick',
    x: orders,
    y: orders.map((k) => figures[`error${k}`] ?? NaN)
  }
  const { change } = figures
  if (change === null || change === undefined) return [errors]
  const level: LineSeries = {
    id: 'change',
    name: 'mean |actual change|',
    colour: colour(7),
    line: 'dashed',
    level: true,
    x: [1, 3],
    y: [change, change]
  }
  return [errors, level]
}
