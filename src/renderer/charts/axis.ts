// What an axis shows: limits that fit the data, labelled ticks on round numbers, minor ticks between them. Charts draw in places: the values carried through the scale.
import { formatTick } from '../app/format'
import { niceStep, roundNumbers, symlog, symlogInverse, symlogTicks, type ScaleKind } from './scale'

export interface AxisTick {
  readonly value: number
  readonly label: string
}

export interface AxisPlan {
  readonly kind: ScaleKind
  /** A symlog axis is linear within ± this. */
  readonly constant: number
  /** The ends, as values. */
  readonly low: number
  readonly high: number
  readonly ticks: readonly AxisTick[]
  readonly minor: readonly number[]
}

export type AxisScale = Pick<AxisPlan, 'kind' | 'constant'>

/** Where a value lies along the axis; NaN for what the scale cannot show. */
export function placeOf({ kind, constant }: AxisScale, value: number): number {
  if (kind === 'linear') return value
  return kind === 'log' ? (value > 0 ? Math.log10(value) : NaN) : symlog(value, constant)
}

/** The value at a place. */
export function valueAt({ kind, constant }: AxisScale, place: number): number {
  if (kind === 'linear') return place
  return kind === 'log' ? 10 ** place : symlogInverse(place, constant)
}

const exponentOf = (value: number) => Math.floor(Math.log10(Math.abs(value)) + 1e-9)

/** A number on an axis whose ticks are `step` apart: as many digits as tell them apart. */
export function tickLabel(value: number, step: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  const text =
    size >= 1e6 || size < 1e-3
      ? value.toExponential(Math.min(15, Math.max(0, exponentOf(value) - exponentOf(step)))).replace('e+', 'e')
      : value.toFixed(Math.min(15, Math.max(0, -exponentOf(step))))
  const grouped = size >= 1e4 && size < 1e6 ? text.replace(/(\d)(?=(\d{3})+(?!\d))/, '$1\u202f') : text
  return grouped.replaceAll('-', '−')
}

/** The distance of minor ticks: a fifth of steps of 1 and 5, a quarter of steps of 2. */
function minorStep(step: number): number {
  const unit = step / 10 ** exponentOf(step)
  return Math.round(unit) === 2 ? step / 4 : step / 5
}

const without = (all: readonly number[], taken: readonly number[], span: number) =>
  all.filter((one) => !taken.some((other) => Math.abs(one - other) <= span * 1e-9))

interface Limits {
  readonly low: number
  readonly high: number
}

/** Wider to the next minor tick, so that the data do not lie on the frame; never across zero for its own sake. */
function widened(low: number, high: number, grid: number): Limits {
  const room = (high - low) * 0.02
  const from = Math.floor((low - room) / grid + 1e-9) * grid
  const to = Math.ceil((high + room) / grid - 1e-9) * grid
  return { low: low >= 0 ? Math.max(0, from) : from, high: high <= 0 ? Math.min(0, to) : to }
}

/** Below this a number's own rounding is as large as the steps of an axis. */
const smallest = 1e-290

function apart(low: number, high: number): [number, number] {
  const size = Math.max(Math.abs(low), Math.abs(high))
  if (high - low > Math.max(size * 1e-11, smallest)) return [low, high]
  const half = size < smallest ? 0.5 : size * 0.05
  return [low - half, high + half]
}

function linearPlan(range: readonly [number, number], count: number, exact: boolean): AxisPlan {
  const [from, to] = apart(...range)
  const step = niceStep((to - from) / count)
  const small = minorStep(step)
  const { low, high } = exact ? { low: from, high: to } : widened(from, to, small)
  const values = roundNumbers(low, high, step)
  return {
    kind: 'linear',
    constant: 1,
    low,
    high,
    ticks: values.map((value) => ({ value, label: tickLabel(value, step) })),
    minor: without(roundNumbers(low, high, small), values, high - low)
  }
}

const mantissas = [1, 2, 3, 4, 5, 6, 7, 8, 9]
/** Mantissa · 10^k within [low, high]. */
function logRound(low: number, high: number, of: readonly number[]): number[] {
  const values: number[] = []
  for (let exponent = exponentOf(low); exponent <= exponentOf(high) + 1; exponent++)
    for (const mantissa of of) {
      const value = Number(`${mantissa}e${exponent}`)
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) values.push(value)
    }
  return values
}

