// Spectra along a run: computed from its checkpoints where they are missing, and the figures that are read off them.
import { computeSnapshot } from '../../../engine-process/compute-snapshot'
import { countFlipped, spectrumFigures } from '../../../engine/optimizers/figures'
import { zeroTolerance } from '../../../shared/run/curvature'
import type { Scope } from '../../../shared/spec/schema'
import { readEigenvalues, readManifest, snapshotSteps, StorageError, type Workspace } from '../../../store'
import type { ReportContext } from '../context'
import type { Table } from '../table'

export interface SpectrumRow {
  readonly net: string
  readonly block: string
  readonly step: number
  readonly size: number
  readonly smallest: number
  readonly largest: number
  /** τ: |λ| ≤ τ is zero as far as rounding lets one say. */
  readonly tolerance: number
  /** λ < −τ. */
  readonly negative: number
  readonly zero: number
  /** λ + δ < 0: the absolute value turns its sign. */
  readonly flipped: number
  /** Largest over smallest |λ| outside ±τ; null where there is none. */
  readonly condition: number | null
  /** Largest over smallest |λ + δ|: of what the step divides by. */
  readonly damped: number | null
  readonly effectiveRank: number
}

/** Null where the smallest is 0 or there is none. */
function ratio(values: Iterable<number>): number | null {
  let [low, high] = [Infinity, 0]
  for (const value of values) [low, high] = [Math.min(low, Math.abs(value)), Math.max(high, Math.abs(value))]
  return low > 0 && high > 0 && Number.isFinite(low) ? high / low : null
}

export function spectrumRow(net: string, block: string, step: number, size: number, values: Float64Array, damping: number): SpectrumRow {
  const tolerance = zeroTolerance(values, size)
  const flipped = countFlipped(values, size, 'abs-of-shifted', damping)
  const { lambdaMin, lambdaMax, index, zero, effectiveRank } = spectrumFigures(values, size, flipped)
  return {
    net,
    block,
    step,
    size: values.length,
    smallest: lambdaMin,
    largest: lambdaMax,
    tolerance,
    negative: Math.round(index * values.length),
    zero,
    flipped,
    condition: ratio(values.filter((value) => Math.abs(value) > tolerance)),
    damped: ratio(values.map((value) => value + damping)),
    effectiveRank
  }
}

/** Computes the snapshots that are not there yet. Throws StorageError `conflict` where one of another scope is. */
export async function requireSpectra(
  { workspace, signal, progress }: ReportContext,
  run: string,
  steps: readonly number[],
  scope: Scope
): Promise<void> {
  const there = await snapshotSteps(workspace, run)
  for (const [k, step] of steps.entries()) {
    signal.throwIfAborted()
    if (!there.includes(step)) {
      const phase = `spectrum ${k + 1} of ${steps.length} of ${run} (${scope})`
      progress(phase, null)
      await computeSnapshot(
        workspace,
        { run, step, scope, eigenvectors: 4, hessian: false, replace: false },
        { signal, onProgress: (fraction) => progress(phase, fraction) }
      )
    }
    const manifest = await readManifest(workspace, { run, step })
    if (manifest.scope !== scope)
      throw new StorageError(
        'conflict',
        `run "${run}" has a snapshot of scope ${manifest.scope} at step ${step}, the report needs ${scope}: remove the run`
      )
  }
}

/** Figures of every block of the stored snapshots, by step. */
export async function storedSpectra(
  workspace: Workspace,
  net: string,
  run: string,
  steps: readonly number[],
  damping: number
): Promise<SpectrumRow[]> {
  const rows: SpectrumRow[] = []
  for (const step of steps) {
    const { blocks } = await readManifest(workspace, { run, step })
    for (const { name, size } of blocks) {
      const { values } = await readEigenvalues(workspace, { run, step }, name)
      rows.push(spectrumRow(net, name === 'full' ? 'whole Hessian' : name, step, size, values, damping))
    }
  }
  return rows
}

export function spectraTable(rows: readonly SpectrumRow[]): Table {
  const columns = [
    'net',
    'block',
    'step',
    'size',
    'smallest',
    'largest',
    'tolerance',
    'negative',
    'zero',
    'flipped',
    'condition',
    'damped',
    'effectiveRank'
  ] as const
  return {
    name: 'spectra.csv',
    about:
      'a block of the Hessian at a step, from all its eigenvalues λ: their number (size), ends, tolerance τ, how many are below −τ (negative), within ±τ (zero), and below −δ, so that |λ + δ| turns the sign (flipped); condition: largest over smallest |λ| outside ±τ; damped: the same of |λ + δ|, δ = 0.1; effectiveRank: (Σ|λ|)² / Σλ²',
    columns,
    rows: rows.map((row) => columns.map((column) => row[column]))
  }
}

const binsADecade = 4

/** Counts of |λ| by sign in bins of equal ratio; eigenvalues within ±τ are left out and counted by `zero` of the spectra. */
export async function histogramTable(workspace: Workspace, run: string, step: number): Promise<Table> {
  const { blocks } = await readManifest(workspace, { run, step })
  const { values } = await readEigenvalues(workspace, { run, step }, blocks[0].name)
  const tolerance = zeroTolerance(values, blocks[0].size)
  const counts = new Map<string, number>()
  for (const value of values) {
    if (Math.abs(value) <= tolerance) continue
    const key = `${value > 0 ? 'positive' : 'negative'} ${Math.floor(Math.log10(Math.abs(value)) * binsADecade)}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const bins = [...counts.keys()].map((key) => Number(key.split(' ')[1]))
  const [first, last] = [Math.min(...bins), Math.max(...bins)]
  // Empty bins too, so that an outline stands on the ground between its parts.
  const rows = ['positive', 'negative'].flatMap((sign) =>
    Array.from({ length: last - first + 1 }, (_, k) => {
      const bin = first + k
      return [sign, 10 ** (bin / binsADecade), 10 ** ((bin + 1) / binsADecade), counts.get(`${sign} ${bin}`) ?? 0]
    })
  )
  return {
    name: 'spectrum.csv',
    about: `eigenvalues of the slow net’s whole Hessian after ${step} steps, counted by sign and |λ| in ${binsADecade} bins a decade`,
    columns: ['sign', 'from', 'to', 'eigenvalues'],
    rows
  }
}
