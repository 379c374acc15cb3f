// The kind `scales`: curvature against step size along many directions (docs/analyses.md).
import { scaleKinds } from '../../../shared/analyses/scales'
import type { AnalysisOptions } from '../../../shared/analyses/kinds'
import { quantile } from '../../../shared/run/quantile'
import { matrix, rowOf, type Matrix } from '../../linalg'
import { plusScaled, unit } from '../../linalg/vectors'
import { fillNormal, randomStream, shuffledOrder, type RandomGenerator } from '../../random'
import { chosenVectors } from '../../curvature/snapshot'
import { quadraticForm } from '../curvature-along'
import { eigenpairsAt, roundingLimit } from '../eigenpairs'
import type { AnalysisCall, AnalysisEngine, AnalysisPoint } from '../interface'
import { lineJets } from '../landau/coupling'
import { samplesNote } from '../which-samples'
import { crossingCounter } from './crossings'
import { fractionalProfiles, logSlope } from './fractional'
import { bySecondDifference, curvatures, type Curvatures } from './second-difference'

const seriesOrder = 8
/** Directions whose jets are taken at once. */
const together = 8
const fractionalExponent = 0.5
const fractionalCount = 64

type Options = AnalysisOptions<'scales'>

interface Direction {
  /** Place in `scaleKinds`. */
  readonly kind: number
  readonly unit: Float64Array
}

function stepsOf({ from, to, perDecade }: Pick<Options, 'from' | 'to' | 'perDecade'>): Float64Array {
  const intervals = Math.max(1, Math.round(Math.log10(to / from) * perDecade))
  return Float64Array.from({ length: intervals + 1 }, (_, i) => from * (to / from) ** (i / intervals))
}

function shuffled(values: Float64Array, random: RandomGenerator): Float64Array {
  const order = shuffledOrder(random, values.length)
  return values.map((_, i) => values[order[i]])
}

/** Also the residual of the eigenvectors; null where none were asked for. */
async function directionsOf(point: AnalysisPoint, { directions, count, seed }: Options, call: AnalysisCall) {
  const size = point.parameters.length
  const found: Direction[] = []
  let residual: number | null = null
  if (directions !== 'random') {
    const pairs = await eigenpairsAt(point, chosenVectors(size, count), call)
    residual = pairs.residual
    const units = Array.from({ length: pairs.vectors.rows }, (_, k) => rowOf(pairs.vectors, k))
    const random = randomStream(seed, 'scales-shuffled')
    found.push(...units.map((unit) => ({ kind: 0, unit })), ...units.map((unit) => ({ kind: 2, unit: shuffled(unit, random) })))
  }
  if (directions !== 'eigenvectors') {
    const random = randomStream(seed, 'scales-random')
    for (let k = 0; k < count; k++) found.push({ kind: 1, unit: unit(fillNormal(random, new Float64Array(size))) })
  }
  return { found: found.sort((a, b) => a.kind - b.kind), residual }
}

const finite = (values: readonly number[]) => values.filter(Number.isFinite).sort((a, b) => a - b)
const medianSize = (values: readonly number[]) => quantile(finite(values.map(Math.abs)), 0.5)

