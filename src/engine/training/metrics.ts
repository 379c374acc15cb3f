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

/** JSON has no number for NaN and infinity: a figure that is not finite has no place in a line. */
const finiteOnly = (figures: Readonly<Record<string, number | undefined>>): Record<string, number> =>
  Object.fromEntries(Object.entries(figures).filter((entry): entry is [string, number] => Number.isFinite(entry[1])))

/** The part of a line that comes from the optimizer's diagnostics. */
export function diagnosticsLine(diagnostics: StepDiagnostics): Partial<MetricsLine> {
  const line: Partial<MetricsLine> = {}
  const { spectrum } = diagnostics
  if (spectrum !== undefined && Object.keys(spectrum).length > 0)
    for (const key of spectrumKeys)
      line[key] = byBlock(Object.fromEntries(Object.entries(spectrum).map(([name, figures]) => [name, figures[key]])))
  else if (diagnostics.flipped !== undefined) line.flipped = byBlock(diagnostics.flipped)
  if (diagnostics.path !== undefined) line.path = byBlock<string>(diagnostics.path)
  if (diagnostics.damping !== undefined) line.damping = diagnostics.damping
  const { predictedDecrease, cosine } = diagnostics
  Object.assign(line, finiteOnly({ predictedDecrease, cosine }))
  if (diagnostics.seconds !== undefined) line.phases = { ...diagnostics.seconds }
  const figures = finiteOnly(diagnostics.figures ?? {})
  if (Object.keys(figures).length > 0) line.figures = figures
  return line
}
