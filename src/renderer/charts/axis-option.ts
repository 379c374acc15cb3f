// A planned axis as ECharts takes it: always a value axis over places, with our ticks and labels.
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from 'echarts'
import { placeOf, type AxisPlan } from './axis'
import type { ChartStyle } from './chart-colours'
import { axisStyle } from './chart-style'

export function axisOption(style: ChartStyle, plan: AxisPlan, name: string, kind: 'x' | 'y'): Record<string, unknown> {
  const ticks = plan.ticks.map(({ value, label }) => ({ at: placeOf(plan, value), label }))
  const places = ticks.map(({ at }) => at)
  const label = (place: number) =>
    ticks.reduce((best, one) => (Math.abs(one.at - place) < Math.abs(best.at - place) ? one : best), ticks[0])?.label ?? ''
  const base = axisStyle(style, name, kind)
  return {
    ...base,
    type: 'value',
    min: placeOf(plan, plan.low),
    max: placeOf(plan, plan.high),
    axisTick: { show: true, lineStyle: { color: style.axis }, customValues: places },
    axisLabel: { color: style.soft, fontSize: 11, fontFamily: style.font, hideOverlap: true, formatter: label, customValues: places }
  }
}

/** Short ticks between the labelled ones; ECharts can only divide its own. */
export function minorTicks(style: ChartStyle, x: AxisPlan | null, y: AxisPlan | null): Record<string, unknown> {
  return {
    id: '\u0000minor',
    type: 'custom',
    silent: true,
    clip: false,
    data: [[x ? placeOf(x, x.low) : 0, y ? placeOf(y, y.low) : 0]],
    renderItem: (params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) => {
      const box = params.coordSys as unknown as { x: number; y: number; width: number; height: number }
      const along = (plan: AxisPlan, value: number) => {
        const [low, high] = [placeOf(plan, plan.low), placeOf(plan, plan.high)]
        return (placeOf(plan, value) - low) / (high - low)
      }
      void api
      const line = (x1: number, y1: number, x2: number, y2: number) => ({
        type: 'line' as const,
        shape: { x1, y1, x2, y2 },
        style: { stroke: style.axis, lineWidth: 1 }
      })
      const foot = box.y + box.height
      return {
        type: 'group',
        children: [
          ...(x?.minor ?? []).map((value) => box.x + along(x as AxisPlan, value) * box.width).map((at) => line(at, foot, at, foot + 3)),
          ...(y?.minor ?? []).map((value) => foot - along(y as AxisPlan, value) * box.height).map((at) => line(box.x - 3, at, box.x, at))
        ]
      }
    }
  }
}
