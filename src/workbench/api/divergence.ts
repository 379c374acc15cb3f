// The step that ended a diverged run stands among the steps that are not finite, though it has no line.
import type { MetricsTable } from '../../shared/api/contract'
import { divergedAt } from '../../shared/run/divergence'
import type { MetricsRequest } from '../../store'

/** `error`: the sentence that ended the run, null when it did not diverge. */
export function withDivergence(table: MetricsTable, request: MetricsRequest, error: string | null): MetricsTable {
  const failed = divergedAt(error)
  if (failed === null) return table
  const { step, figure } = failed
  const available = table.available.includes(figure) ? table.available : [...table.available, figure]
  if (!request.columns.includes(figure) || step < (request.from ?? 0) || step > (request.to ?? Infinity)) return { ...table, available }
  const before = table.notFinite[figure] ?? new Float64Array(0)
  return {
    ...table,
    available,
    columns: { ...table.columns, [figure]: table.columns[figure] ?? new Float64Array(table.steps.length).fill(NaN) },
    notFinite: { ...table.notFinite, [figure]: before.includes(step) ? before : Float64Array.of(...before, step) }
  }
}
