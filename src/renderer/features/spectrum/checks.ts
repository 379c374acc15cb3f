// What the verification figures of a snapshot mean, and whether each is as good as it should be.
import type { SnapshotManifestChecks } from '../../../shared/run/schema'

export interface CheckRow {
  readonly name: string
  readonly value: number | null
  readonly limit: number
  readonly ok: boolean
  readonly meaning: string
}

/** Limits leave room for rounding that grows with P; a float32 snapshot is judged by float32 rounding. */
export function checkRows(checks: SnapshotManifestChecks, size: number, precision: 'float64' | 'float32'): CheckRow[] {
  const unit = precision === 'float32' ? 2 ** -23 : 2 ** -52
  const rounding = Math.max(100, 10 * size) * unit
  const row = (name: string, value: number | null, limit: number, meaning: string): CheckRow => ({
    name,
    value,
    limit,
    ok: value === null || value <= limit,
    meaning
  })
  return [
    row(
      'Symmetry',
      checks.symmetry,
      rounding,
      'Largest |H − Hᵀ| before symmetrizing, against the largest |H|. A Hessian is symmetric; more than rounding means a wrong derivative.'
    ),
    row('Trace', checks.trace, rounding, '|tr H − Σλ| against Σ|λ|. The eigenvalues must add up to the trace.'),
    row('Squares', checks.frobenius, rounding, '|‖H‖² − Σλ²| against Σλ². The eigenvalues’ squares must add up to those of all entries.'),
    row(
      'Residual',
      checks.residual,
      Math.max(1e-8, rounding),
      'Largest ‖Hv − λv‖ of the stored vectors against the largest |λ|, with Hv from a separate computation that never builds H.'
    ),
    row(
      'Finite differences',
      checks.finiteDifference,
      1e-4,
      'Largest error of 20 entries against central differences of the gradient, relative to the largest |H|.'
    )
  ]
}

/** All that apply hold, some fail, or none applies. */
export function verdict(rows: readonly CheckRow[]): 'verified' | 'failed' | 'unchecked' {
  if (rows.some((row) => !row.ok)) return 'failed'
  return rows.some((row) => row.value !== null) ? 'verified' : 'unchecked'
}
