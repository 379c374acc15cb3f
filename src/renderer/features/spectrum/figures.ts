// The figures of spectra in words.
import { formatCount, formatNumber } from '../../app/format'

/** The rule of src/shared/run/outliers.ts for people. */
export const outlierRule =
  'Outliers: outside the gap near an end of the spectrum that is clearest against the next twenty, on a logarithmic scale. It counts where neighbours differ by a quarter or more and a power-law tail without outliers would show such a gap with a chance below 5 %; otherwise there is no clear gap.'

/** `edge`: the bulk's outermost eigenvalue. NaN: no clear gap. */
export function outlierText(count: number, edge: number, side: 'above' | 'below'): string {
  return Number.isNaN(count) ? `no clear gap ${side}` : `${formatCount(count)} ${side} ${formatNumber(edge, 3)}`
}
