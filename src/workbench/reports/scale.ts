// Axes of a report's figures: where a value lies, and where the ticks are.
import { figureOnPage } from '../../shared/format/figures'

export interface Scale {
  readonly log: boolean
  /** Ends of the axis in the data's units, the smaller first. */
  readonly ends: readonly [number, number]
  readonly ticks: readonly { readonly value: number; readonly text: string }[]
  /** Position in the figure. Only for values that the axis holds: `shows`. */
  at(value: number): number
  shows(value: number | null): value is number
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'
const raised = (power: number) =>
  `${power < 0 ? '⁻' : ''}${[...String(Math.abs(power))].map((digit) => superscripts[Number(digit)]).join('')}`

/** 1, 2 or 5 times a power of ten, so that about `count` steps fill the span. */
function niceStep(span: number, count: number): number {
  const raw = span / count
  const power = 10 ** Math.floor(Math.log10(raw))
  const lead = raw / power
  return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power
}

function linearTicks(low: number, high: number, count: number): number[] {
  const step = niceStep(high - low, count)
  const ticks: number[] = []
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) ticks.push(k * step)
  return ticks
}

function logTicks(low: number, high: number, count: number): number[] {
  const [from, to] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)]
  const every = Math.max(1, Math.ceil((to - from + 1) / count))
  const decades: number[] = []
  for (let power = from; power <= to; power++) if ((power - from) % every === 0) decades.push(10 ** power)
  if (decades.length >= 3) return decades
  const fine: number[] = []
  for (let power = from - 1; power <= to + 1; power++)
    for (const lead of [1, 2, 5]) if (lead * 10 ** power >= low * 0.999 && lead * 10 ** power <= high * 1.001) fine.push(lead * 10 ** power)
  return fine
}

const tickText = (value: number, log: boolean, decadesOnly: boolean) =>
  log && decadesOnly ? `10${raised(Math.round(Math.log10(value)))}` : figureOnPage(Number(value.toPrecision(12)), 6)

/** Ends that give every value room; an axis of one value is widened around it. */
function endsOf(values: readonly number[], log: boolean, zero: boolean): readonly [number, number] {
  if (values.length === 0) return log ? [0.1, 1] : [0, 1]
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  if (zero && !log) [low, high] = [Math.min(0, low), Math.max(0, high)]
  if (log) return high > low * 1.01 ? [low / (high / low) ** 0.03, high * (high / low) ** 0.03] : [low / 2, high * 2]
  const room = high > low ? 0.03 * (high - low) : Math.max(Math.abs(high) * 0.5, 0.5)
  return [zero && low === 0 ? 0 : low - room, zero && high === 0 ? 0 : high + room]
}

export interface ScaleInput {
  readonly values: readonly (number | null)[]
  readonly log?: boolean
  /** The axis begins at zero. */
  readonly zero?: boolean
  /** Positions of the ends in the figure. */
  readonly from: number
  readonly to: number
  /** About so many ticks. */
  readonly count: number
}

export function scaleOf({ values, log = false, zero = false, from, to, count }: ScaleInput): Scale {
  const shows = (value: number | null): value is number => value !== null && Number.isFinite(value) && (!log || value > 0)
  const ends = endsOf(values.filter(shows), log, zero)
  const place = log ? Math.log10 : (value: number) => value
  const [low, high] = [place(ends[0]), place(ends[1])]
  const ticks = (log ? logTicks : linearTicks)(ends[0], ends[1], count)
  const decadesOnly = ticks.every((tick) => Math.abs(Math.log10(tick) - Math.round(Math.log10(tick))) < 1e-9)
  return {
    log,
    ends,
    ticks: ticks.map((value) => ({ value, text: tickText(value, log, decadesOnly) })),
    at: (value) => from + ((place(value) - low) / (high - low)) * (to - from),
    shows
  }
}
