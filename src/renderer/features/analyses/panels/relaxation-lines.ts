// Residuals of a relaxation with the slope that is predicted of them, and the eigenvalues that decide it, as lines. Pure.
import { formatNumber } from '../../../app/format'
import type { LineSeries } from '../../../charts/series'

/** Of the series at a place. */
type ColourOf = (place: number) => string

/** rateᵏ from 1 on, as far as it stays within ten times of what was measured; NaN beyond, where the line would only stretch the axis. */
export function predictedResiduals(residuals: ArrayLike<number>, rate: number): Float64Array {
  let [low, high] = [Infinity, 0]
  for (let i = 0; i < residuals.length; i++) {
    if (!(residuals[i] > 0) || !Number.isFinite(residuals[i])) continue
    low = Math.min(low, residuals[i])
    high = Math.max(high, residuals[i])
  }
  return Float64Array.from({ length: residuals.length }, (_, k) => {
    const value = rate ** k
    return value >= low / 10 && value <= high * 10 ? value : NaN
  })
}

export function residualSeries(residuals: ArrayLike<number>, rate: number | null, bound: boolean, colour: ColourOf): LineSeries[] {
  const x = Float64Array.from({ length: residuals.length }, (_, k) => k)
  const measured: LineSeries = { id: 'residuals', name: 'measured', colour: colour(0), weight: 'thick', x, y: residuals }
  if (rate === null) return [measured]
  const name = `${bound ? 'bound' : 'predicted'}: × ${formatNumber(rate, 3)}`
  const y = predictedResiduals(residuals, rate)
  return [measured, { id: 'predicted', name, colour: colour(1), line: 'dashed', level: true, x, y }]
}

/** Eigenvalues by rank, those between 0 and 2 apart from the others. */
export function spectrumSeries(spectrum: ArrayLike<number>, colour: ColourOf): LineSeries[] {
  const ranks = Array.from({ length: spectrum.length }, (_, i) => i)
  const part = (id: string, name: string, place: number, of: (mu: number) => boolean): LineSeries => {
    const places = ranks.filter((i) => of(spectrum[i]))
    return { id, name, colour: colour(place), scattered: true, x: places.map((i) => i + 1), y: places.map((i) => spectrum[i]) }
  }
  const inside = (mu: number) => mu > 0 && mu < 2
  return [part('inside', 'within (0, 2)', 2, inside), part('outside', 'outside (0, 2)', 3, (mu) => !inside(mu))].filter(
    ({ x }) => x.length > 0
  )
}