function anisotropy(values: readonly number[]): number {
  const sorted = finite(values)
  return sorted.length < 2 ? Number.NaN : (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / medianSize(sorted)
}

interface Line {
  readonly direction: Direction
  readonly series: Float64Array
  readonly result: Curvatures
  /** At each ε. */
  readonly crossings: Float64Array
}

async function lineOf(
  { objective, parameters }: AnalysisPoint,
  direction: Direction,
  series: Float64Array,
  center: number,
  epsilon: Float64Array,
  reach: number | null,
  count: Awaited<ReturnType<typeof crossingCounter>>,
  signal: AbortSignal
): Promise<Line> {
  const above = new Float64Array(epsilon.length)
  const below = new Float64Array(epsilon.length)
  const crossings = new Float64Array(epsilon.length)
  for (const [place, step] of epsilon.entries()) {
    const [up, down] = [plusScaled(parameters, step, direction.unit), plusScaled(parameters, -step, direction.unit)]
    above[place] = await objective.loss(up, { signal })
    below[place] = await objective.loss(down, { signal })
    if (count !== null) crossings[place] = Math.max(await count(up), await count(down))
  }
  const holds = (place: number) => (reach === null || epsilon[place] <= reach) && crossings[place] === 0
  return { direction, series, crossings, result: curvatures(epsilon, { center, above, below }, series, holds) }
}

/** κ of the quadratic a₀ + a₁t + a₂t² by the same arithmetic, and the largest deviation from 2a₂ over its error bar. */
function quadraticControl([a0, a1, a2]: Float64Array, epsilon: Float64Array, length: number) {
  const f = (t: number) => a0 + t * (a1 + t * a2)
  const series = new Float64Array(length)
  series.set([a0, a1, a2])
  const { curvature, errors } = curvatures(
    epsilon,
    { center: a0, above: epsilon.map(f), below: epsilon.map((t) => f(-t)) },
    series,
    () => true
  )
  const off = curvature.reduce((worst, value, i) => Math.max(worst, Math.abs(value - 2 * a2) / (errors[i] || 1)), 0)
  return { curvature, off }
}

function rows(lines: readonly Line[], of: (line: Line) => Float64Array, columns: number): Matrix {
  const result = matrix(lines.length, columns)
  lines.forEach((line, k) => result.data.set(of(line), k * columns))
  return result
}

export const scales: AnalysisEngine<Options> = {
  refusal: (_spec, _shape, { from, to }) => (from < to ? null : `from must be below to, got ${from} and ${to}`),
  cost({ parameterCount: size, samples }, options) {
    const groups = { eigenvectors: 2, random: 1, both: 3 }[options.directions]
    const lines = groups * Math.min(options.count, size)
    const gradient = 1e-9 * 6 * size * samples + 1e-4
    return {
      seconds:
        lines * stepsOf(options).length * gradient +
        (options.directions === 'random' ? 0 : 3e-10 * size ** 3 + 1e-9 * size * size * samples),
      memoryBytes: (options.directions === 'random' ? 0 : 24 * size * size) + 16 * lines * size + 64e6,
      diskBytes: 8 * lines * (size + 3 * stepsOf(options).length)
    }
  },
  async work(source, options, call) {
    const { signal, onProgress } = call
    const point = await source.point()
    const { objective, parameters, linalg } = point
    const epsilon = stepsOf(options)
    const { found: directions, residual } = await directionsOf(point, options, {
      signal,
      onProgress: (done, what) => onProgress(0.3 * done, what)
    })
    const form = await quadraticForm(objective, parameters, signal)
    const limits = new Float64Array(directions.length)
    for (const [k, { unit: direction }] of directions.entries()) limits[k] = (await form([direction]))[0]
    const jetsOf = lineJets(objective, parameters, signal, { gradient: false })
    const center = await objective.loss(parameters, { signal })
    const count = await crossingCounter(point, signal)
    const lines: Line[] = []
    for (let from = 0; from < directions.length; from += together) {
      const some = directions.slice(from, from + together)
      const jets = await jetsOf(
        some.map(({ unit }) => unit),
        seriesOrder
      )
      for (const [k, direction] of some.entries()) {
        lines.push(await lineOf(point, direction, jets[k].loss, center, epsilon, options.reach, count, signal))
        onProgress(0.3 + (0.65 * lines.length) / directions.length, 'the loss along the directions')
      }
    }

    const m = epsilon.length
    const values = (place: number, wanted: (kind: number) => boolean) =>
      lines.filter(({ direction }) => wanted(direction.kind)).map(({ result }) => result.curvature[place])
    const spread = matrix(scaleKinds.length, m)
    for (const kind of scaleKinds.keys())
      for (let place = 0; place < m; place++) spread.data[kind * m + place] = anisotropy(values(place, (one) => one === kind))
    const steepest = limits.reduce((best, value, k) => (Math.abs(value) > Math.abs(limits[best]) ? k : best), 0)
    const quadratic = quadraticControl(lines[steepest].series, epsilon, seriesOrder + 1)
    const profiles = await fractionalProfiles(
      linalg,
      epsilon,
      fractionalExponent,
      fractionalCount,
      randomStream(options.seed, 'scales-fractional')
    )
    const fractional = Float64Array.from(epsilon, (step, place) =>
      medianSize(profiles.map(({ above, below }) => bySecondDifference(step, 0, above[place], below[place]).value))
    )
    const control = matrix(3, m)
    control.data.set(quadratic.curvature, 0)
    control.data.set(fractional, m)
    for (let place = 0; place < m; place++) control.data[2 * m + place] = medianSize(values(place, (kind) => kind === 2))

    const largestLimit = limits.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const flat = (place: number) =>
      lines.every(
        ({ result: { curvature, errors } }, k) =>
          Math.abs(curvature[place] - limits[k]) <= Math.max(0.01 * Math.abs(limits[k]), errors[place])
      )
    let flatPlaces = 0
    while (flatPlaces < m && flat(flatPlaces)) flatPlaces++
    const kinks = finite(lines.map(({ crossings }) => epsilon[crossings.findIndex((share) => share > 0)]))
    const group = options.directions === 'random' ? 1 : 0
    const spreadOf = Array.from(spread.data.subarray(group * m, (group + 1) * m))
    const orNull = (value: number) => (Number.isFinite(value) ? value : null)
    const large = epsilon.findIndex((step) => step >= (options.to / 100) * (1 - 1e-12))
    const medians = Float64Array.from(epsilon, (_, place) => medianSize(values(place, (kind) => kind !== 2)))
    const slope = logSlope(epsilon.subarray(large), medians.subarray(large))
    const fractionalSlope = logSlope(epsilon, fractional) ?? Number.NaN
    const notFinite = lines.reduce((sum, { result }) => sum + result.curvature.filter(Number.isNaN).length, 0)
    const limitError = lines.reduce((worst, { series }, k) => Math.max(worst, Math.abs(2 * series[2] - limits[k])), 0)
    const figures = {
      flatTo: flatPlaces === 0 ? null : epsilon[flatPlaces - 1],
      kink: kinks.length === 0 ? null : quantile(kinks, 0.5),
      slope,
      fractionalSlope,
      anisotropySmall: orNull(spreadOf[0]),
      anisotropyLarge: orNull(spreadOf[m - 1]),
      anisotropyLeast: orNull(Math.min(...finite(spreadOf)))
    }
    const d = lines.length
    const text = (value: number | null) => (value === null ? 'nowhere' : `up to ε = ${value.toPrecision(2)}`)
    return {
      arrays: {
        epsilon: { shape: [m], data: epsilon },
        curvature: { shape: [d, m], data: rows(lines, ({ result }) => result.curvature, m).data },
        errors: { shape: [d, m], data: rows(lines, ({ result }) => result.errors, m).data },
        kind: { shape: [d], data: Float64Array.from(directions, ({ kind }) => kind) },
        limits: { shape: [d], data: limits },
        crossings: { shape: [d, m], data: rows(lines, ({ crossings }) => crossings, m).data },
        anisotropy: { shape: [scaleKinds.length, m], data: spread.data },
        control: { shape: [3, m], data: control.data },
        directions: { shape: [d, parameters.length], pieces: directions.map(({ unit }) => unit) }
      },
      figures,
      checks: {
        quadratic: { value: quadratic.off, limit: 1 },
        limit: { value: largestLimit === 0 ? 0 : limitError / largestLimit, limit: 1e-10 },
        agreement: { value: lines.reduce((worst, { result }) => Math.max(worst, result.disagreement), 0), limit: 4 },
        fractional: { value: Math.abs(fractionalSlope + 2 - fractionalExponent), limit: 0.1 },
        ...(residual === null ? {} : { residual: { value: residual, limit: roundingLimit(parameters.length) } })
      },
      notes: [
        ...samplesNote(point, options.data),
        ...(notFinite === 0 ? [] : [`The loss is not finite at ${notFinite} of ${d * m} places.`])
      ],
      said: `the curvature of ${d} directions is flat ${text(figures.flatTo)}${figures.kink === null ? '' : `; kinks begin at ε = ${figures.kink.toPrecision(2)}`}`
    }
  }
}
