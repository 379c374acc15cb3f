// The step that ended a diverged run stands among the steps that are not finite, though it has no line.
import type { MetricsTable } from '../../shared/api/contract'
import { divergedAt } from '../../shared/run/divergence'
import type { MetricsRequest } from '../../store'

/** What is made of a figure is not finite where that is. */
const derived: Readonly<Record<string, readonly string[]>> = { loss: ['lossPerSample'] }

/** `error`: the sentence that ended the run, null when it did not diverge. */
export function withDivergence(table: MetricsTable, request: MetricsRequest, error: string | null): MetricsTable {
  const failed = divergedAt(error)
  if (failed === null) return table
  const { step, figure } = failed
  const available = table.available.includes(figure) ? table.available : [...table.available, figure]
  if (step < (request.from ?? 0) || step > (request.to ?? Infinity)) return { ...table, available }
  // A run that failed at its first step has no column yet.
  const none = table.available.length === 0
  const names = [figure, ...(derived[figure] ?? [])].filter((name) => request.columns.includes(name) && (none || name in table.columns))
  const columns = { ...table.columns }
  const notFinite = { ...table.notFinite }
  for (const name of names) {
    columns[name] ??= new Float64Array(table.steps.length).fill(NaN)
    const before = notFinite[name] ?? new Float64Array(0)
    if (!before.includes(step)) notFinite[name] = Float64Array.of(...before, step)
  }
  return { ...table, available, columns, notFinite }
}
