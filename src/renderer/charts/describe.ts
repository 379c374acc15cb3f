// Plots in words, for those who do not see them.
import { formatCount, formatNumber } from '../app/format'
import type { LineSeries } from './series'

/** What a line chart shows: axes, and of each series its range, extremes and last value. */
export function describeSeries(title: string, series: readonly LineSeries[], xLabel: string, yLabel: string): string {
  const parts = series
    .filter((one) => !one.faint)
    .slice(0, 12)
    .map((one) => {
      let lowest = Infinity
      let lowestAt = NaN
      let highest = -Infinity
      let last = -1
      let count = 0
      let first = -1
      for (let i = 0; i < one.y.length; i++) {
        if (!Number.isFinite(one.y[i])) continue
        count++
        if (first < 0) first = i
        last = i
        if (one.y[i] < lowest) {
          lowest = one.y[i]
          lowestAt = one.x[i]
        }
        if (one.y[i] > highest) highest = one.y[i]
      }
      if (last < 0) return `${one.name}: no values`
      return `${one.name}: ${formatCount(count)} values from ${xLabel} ${formatNumber(one.x[first], 9)} to ${formatNumber(one.x[last], 9)}, lowest ${formatNumber(lowest)} at ${formatNumber(lowestAt)}, highest ${formatNumber(highest)}, last ${formatNumber(one.y[last])}`
    })
  return `${title}: ${yLabel} over ${xLabel}. ${parts.join('. ')}.`
}

/** Which series are not finite where; empty when none is. */
export function describeNotFinite(series: readonly LineSeries[], xLabel: string): string {
  const parts = series
    .filter((one) => !one.faint && (one.notFinite?.length ?? 0) > 0)
    .map((one) => {
      const places = Array.from(one.notFinite ?? []).sort((a, b) => a - b)
      const shown = places.slice(0, 3).map((place) => formatNumber(place, 7))
      return `${one.name} at ${xLabel} ${shown.join(', ')}${places.length > 3 ? ` and ${formatCount(places.length - 3)} more` : ''}`
    })
  return parts.length === 0
    ? ''
    : `✕ not finite: ${parts.slice(0, 4).join('; ')}${parts.length > 4 ? ` and ${parts.length - 4} more series` : ''}.`
}
