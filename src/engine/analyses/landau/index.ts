// The kind `landau`: power series of the loss along eigenvectors (Landau's expansion of a free energy, docs/analyses.md).
import type { AnalysisOptions } from '../../../shared/analyses/kinds'
import { oddShare } from '../../../shared/analyses/landau'
import { chosenVectors } from '../../curvature/snapshot'
import { matrix, rowOf, rowsAt, type Matrix } from '../../linalg'
import { dot, norm, plusScaled } from '../../linalg/vectors'
import { randomStream, type RandomGenerator } from '../../random'
import { eigenpairsAt, indexFault, roundingLimit } from '../eigenpairs'
import { hasKinks, type AnalysisArray, type AnalysisCall, type AnalysisEngine, type AnalysisPoint } from '../interface'
import { samplesNote } from '../which-samples'
import { coupling, lineJets, type JetsOf } from './coupling'
import { stepsTo, truncationRadius } from './radii'

const epsilon = 2 ** -52
/** Share of the change of the loss by which a truncation may be off within its radius. */
const share = 0.01
/** Directions whose jets are taken at once. */
const together = 8

/** Moved by about one unit in the last place, entry by entry; zeros stay. */
const nudged = (values: Float64Array, random: RandomGenerator) => values.map((x) => x * (1 + epsilon * (2 * random.uniform() - 1)))

interface Series {
  readonly coefficients: Float64Array
  readonly errors: Float64Array
}

/** Coefficients along one direction from the loss's own series, with errors from the gradient's series (a_k = c_{k−1}ᵀq/k) and from nudged inputs. */
async function seriesAlong(
  jetsOf: JetsOf,
  nudgedJetsOf: JetsOf,
  directions: readonly Float64Array[],
  order: number,
  random: RandomGenerator
): Promise<Series[]> {
  const exact = await jetsOf(directions, order)
  const moved = await nudgedJetsOf(
    directions.map((direction) => nudged(direction, random)),
    order
  )
  return directions.map((direction, place) => {
    const { loss, gradient } = exact[place]
    const errors = new Float64Array(order + 1)
    for (let k = 0; k <= order; k++) {
      const other = k === 0 ? loss[0] : dot(rowOf(gradient, k - 1), direction) / k
      errors[k] = 4 * Math.max(Math.abs(other - loss[k]), Math.abs(moved[place].loss[k] - loss[k]), epsilon * Math.abs(loss[k]))
    }
    return { coefficients: loss, errors }
  })
}

/** Place in `landauClasses`. */
function classOf({ coefficients: a, errors }: Series): number {
  const beyond = (k: number) => k < a.length && Math.abs(a[k]) > errors[k]
  if (beyond(2)) return a[2] > 0 ? 0 : 1
  return beyond(3) ? 2 : beyond(4) ? 3 : 4
}

async function lossAlong({ objective, parameters }: AnalysisPoint, direction: Float64Array, steps: Float64Array, signal: AbortSignal) {
  const values = new Float64Array(steps.length)
  for (const [place, t] of steps.entries()) {
    const value = await objective.loss(plusScaled(parameters, t, direction), { signal })
    values[place] = Number.isFinite(value) ? value : Number.NaN
  }
  return values
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted.length === 0 ? null : sorted[Math.floor(sorted.length / 2)]
}

async function coupled(jetsOf: JetsOf, vectors: Matrix, indices: readonly number[], count: number, { signal, onProgress }: AnalysisCall) {
  if (count === 0) return { arrays: {}, checks: {} as Record<string, { value: number; limit: number }> }
  // Of the chosen directions the outermost, half from each end.
  const { indices: places } = chosenVectors(vectors.rows, count)
  const k = places.length
  const { t3, t4, asymmetry } = await coupling(jetsOf, rowsAt(vectors, places), (done) => {
    signal.throwIfAborted()
    onProgress(0.7 + 0.3 * done, 'mode coupling')
  })
  const arrays: Record<string, AnalysisArray> = {
    t3: { shape: [k, k, k], data: t3 },
    t4: { shape: [k, k, k, k], data: t4 },
    coupled: { shape: [k], data: Float64Array.from(places, (place) => indices[place]) }
  }
  return { arrays, checks: { symmetry: { value: asymmetry, limit: 1e-9 } } as Record<string, { value: number; limit: number }> }
}

const countOf = (vectors: AnalysisOptions<'landau'>['vectors'], size: number) =>
  typeof vectors === 'number' ? Math.min(vectors, size) : vectors.length

