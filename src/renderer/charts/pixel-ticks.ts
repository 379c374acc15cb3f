// Ticks of a planned axis in pixels.
import { placeOf, type AxisPlan } from './axis'

export interface PixelTicks {
  readonly ticks: readonly { readonly at: number; readonly label: string }[]
  readonly minor: readonly number[]
}

/** `from` and `to`: where the axis' low and high end lie. */
export function pixelTicks(plan: AxisPlan, from: number, to: number): PixelTicks {
  const [low, high] = [placeOf(plan, plan.low), placeOf(plan, plan.high)]
  const at = (value: number) => from + ((placeOf(plan, value) - low) / (high - low)) * (to - from)
  return { ticks: plan.ticks.map(({ value, label }) => ({ at: at(value), label })), minor: plan.minor.map(at) }
}
