// How charts look, from the tokens of the present theme.
import { computed } from 'vue'
import { themeVersion, token } from '../ui/theme-version'
import type { ChartStyle } from './chart-colours'
import type { EChartsCoreOption } from './echarts'

export const chartStyle = computed<ChartStyle>(() => {
  void themeVersion.value
  return {
    text: token('--text'),
    soft: token('--text-soft'),
    axis: token('--plot-axis'),
    grid: token('--plot-grid'),
    surface: token('--surface'),
    border: token('--border'),
    negative: token('--plot-negative'),
    positive: token('--plot-positive'),
    mark: token('--plot-mark'),
    // The build writes double quotes, which ECharts puts into an attribute of its SVG as they are.
    font: token('--font').replaceAll('"', "'")
  }
})

/** An axis' lines, labels and name. */
export function axisStyle(style: ChartStyle, name: string, kind: 'x' | 'y'): Record<string, unknown> {
  return {
    name,
    nameLocation: 'middle',
    nameGap: kind === 'x' ? 24 : 46,
    nameTextStyle: { color: style.soft, fontSize: 11, fontFamily: style.font },
    axisLine: { show: true, onZero: false, lineStyle: { color: style.axis } },
    axisTick: { show: true, lineStyle: { color: style.axis } },
    minorTick: { show: false },
    axisLabel: { color: style.soft, fontSize: 11, fontFamily: style.font, hideOverlap: true },
    splitLine: { show: kind === 'y', lineStyle: { color: style.grid } }
  }
}

/** What all our charts share. */
export function baseOption(style: ChartStyle): EChartsCoreOption {
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: style.font, color: style.text },
    grid: { left: 62, right: 14, top: 10, bottom: 40 },
    tooltip: {
      trigger: 'axis',
      confine: true,
      transitionDuration: 0,
      backgroundColor: style.surface,
      borderColor: style.border,
      borderWidth: 1,
      padding: [7, 10],
      extraCssText: 'box-shadow: 0 6px 20px rgba(0,0,0,.18); z-index: 5;',
      axisPointer: { type: 'line', lineStyle: { color: style.axis, type: 'dashed' }, label: { show: false } }
    }
  }
}
