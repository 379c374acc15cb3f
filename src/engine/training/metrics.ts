// From a finished step to its line in metrics.ndjson.
import type { MetricsLine } from '../../shared/run/schema'
import type { SpectrumFigures, StepDiagnostics } from '../optimizers/interface'

/** A plain value where there is one block, an object by block where there are several. */
function byBlock<Value>(values: Readonly<Record<string, Value>>): Value | Record<string, Value> {
  const all = Object.values(values)
  return all.length === 1 ? all[0] : { ...values }
}

const spectrumKeys = [
  'lambdaMin',
  'lambdaMax',
  'index',
  'flipped',
  'zero',
  'trace',
  'effectiveRank'
] as const satisfies (keyof SpectrumFigures)[]

/** JSON has no number for NaN and infinity: a figure that was computed and is not finite is null, which readers mark. */
const finiteOrNull = (figures: Readonly<Record<string, number>>): Record<string, number | null> =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number.isFinite(value) ? value : null]))

/** The part of a line that comes from the optimizer's diagnostics. */
export function diagnosticsLine(diagnostics: StepDiagnostics): Partial<MetricsLine> {
  const line: Partial<MetricsLine> = {}
  const { spectrum, flipped, path, damping, predictedDecrease, cosine, seconds, figures } = diagnostics
  if (spectrum !== undefined && Object.keys(spectrum).length > 0)
    for (const key of spectrumKeys)
      line[key] = byBlock(finiteOrNull(Object.fromEntries(Object.entries(spectrum).map(([name, block]) => [name, block[key]]))))
  else if (flipped !== undefined) line.flipped = byBlock(flipped)
  if (path !== undefined) line.path = byBlock<string>(path)
  if (damping !== undefined) line.damping = damping
  if (predictedDecrease !== undefined) Object.assign(line, finiteOrNull({ predictedDecrease }))
  if (cosine !== undefined) Object.assign(line, finiteOrNull({ cosine }))
  if (seconds !== undefined) line.phases = { ...seconds }
  if (figures !== undefined && Object.keys(figures).length > 0) line.figures = finiteOrNull(figures)
  return line
}
