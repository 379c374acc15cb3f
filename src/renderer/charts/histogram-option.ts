// The ECharts option of a histogram: bars over exact bins, outlines of other spectra over the same bins, lines at values.
import type { CustomSeriesRenderItemAPI } from 'echarts'
import { placeOf, type AxisPlan } from './axis'
import { axisOption, minorTicks } from './axis-option'
import type { ChartStyle } from './chart-colours'
import type { EChartsCoreOption } from './echarts'
import type { Histogram } from './histogram'
import { dashes, type LinePattern } from './line-style'

/** A line down the plot; one of the bulk's ends is dotted and named on a line of its own, below the others. */
export interface HistogramMark {
  readonly value: number
  readonly label: string
  readonly bulk?: boolean
}

/** Another spectrum over the same bins. */
export interface HistogramOverlay {
  readonly id: string
  readonly name: string
  readonly colour: string
  readonly line: LinePattern
  readonly values: ArrayLike<number>
}

export interface HistogramDrawing {
  readonly style: ChartStyle
  readonly bins: Histogram
  readonly x: AxisPlan
  readonly y: AxisPlan
  readonly xLabel: string
  readonly yLabel: string
  /** What a count is worth on the axis: itself, or its share of all. */
  heightOf(count: number): number
  readonly overlays: readonly { readonly of: HistogramOverlay; readonly counts: Uint32Array; heightOf(count: number): number }[]
  readonly marks: readonly HistogramMark[]
  readonly selected: number | null
}

export function histogramOption(drawing: HistogramDrawing): EChartsCoreOption {
  const { style, bins, x, y, heightOf, marks, selected } = drawing
  const { edges, places, counts } = bins
  const base = placeOf(y, y.low)
  const high = placeOf(y, y.high)
  const top = (height: number) => (height > 0 ? Math.min(high, Math.max(base, placeOf(y, height))) : base)
  const data = Array.from(counts, (count, i) => [places[i], places[i + 1], top(heightOf(count)), i])
  const line = (value: number, lineStyle: object, label: object) => ({ xAxis: placeOf(x, value), lineStyle, label })
  const twoLines = marks.some(({ bulk }) => bulk)
  const nearZero = edges[0] < 0 && edges[edges.length - 1] > 0
  return {
    grid: { left: 62, right: 16, top: twoLines ? 44 : 30, bottom: 40 },
    xAxis: { ...axisOption(style, x, drawing.xLabel, 'x'), splitLine: { show: false } },
    yAxis: axisOption(style, y, drawing.yLabel, 'y'),
    tooltip: { show: false },
    series: [
      {
        id: 'bins',
        type: 'custom',
        silent: true,
        data,
        encode: { x: [0, 1], y: 2 },
        renderItem: (_params: unknown, api: CustomSeriesRenderItemAPI) => {
          const i = Number(api.value(3))
          const [x0, y0] = api.coord([api.value(0), base])
          const [x1, y1] = api.coord([api.value(1), api.value(2)])
          const width = Math.max(1, x1 - x0 - (x1 - x0 > 4 ? 1 : 0))
          const colour = edges[i + 1] <= 0 ? style.negative : edges[i] < 0 ? style.axis : style.positive
          if (counts[i] === 0) return null
          return { type: 'rect', shape: { x: x0, y: Math.min(y1, y0 - 1), width, height: Math.max(1, y0 - y1) }, style: { fill: colour } }
        }
      },
      ...drawing.overlays.map(({ of, counts: theirs, heightOf: theirHeight }) => ({
        id: `overlay ${of.id}`,
        type: 'line',
        silent: true,
        symbol: 'none',
        z: 3,
        data: Array.from(theirs).flatMap((count, i) => [places[i], places[i + 1]].map((place) => [place, top(theirHeight(count))])),
        lineStyle: { color: of.colour, width: 1.6, type: of.line === 'solid' ? 'solid' : dashes[of.line] },
        emphasis: { disabled: true }
      })),
      minorTicks(style, x, y),
      {
        id: 'marks',
        type: 'line',
        data: [],
        markLine: {
          silent: true,
          symbol: 'none',
          animation: false,
          data: [
            ...(nearZero ? [line(0, { color: style.axis, type: 'solid', width: 1 }, { show: false })] : []),
            ...marks.map(({ value, label, bulk }) =>
              line(
                value,
                { color: bulk ? style.soft : style.mark, type: bulk ? 'dotted' : 'dashed', width: bulk ? 1.4 : 1.2 },
                { color: bulk ? style.soft : style.mark, fontSize: 11, distance: bulk || !twoLines ? 6 : 20, formatter: () => label }
              )
            ),
            ...(selected === null ? [] : [line(selected, { color: style.text, type: 'solid', width: 1.5 }, { show: false })])
          ]
        }
      }
    ]
  }
}
