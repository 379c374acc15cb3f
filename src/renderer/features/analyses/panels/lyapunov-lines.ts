// The Lyapunov spectrum of training: which exponents are drawn, their running sums, one-step exponents as colours, and what the figures say in words. Pure.
import { formatCount, formatNumber } from '../../../app/format'
import { quantile } from '../../../../shared/run/quantile'
import type { LineSeries } from '../../../charts/series'
import { places, type ArrayValues } from '../arrays'
import { columnOf, ordinals } from './depth-lines'

/** Places of the exponents whose running estimates are drawn: the first ones, then evenly on to the last. */
export function pickedExponents(count: number, most: number): number[] {
  if (count <= most) return places(count)
  const first = Math.min(3, most - 1)
  const rest = most - first
  return [...places(first), ...places(rest).map((k) => Math.round(first + ((k + 1) * (count - 1 - first)) / rest))]
}

/** Estimates after fewer steps, a line an exponent. */
export function runningLines(
  running: ArrayValues,
  steps: Float64Array,
  picked: readonly number[],
  colour: (place: number) => string
): LineSeries[] {
  return picked.map((place, k) => ({
    id: String(place),
    name: `exponent ${formatCount(place + 1)}`,
    colour: colour(k),
    x: steps,
    y: columnOf(running, place)
  }))
}

/** λ₁, λ₁ + λ₂, …: as far as the exponents are finite. */
export function cumulatedExponents(exponents: Float64Array): Float64Array {
  const end = exponents.findIndex((value) => !Number.isFinite(value))
  let sum = 0
  return exponents.slice(0, end < 0 ? exponents.length : end).map((value) => (sum += value))
}

export const overOrdinals = (id: string, name: string, colour: string, y: Float64Array): LineSeries => ({
  id,
  name,
  colour,
  x: ordinals(y.length),
  y
})

/** What full colour stands for: nearly all magnitudes are below it, so that the few steps that nearly destroy a direction do not pale the rest. */
export function colourLimit({ data }: ArrayValues): number {
  const sizes = Float64Array.from(data.filter(Number.isFinite), Math.abs).sort()
  return sizes.length === 0 ? 1 : quantile(sizes, 0.98) || 1
}

/** Rows in descending order, −∞ at the lowest colour; NaN where nothing is stored. */
export function descendingRows({ shape, data }: ArrayValues, limit: number): Float64Array {
  const [rows, columns] = shape
  const sorted = new Float64Array(data.length).fill(Number.NaN)
  for (let row = 0; row < rows; row++) {
    const own = data.slice(row * columns, (row + 1) * columns).filter((value) => !Number.isNaN(value))
    own.sort().reverse()
    own.forEach((value, i) => (sorted[row * columns + i] = Math.max(value, -limit)))
  }
  return sorted
}

/** The largest of each row; NaN of a row without any. */
export function largestOfRows({ shape, data }: ArrayValues): Float64Array {
  const [rows, columns] = shape
  return Float64Array.from({ length: rows }, (_, row) => {
    const own = data.subarray(row * columns, (row + 1) * columns).filter((value) => !Number.isNaN(value))
    return own.length === 0 ? Number.NaN : own.reduce((most, value) => Math.max(most, value), -Infinity)
  })
}

type Figures = Readonly<Record<string, number | null | undefined>>

/** Where the sharpness is against 2/η; null where either is not known. */
export function edgeSentence({ sharpness, twoOverEta }: Figures): string | null {
  if (typeof sharpness !== 'number' || typeof twoOverEta !== 'number') return null
  const ratio = sharpness / twoOverEta
  const where = ratio > 1 ? 'above the edge of stability: a step along that direction overshoots' : 'below the edge of stability'
  return `Sharpness ${formatNumber(sharpness, 4)} at the last weights is ${formatNumber(ratio, 3)} times 2/η = ${formatNumber(twoOverEta, 4)}: ${where}.`
}

/** What the figures say, a sentence each. */
export function dynamicsSentences(figures: Figures, steps: number): string[] {
  const { largest, largestError, sumPositive, positive, kaplanYorke, sum } = figures
  const error = typeof largestError === 'number' && Number.isFinite(largestError) ? ` ± ${formatNumber(largestError, 2)}` : ''
  const sentences: string[] = []
  if (typeof largest === 'number') {
    const within = typeof largestError === 'number' && Math.abs(largest) <= 2 * largestError
    const nature = within
      ? 'zero within two standard errors'
      : largest > 0
        ? 'small differences grow: nearby trainings part'
        : 'small differences shrink: nearby trainings come together'
    sentences.push(`Largest exponent ${formatNumber(largest, 4)}${error} nats a step over ${formatCount(steps)} steps: ${nature}.`)
  }
  if (typeof sumPositive === 'number')
    sentences.push(
      positive === 0
        ? 'No exponent is positive: Ruelle’s bound of the entropy a step, the sum of the positive exponents, is 0, and so is the entropy.'
        : `Ruelle’s bound: the sum of the ${formatCount(positive)} positive exponents, ${formatNumber(sumPositive, 4)} nats a step, is the most that the entropy a step can be. It is equal to it (Pesin’s formula) only for measures that are smooth along the unstable directions (SRB measures), which nobody has shown of training.`
    )
  if (typeof kaplanYorke === 'number')
    sentences.push(`Kaplan–Yorke dimension ${formatNumber(kaplanYorke, 5)}: so many directions hold the volume that the rest lose.`)
  else if (typeof sum === 'number' && sum >= 0)
    sentences.push(
      'There is no Kaplan–Yorke dimension: the sum of the exponents computed is not negative, so that it does not end among them.'
    )
  const edge = edgeSentence(figures)
  return edge === null ? sentences : [...sentences, edge]
}