export const landau: AnalysisEngine<AnalysisOptions<'landau'>> = {
  cost({ parameterCount: size, samples }, { vectors, order, coupling: coupledCount }) {
    const k = countOf(vectors, size)
    const gradient = 1e-9 * 6 * size * samples + 1e-4
    const lines = k * ((2 * (order + 1) * (order + 2)) / 2 + 60) + coupledCount ** 3 * 7
    return {
      seconds: 1e-9 * size * size * samples + 3e-10 * size ** 3 + lines * gradient,
      memoryBytes: 24 * size * size + 16 * k * size + 64e6,
      diskBytes: 8 * k * (2 * order + 200) + 8 * coupledCount ** 4
    }
  },
  refusal: (_spec, { parameterCount: size }, { vectors }) => (typeof vectors === 'number' ? null : indexFault(vectors, size)),
  async work(source, { vectors, order, coupling: coupledCount, to, data }, call) {
    const { signal, onProgress } = call
    const point = await source.point()
    const { objective, parameters } = point
    const size = parameters.length
    const wanted = typeof vectors === 'number' ? chosenVectors(size, vectors) : { indices: [...new Set(vectors)] }
    const pairs = await eigenpairsAt(point, wanted, { signal, onProgress: (done, what) => onProgress(0.4 * done, what) })
    const k = pairs.values.length
    const gradient = new Float64Array(size)
    await objective.gradient(parameters, gradient, { signal })

    const random = randomStream(0, 'landau')
    const jetsOf = lineJets(objective, parameters, signal)
    const nudgedJetsOf = lineJets(objective, nudged(parameters, random), signal)
    const directions = Array.from({ length: k }, (_, i) => rowOf(pairs.vectors, i))
    const series: Series[] = []
    for (let from = 0; from < k; from += together) {
      series.push(...(await seriesAlong(jetsOf, nudgedJetsOf, directions.slice(from, from + together), order, random)))
      onProgress(0.4 + (0.2 * series.length) / k, 'jets')
    }

    const steps = stepsTo(to)
    const loss = matrix(k, steps.length)
    const radii = matrix(k, 3)
    for (const [i, direction] of directions.entries()) {
      const values = await lossAlong(point, direction, steps, signal)
      loss.data.set(values, i * steps.length)
      const rounding = 64 * epsilon * Math.abs(values[(steps.length - 1) / 2])
      for (const [j, truncated] of [2, 4, 6].entries())
        radii.data[i * 3 + j] = truncationRadius(series[i].coefficients, truncated, { steps, values }, { share, rounding })
      onProgress(0.6 + (0.1 * (i + 1)) / k, 'the loss along the directions')
    }

    const classes = series.map(classOf)
    const count = (kind: number) => classes.filter((one) => one === kind).length
    const scale = pairs.largest
    const worst = (of: (i: number) => number) => directions.reduce((most, _, i) => Math.max(most, of(i)), 0)
    const gradNorm = norm(gradient)
    const mixed = await coupled(jetsOf, pairs.vectors, pairs.indices, coupledCount, call)
    const notFinite = loss.data.reduce((sum, value) => sum + (Number.isNaN(value) ? 1 : 0), 0)
    const figures = { troughs: count(0), saddles: count(1), folds: count(2), pitchforks: count(3), flat: count(4) }
    const [exactCurvature, exactGradient] = [roundingLimit(size), 1e-12]
    return {
      arrays: {
        eigenvalues: { shape: [k], data: pairs.values },
        indices: { shape: [k], data: Float64Array.from(pairs.indices) },
        coefficients: { shape: [k, order + 1], pieces: series.map(({ coefficients }) => coefficients) },
        errors: { shape: [k, order + 1], pieces: series.map(({ errors }) => errors) },
        radii: { shape: [k, 3], data: radii.data },
        t: { shape: [steps.length], data: steps },
        loss: { shape: [k, steps.length], data: loss.data },
        class: { shape: [k], data: Float64Array.from(classes) },
        ...mixed.arrays
      },
      figures: { ...figures, odd: median(series.flatMap(({ coefficients }, i) => oddShare(coefficients, radii.data[3 * i + 1]) ?? [])) },
      checks: {
        curvature: {
          value: scale === 0 ? 0 : worst((i) => Math.abs(2 * series[i].coefficients[2] - pairs.values[i])) / scale,
          limit: exactCurvature
        },
        residual: { value: pairs.residual, limit: exactCurvature },
        gradient: {
          value: gradNorm === 0 ? 0 : worst((i) => Math.abs(series[i].coefficients[1] - dot(gradient, directions[i]))) / gradNorm,
          limit: exactGradient
        },
        ...mixed.checks
      },
      notes: [
        ...samplesNote(point, data),
        ...(notFinite === 0 ? [] : [`The loss is not finite at ${notFinite} of ${loss.data.length} places along the directions.`]),
        ...(hasKinks(point)
          ? ['The loss is piecewise smooth: the series is that of the piece the point lies on and ends at its first kink.']
          : [])
      ],
      said: `of ${k} directions ${figures.troughs} are troughs, ${figures.saddles} saddle directions, ${figures.folds} folds, ${figures.pitchforks} pitchforks, ${figures.flat} flat within error`
    }
  }
}
