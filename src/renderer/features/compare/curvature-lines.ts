// Eigenvalue figures of runs whose steps compute none, from their snapshots; and the sharpness that a constant learning rate bears. Pure.
import type { MetricsTable } from '../../../shared/api/contract'
import type { SnapshotCurvature } from '../../../shared/run/curvature'
import type { OptimizerSpec, RunSpec } from '../../../shared/spec/schema'
import type { LineSeries } from '../../charts/series'
import { placesOf } from '../run/places'

const snapshotFigures = ['lambdaMin', 'lambdaMax', 'index'] as const
export type SnapshotFigure = (typeof snapshotFigures)[number]
export const isSnapshotFigure = (metric: string): metric is SnapshotFigure => (snapshotFigures as readonly string[]).includes(metric)
export const snapshotFigureNames: readonly string[] = snapshotFigures

/** The columns in which a run has a figure, itself or by block; none where its steps do not compute it. */
export const columnsFor = (available: readonly string[], metric: string): readonly string[] =>
  available.includes(metric) ? [metric] : available.filter((name) => name.startsWith(`${metric}.`))

export interface Limit {
  /** λ above which a step overshoots along its eigenvector. */
  readonly value: number
  readonly formula: string
}

/**
 * Of steps on a quadratic with the whole batch: gradient descent bears 2/η, heavy-ball momentum 2(1 + μ)/η, Nesterov's 2(1 + μ)/(η(1 + 2μ)) (Cohen et al.
 * 2021). Eigenvalues and gradient are of the same loss, whether that is the sum over a batch or its mean. Null where the rate changes, or for other kinds.
 */
export function stabilityLimit(optimizer: OptimizerSpec): Limit | null {
  const { learningRate: rate } = optimizer
  if (typeof rate !== 'number' || !(rate > 0)) return null
  if (optimizer.kind === 'gd' && optimizer.layerRates !== null) return null
  if (optimizer.kind === 'gd') return { value: 2 / rate, formula: '2/η' }
  if (optimizer.kind === 'momentum') return { value: (2 * (1 + optimizer.momentum)) / rate, formula: '2(1 + μ)/η' }
  if (optimizer.kind === 'nesterov') {
    const { momentum } = optimizer
    return { value: (2 * (1 + momentum)) / (rate * (1 + 2 * momentum)), formula: '2(1 + μ)/(η(1 + 2μ))' }
  }
  return null
}

export interface CurvatureRun {
  readonly id: string
  readonly label: string
  readonly colour: string
  readonly table: MetricsTable | undefined
  readonly spec?: RunSpec | null
  readonly snapshots?: readonly SnapshotCurvature[]
}

/** A figure of the stored snapshots, exact: a point a snapshot. */
export function snapshotLines({ id, label, colour, table, snapshots }: CurvatureRun, metric: string, x: string): LineSeries[] {
  if (!table || !snapshots || snapshots.length === 0 || !isSnapshotFigure(metric)) return []
  const blocks = snapshots.some(({ scope }) => scope !== 'full') ? ' (extreme of the blocks)' : ''
  return [
    {
      id: `${id}\u0000snapshots`,
      name: `${label}, snapshots${blocks}`,
      colour,
      x: placesOf(
        snapshots.map(({ step }) => step),
        table,
        x
      ),
      y: Float64Array.from(snapshots, (one) => one[metric] ?? NaN)
    }
  ]
}

/** The limit as a level line from the first to the last place of what is drawn of the run. */
export function limitLines({ id, label, colour, spec }: CurvatureRun, drawn: readonly LineSeries[]): LineSeries[] {
  const limit = spec ? stabilityLimit(spec.optimizer) : null
  const [of] = drawn
  if (limit === null || !of || of.x.length === 0) return []
  const x = Float64Array.from(of.x)
  return [
    {
      id: `${id}\u0000limit`,
      name: `${limit.formula} of ${label}`,
      colour,
      line: 'dashed',
      level: true,
      weight: 'thin',
      x,
      y: new Float64Array(x.length).fill(limit.value)
    }
  ]
}

/** What has to be said of the level lines; null where there is none. */
export function limitNote(runs: readonly CurvatureRun[]): string | null {
  const specs = runs.flatMap(({ spec }) => (spec && stabilityLimit(spec.optimizer) ? [spec] : []))
  if (specs.length === 0) return null
  const formulas = [...new Set(specs.map(({ optimizer }) => stabilityLimit(optimizer)?.formula))].join(', ')
  const sums = specs.filter((spec) => 'loss' in spec && spec.loss === 'half-sse').length
  const of =
    sums === 0
      ? 'the loss that is minimized'
      : sums === specs.length
        ? 'the sum over the batch'
        : 'what each run minimizes (half-sse: the sum over its batch)'
  const parts = specs.some((spec) => 'batch' in spec && spec.batch.size !== null)
    ? ' They hold for whole batches; some runs take parts.'
    : ''
  return `Dashed: ${formulas}, the sharpness above which a step of constant rate overshoots; λ and the rate are both of ${of}.${parts}`
}

/** Which runs' training losses hold weight decay; null where none does. */
export function decayNote(runs: readonly CurvatureRun[]): string | null {
  const decays = [...new Set(runs.map(({ spec }) => spec?.regularization.l2 ?? 0))].sort((a, b) => a - b)
  if (decays.at(-1) === 0 || decays.length === 0) return null
  const of = decays.length === 1 ? `l2 = ${decays[0]}` : `l2 = ${decays.join(', ')} by run: such losses are not of one objective`
  return `Training losses hold weight decay ½·l2·‖w‖² (${of}); validation and test figures do not.`
}
