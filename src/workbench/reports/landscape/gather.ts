// From finished runs to the rows of the report on the landscape: Landau coefficients and curvature against scale at each place that is looked at.
import { landauClasses, oddShare } from '../../../shared/analyses/landau'
import { scaleKinds } from '../../../shared/analyses/scales'
import { quantile } from '../../../shared/run/quantile'
import { finishedAnalysis } from '../analyses'
import type { ReportContext } from '../context'
import type { FinishedRun } from '../runs'
import type { Place } from './plan'

export interface LandauRow {
  readonly place: string
  readonly role: Place['role']
  readonly run: string
  readonly step: number
  /** Number in the spectrum, 0 for the smallest. */
  readonly index: number
  readonly eigenvalue: number
  readonly class: string
  readonly a2: number
  readonly a3: number
  readonly a4: number
  readonly a5: number | null
  readonly a6: number | null
  readonly a3Error: number
  readonly a5Error: number | null
  readonly radius2: number | null
  readonly radius4: number | null
  readonly radius6: number | null
  /** |a₃|ρ³ over |a₂|ρ² + |a₄|ρ⁴ at ρ = radius4; null where that is infinite. */
  readonly odd: number | null
}

export interface ScaleRow {
  readonly place: string
  readonly role: Place['role']
  readonly run: string
  readonly step: number
  readonly group: string
  readonly epsilon: number
  readonly least: number | null
  readonly low: number | null
  readonly median: number | null
  readonly high: number | null
  readonly most: number | null
  readonly anisotropy: number | null
  /** Mean share of units past a kink. */
  readonly crossings: number | null
}

export interface PlaceRow {
  readonly place: string
  readonly role: Place['role']
  readonly run: string
  readonly step: number
  readonly parameters: number
  readonly piecewise: boolean
  readonly flatTo: number | null
  readonly kink: number | null
  readonly slope: number | null
  readonly fractionalSlope: number | null
  readonly directions: number
  readonly odd: number | null
  /** Directions whose a₃, or a₅, is beyond its error. */
  readonly oddDirections: number
  readonly failedChecks: string
}

export interface Gathered {
  readonly landau: readonly LandauRow[]
  readonly scales: readonly ScaleRow[]
  readonly places: readonly PlaceRow[]
}

const orNull = (value: number | undefined) => (value === undefined || !Number.isFinite(value) ? null : value)

function quantiles(values: readonly number[]): (number | null)[] {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b)
  return [0, 0.25, 0.5, 0.75, 1].map((share) => orNull(quantile(sorted, share)))
}

const order = 6

async function landauRows(context: ReportContext, { title: place, role, vectors }: Place, run: FinishedRun, step: number) {
  const size = run.status.parameterCount ?? vectors
  const options = { vectors: Math.min(vectors, size), order, data: 'all' }
  const analysis = await finishedAnalysis(context, { kind: 'landau', run: run.id, step, options })
  const [values, indices, classes, radii, coefficients, errors] = await Promise.all(
    ['eigenvalues', 'indices', 'class', 'radii', 'coefficients', 'errors'].map((name) => analysis.array(name))
  )
  const rows = Array.from(values, (eigenvalue, k): LandauRow => {
    const a = coefficients.subarray(k * (order + 1), (k + 1) * (order + 1))
    const e = errors.subarray(k * (order + 1), (k + 1) * (order + 1))
    const [radius2, radius4, radius6] = [0, 1, 2].map((j) => radii[3 * k + j])
    return {
      place,
      role,
      run: run.id,
      step,
      index: indices[k],
      eigenvalue,
      class: landauClasses[classes[k]],
      a2: a[2],
      a3: a[3],
      a4: a[4],
      a5: a[5],
      a6: a[6],
      a3Error: e[3],
      a5Error: e[5],
      radius2: orNull(radius2),
      radius4: orNull(radius4),
      radius6: orNull(radius6),
      odd: oddShare(a, radius4)
    }
  })
  return { rows, manifest: analysis.manifest }
}

async function scaleRows(context: ReportContext, { title: place, role, directions }: Place, run: FinishedRun, step: number) {
  const options = { count: directions, data: 'all' }
  const analysis = await finishedAnalysis(context, { kind: 'scales', run: run.id, step, options })
  const [epsilon, kinds, curvature, spread, crossings, control] = await Promise.all(
    ['epsilon', 'kind', 'curvature', 'anisotropy', 'crossings', 'control'].map((name) => analysis.array(name))
  )
  const m = epsilon.length
  const groups = scaleKinds.flatMap((group, kind): ScaleRow[] => {
    const rows = Array.from(kinds.keys()).filter((k) => kinds[k] === kind)
    return Array.from(epsilon, (step2, i) => {
      const [least, low, median, high, most] = quantiles(rows.map((k) => Math.abs(curvature[k * m + i])))
      const passed = rows.reduce((sum, k) => sum + crossings[k * m + i], 0) / rows.length
      return {
        place,
        role,
        run: run.id,
        step,
        group,
        epsilon: step2,
        least,
        low,
        median,
        high,
        most,
        anisotropy: orNull(spread[kind * m + i]),
        crossings: orNull(passed)
      }
    })
  })
  const controls = ['local quadratic', 'fractional profile'].flatMap((group, row): ScaleRow[] =>
    Array.from(epsilon, (step2, i) => ({
      place,
      role,
      run: run.id,
      step,
      group,
      epsilon: step2,
      least: null,
      low: null,
      median: orNull(Math.abs(control[row * m + i])),
      high: null,
      most: null,
      anisotropy: null,
      crossings: null
    }))
  )
  return { rows: [...groups, ...controls], manifest: analysis.manifest }
}

const median = (values: readonly (number | null)[]) => quantiles(values.flatMap((value) => (value === null ? [] : [value])))[2]

export async function gather(context: ReportContext, planned: readonly Place[], finished: readonly FinishedRun[]): Promise<Gathered> {
  const [landau, scales, places]: [LandauRow[], ScaleRow[], PlaceRow[]] = [[], [], []]
  for (const [k, place] of planned.entries())
    for (const step of place.steps) {
      context.signal.throwIfAborted()
      const run = finished[k]
      const series = await landauRows(context, place, run, step)
      const scaled = await scaleRows(context, place, run, step)
      landau.push(...series.rows)
      scales.push(...scaled.rows)
      const { figures } = scaled.manifest
      const failed = [series.manifest, scaled.manifest].flatMap(({ kind, checks }) =>
        Object.entries(checks).flatMap(([name, { ok }]) => (ok ? [] : [`${kind} ${name}`]))
      )
      places.push({
        place: place.title,
        role: place.role,
        run: run.id,
        step,
        parameters: run.status.parameterCount ?? 0,
        piecewise: 'model' in run.spec && run.spec.model.activation.kind === 'leaky-relu',
        flatTo: figures.flatTo ?? null,
        kink: figures.kink ?? null,
        slope: figures.slope ?? null,
        fractionalSlope: figures.fractionalSlope ?? null,
        directions: series.rows.length,
        odd: median(series.rows.map(({ odd }) => odd)),
        oddDirections: series.rows.filter(
          ({ a3, a3Error, a5, a5Error }) => Math.abs(a3) > a3Error || Math.abs(a5 ?? 0) > (a5Error ?? Infinity)
        ).length,
        failedChecks: failed.join(', ')
      })
    }
  return { landau, scales, places }
}
