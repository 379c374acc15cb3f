// The ECharts option of a line chart: bands, lines or points, marks of what is not finite, levels and places.
import type { CustomSeriesRenderItemAPI } from 'echarts'
import { placeOf, type AxisPlan } from './axis'
import { axisOption, minorTicks } from './axis-option'
import type { ChartStyle } from './chart-colours'
import type { EChartsCoreOption } from './echarts'
import { dashes, widths } from './line-style'
import { inView, type DrawnSeries, type LineSeries } from './series'

export interface LineDrawing {
  readonly style: ChartStyle
  readonly series: readonly { readonly of: LineSeries; readonly drawn: DrawnSeries }[]
  readonly x: AxisPlan
  readonly y: AxisPlan
  readonly xLabel: string
  readonly yLabel: string
  /** A line across the plot at a value of y. */
  readonly levels: readonly { y: number; label: string }[]
  /** A line down the plot at a value of x. */
  readonly places: readonly { x: number; label: string }[]
  /** Points without a line between them. */
  readonly points: boolean
}

const cross = 'path://M1,0 L5,4 L9,0 L10,1 L6,5 L10,9 L9,10 L5,6 L1,10 L0,9 L4,5 L0,1 Z'

export function lineOption({ style, series, x, y, xLabel, yLabel, levels, places, points }: LineDrawing): EChartsCoreOption {
  const [left, right] = [placeOf(x, x.low), placeOf(x, x.high)]
  const [bottom, top] = [placeOf(y, y.low), placeOf(y, y.high)]
  const inside = (place: number, low: number, high: number) => place >= low && place <= high
  return {
    tooltip: { show: false },
    xAxis: axisOption(style, x, xLabel, 'x'),
    yAxis: axisOption(style, y, yLabel, 'y'),
    series: [
      ...series.flatMap(({ of, drawn }) => {
        const band = inView(drawn.band, 3, left, right)
        return band.length === 0 ? [] : [bandSeries(of, band, [left, bottom])]
      }),
      ...series.map(({ of, drawn }) => {
        const pairs = inView(drawn.pairs, 2, left, right)
        const asPoints = points || of.scattered === true
        return {
          id: of.id,
          name: of.name,
          type: asPoints ? 'scatter' : 'line',
          data: pairs,
          dimensions: ['x', 'y'],
          encode: { x: 0, y: 1 },
          // Thinning by ECharts would close the gaps of a broken line.
          sampling: asPoints || drawn.breaks ? undefined : 'minmax',
          symbol: of.hollow ? 'emptyCircle' : 'circle',
          symbolSize: 4,
          showSymbol: pairs.length <= 180 && !of.faint && !of.level,
          silent: true,
          z: of.faint ? 1 : 3,
          itemStyle: { color: of.colour, opacity: of.faint && asPoints ? 0.5 : 1 },
          lineStyle: {
            width: of.faint ? 1 : widths[of.weight ?? 'normal'],
            color: of.colour,
            opacity: of.faint ? 0.28 : 1,
            type: of.line && of.line !== 'solid' ? dashes[of.line] : 'solid'
          },
          emphasis: { disabled: true }
        }
      }),
      ...series.flatMap(({ of, drawn }, i) => {
        const marks = drawn.marks.filter((place) => inside(place, left, right))
        if (marks.length === 0) return []
        return [
          {
            id: `${of.id}\u0000marks`,
            type: 'scatter',
            data: marks.map((place) => [place, top]),
            symbol: cross,
            symbolSize: 8,
            symbolOffset: [0, 7 + (i % 4) * 10],
            clip: false,
            silent: true,
            z: 4,
            itemStyle: { color: of.colour }
          }
        ]
      }),
      ...series.flatMap(({ of, drawn }) => {
        const foot = drawn.foot.filter((place) => inside(place, left, right))
        return foot.length === 0 ? [] : [footSeries(of, foot, [left, bottom])]
      }),
      minorTicks(style, x, y),
      {
        id: '\u0000lines',
        type: 'line',
        data: [],
        silent: true,
        markLine: {
          silent: true,
          symbol: 'none',
          animation: false,
          lineStyle: { color: style.mark, type: 'dashed', width: 1 },
          label: { color: style.mark, fontSize: 11, position: 'insideEndBottom' },
          data: [
            ...levels
              .filter((level) => inside(placeOf(y, level.y), bottom, top))
              .map((level) => ({ yAxis: placeOf(y, level.y), label: { formatter: () => level.label } })),
            ...places
              .filter((place) => inside(placeOf(x, place.x), left, right))
              .map((place) => ({
                xAxis: placeOf(x, place.x),
                // On the plot's ground, so that the line does not strike it through.
                label: {
                  formatter: () => place.label,
                  rotate: 0,
                  position: 'end',
                  distance: -2,
                  backgroundColor: style.surface,
                  padding: [0, 3]
                }
              }))
          ]
        }
      }
    ]
  }
}

/** Short bars on the foot of the plot, one a pixel at most. */
function footSeries(of: LineSeries, places: readonly number[], [left, bottom]: [number, number]): Record<string, unknown> {
  return {
    id: `${of.id}\u0000foot`,
    type: 'custom',
    silent: true,
    clip: false,
    z: 4,
    data: [[left, bottom]],
    renderItem: (_params: unknown, api: CustomSeriesRenderItemAPI) => {
      const [, foot] = api.coord([left, bottom])
      const at = new Set(places.map((place) => Math.round(api.coord([place, bottom])[0])))
      const bar = (x: number) => ({
        type: 'rect' as const,
        shape: { x: x - 1, y: foot - 8, width: 2, height: 8 },
        style: { fill: of.colour }
      })
      return { type: 'group', children: [...at].map(bar) }
    }
  }
}

/** One polygon: along the upper edge and back along the lower one. */
function bandSeries(of: LineSeries, band: Float64Array, corner: [number, number]): Record<string, unknown> {
  return {
    id: `${of.id}\u0000band`,
    type: 'custom',
    silent: true,
    clip: true,
    z: 2,
    data: [corner],
    renderItem: (_params: unknown, api: CustomSeriesRenderItemAPI) => {
      const there: number[][] = []
      const back: number[][] = []
      for (let i = 0; i < band.length; i += 3) {
        there.push(api.coord([band[i], band[i + 2]]))
        back.push(api.coord([band[i], band[i + 1]]))
      }
      return { type: 'polygon', shape: { points: [...there, ...back.reverse()] }, style: { fill: of.colour, opacity: 0.16 } }
    }
  }
}
