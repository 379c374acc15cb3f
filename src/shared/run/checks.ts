// What the verification figures of a snapshot mean, and whether each is as good as it should be.
import type { SnapshotManifestChecks } from './schema'

type Check = keyof SnapshotManifestChecks

export interface CheckRow {
  readonly check: Check
  readonly name: string
  readonly value: number | null
  readonly limit: number
  readonly ok: boolean
  readonly meaning: string
}

interface CheckFacts {
  readonly name: string
  /** The largest figure that is as good as it should be, where sums over P entries round to within `rounding`. */
  readonly limit: (rounding: number) => number
  readonly meaning: string
}

const rounded = (rounding: number) => rounding

/** In the order in which they are shown. */
const facts: Readonly<Record<Check, CheckFacts>> = {
  symmetry: {
    name: 'Symmetry',
    limit: rounded,
    meaning:
      'Largest |H − Hᵀ| before symmetrizing, against the largest |H|. A Hessian is symmetric; more than rounding means a wrong derivative.'
  },
  trace: { name: 'Trace', limit: rounded, meaning: '|tr H − Σλ| against Σ|λ|. The eigenvalues must add up to the trace.' },
  frobenius: {
    name: 'Squares',
    limit: rounded,
    meaning: '|‖H‖² − Σλ²| against Σλ². The eigenvalues’ squares must add up to those of all entries.'
  },
  residual: {
    name: 'Residual',
    limit: (rounding) => Math.max(1e-8, rounding),
    meaning: 'Largest ‖Hv − λv‖ of the stored vectors against the largest |λ|, with Hv from a separate computation that never builds H.'
  },
  finiteDifference: {
    name: 'Finite differences',
    limit: () => 1e-4,
    meaning: 'Largest error of 20 entries against central differences of the gradient, relative to the largest |H|.'
  }
}

/** A row a check of a block of `size` rows. Limits leave room for rounding that grows with P; a float32 snapshot is judged by float32 rounding. */
export function checkRows(checks: SnapshotManifestChecks, size: number, precision: 'float64' | 'float32'): CheckRow[] {
  const rounding = Math.max(100, 10 * size) * (precision === 'float32' ? 2 ** -23 : 2 ** -52)
  return (Object.keys(facts) as Check[]).map((check) => {
    const { name, meaning, limit: limitOf } = facts[check]
    const value = checks[check]
    const limit = limitOf(rounding)
    return { check, name, value, limit, ok: value === null || value <= limit, meaning }
  })
}

/** All that apply hold, some fail, or none applies. */
export function verdict(rows: readonly CheckRow[]): 'verified' | 'failed' | 'unchecked' {
  if (rows.some((row) => !row.ok)) return 'failed'
  return rows.some((row) => row.value !== null) ? 'verified' : 'unchecked'
}
