// The values of an axis: listed, spaced over a range, or drawn.
import { randomStream } from '../random'
import type { Axis, Json, Scale } from './spec'

export type SampleAxis = Extract<Axis, { sample: number }>
export type RangeAxis = Extract<Axis, { count: number }>

export const isSample = (axis: Axis): axis is SampleAxis => 'sample' in axis
export const isRange = (axis: Axis): axis is RangeAxis => 'count' in axis

/** Fifteen digits: a range from 0.01 to 1 goes through 0.1, not through 0.10000000000000002. */
const tidy = (value: number, whole: boolean) => (whole ? Math.round(value) : Number(value.toPrecision(15)))

/** At `part` (0 to 1) of the way. */
function between(from: number, to: number, part: number, scale: Scale): number {
  if (part === 0) return from
  if (part === 1) return to
  return scale === 'log' ? from * (to / from) ** part : from + (to - from) * part
}

function spaced({ from, to, count, scale }: RangeAxis, whole: boolean): number[] {
  return Array.from({ length: count }, (_, k) => tidy(between(from, to, count === 1 ? 0 : k / (count - 1), scale), whole))
}

/** Hangs on the seed and the path alone: another axis, another order or another optimizer changes no draw. */
function drawn({ path, sample, from, to, scale }: SampleAxis, seed: number, whole: boolean): number[] {
  const stream = randomStream(seed, `study ${path}`)
  return Array.from({ length: sample }, () => tidy(between(from, to, stream.uniform(), scale), whole))
}

/** In order; `whole`: the field takes integers only. */
export function valuesOf(axis: Axis, sampleSeed: number, whole: boolean): readonly Json[] {
  if (isSample(axis)) return drawn(axis, sampleSeed, whole)
  return isRange(axis) ? spaced(axis, whole) : axis.values
}