/** Below this many decades (a factor of four) round numbers at equal distances say more than powers of ten. */
const fewDecades = 0.6
const labelledWithin = 2.2
/** Below this many decades a whole digit more at each end would take half of the axis. */
const narrow = 0.8
const finer = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9]

function logPlan(range: readonly [number, number], count: number, exact: boolean): AxisPlan {
  let [low, high] = range
  if (!(high > low * (1 + 1e-11))) [low, high] = [low / 1.25, high * 1.25]
  const decades = Math.log10(high / low)
  if (decades < fewDecades) {
    const plan = linearPlan([low, high], count, exact)
    return { ...plan, kind: 'log', low: plan.low > 0 ? plan.low : low }
  }
  if (!exact) {
    const room = 10 ** (0.02 * decades)
    const grid = decades < narrow ? finer : decades < 6 ? mantissas : [1, 2, 5]
    const wide = logRound(low / room / 10, high * room * 10, grid)
    low = wide.filter((value) => value <= low / room).at(-1) ?? low
    high = wide.find((value) => value >= high * room) ?? high
  }
  const plan = (labelled: readonly number[], minor: readonly number[]): AxisPlan => ({
    kind: 'log',
    constant: 1,
    low,
    high,
    ticks: labelled.map((value) => ({ value, label: formatTick(value) })),
    minor: minor.filter((value) => !labelled.includes(value))
  })
  if (decades < labelledWithin) return plan(logRound(low, high, [1, 2, 5]), logRound(low, high, mantissas))
  const powers = logRound(low, high, [1])
  const least = (powers.length - 1) / count
  const every = [1, 2, 3, 5, 10, 20, 25, 50, 100].find((step) => step >= least) ?? 100
  if (every === 1) return plan(powers, decades <= 8 ? logRound(low, high, mantissas) : [])
  return plan(
    powers.filter((value) => exponentOf(value) % every === 0),
    every <= 5 ? powers : powers.filter((value) => exponentOf(value) % (every / 5) === 0)
  )
}

function symlogPlan(range: readonly [number, number], count: number, exact: boolean, constant: number): AxisPlan {
  const [from, to] = apart(...range)
  const scale: AxisScale = { kind: 'symlog', constant }
  const [start, end] = [placeOf(scale, from), placeOf(scale, to)]
  const room = exact ? 0 : (end - start) * 0.03
  const [low, high] = [valueAt(scale, start - room), valueAt(scale, end + room)]
  const round = symlogTicks(low, high, constant, Math.max(2, Math.floor(count / 2) + 1)).filter((value) => value >= low && value <= high)
  // All within the linear part, or within one decade: as on a linear axis.
  if (round.length < 3) return { ...linearPlan([low, high], count, true), ...scale, low, high }
  const sides = [
    ...(high > constant ? logRound(constant, high, mantissas) : []),
    ...(low < -constant ? logRound(constant, -low, mantissas).map((value) => -value) : [])
  ]
  return {
    ...scale,
    low,
    high,
    ticks: round.map((value) => ({ value, label: formatTick(value) })),
    minor: (sides.length > 80 ? sides.filter((value) => Number.isInteger(Math.log10(Math.abs(value)))) : sides).filter(
      (value) => value >= low && value <= high && !round.includes(value)
    )
  }
}

export interface AxisWish {
  readonly kind: ScaleKind
  /** Lowest and highest value to show; null where there is none. On a logarithmic axis above zero. */
  readonly range: readonly [number, number] | null
  /** About how many labels there is room for. */
  readonly count?: number
  /** The limits are the range itself, not round numbers around it. */
  readonly exact?: boolean
  readonly constant?: number
  /** Whole numbers only, as for counts. */
  readonly whole?: boolean
}

export function planAxis({ kind, range, count = 6, exact = false, constant = 1, whole = false }: AxisWish): AxisPlan {
  const valid = range !== null && range.every(Number.isFinite) && range[0] <= range[1] && (kind !== 'log' || range[0] > 0)
  const shown = valid ? range : kind === 'log' ? ([1, 10] as const) : ([0, 1] as const)
  const plan =
    kind === 'linear'
      ? linearPlan(shown, count, exact)
      : kind === 'log'
        ? logPlan(shown, count, exact)
        : symlogPlan(shown, count, exact, constant)
  if (!whole) return plan
  const ticks = plan.ticks.filter(({ value }) => Number.isInteger(value)).map(({ value }) => ({ value, label: tickLabel(value, 1) }))
  return { ...plan, ticks, minor: plan.minor.filter(Number.isInteger) }
}
