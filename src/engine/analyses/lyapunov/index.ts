// The kind `lyapunov`: exponents of training as an iterated map (docs/dynamics.md).
import type { AnalysisOptions } from '../../../shared/analyses/kinds'
import { isFunctionSpec, type RunSpec } from '../../../shared/spec/schema'
import { matrix, requireBytes } from '../../linalg'
import { positionOf } from '../../training'
import { compileSchedule } from '../../training/schedule'
import { hasKinks, type AnalysisArray, type AnalysisCall, type AnalysisEngine, type AnalysisSource } from '../interface'
import { compareTangents } from './compare'
import { sizesOf, stateRefusal, tangentMap, whyDifferences } from './choose'
import { costOf } from './cost'
import { differenceTangent } from './difference'
import { follow, type FollowCall } from './follow'
import { orthogonality } from './orthogonalize'
import type { Followed } from './put-aside'
import { kaplanYorke, runningOf, spectrumOf, type Spectrum, type Tally } from './tally'
import type { TangentContext } from './tangent'

type Options = AnalysisOptions<'lyapunov'>

/** Up to so many weights the Hessian's largest eigenvalue at the end is taken from all of them. */
const mostWhole = 3000

/** One rate for all weights: where 2/η is the edge of stability. */
const isPlainDescent = ({ optimizer }: RunSpec) => optimizer.kind === 'gd' && optimizer.layerRates === null

/** ln|1 − ηλ| over stored spectra, of gradient descent. */
async function oneStepExponents(source: AnalysisSource): Promise<Readonly<Record<string, AnalysisArray>>> {
  const { spec, steps } = source
  if (!isPlainDescent(spec)) return {}
  const rate = await compileSchedule(spec.optimizer.learningRate)
  const { parts } = await source.training()
  const perEpoch = parts.plan.batchesPerEpoch
  const rows: Float64Array[] = []
  const found: number[] = []
  for (const step of steps) {
    const values = await source.storedSpectrum(step)
    if (values === null) continue
    const learningRate = rate(step + 1, Math.floor(step / perEpoch))
    rows.push(values.map((value) => Math.log(Math.abs(1 - learningRate * value))))
    found.push(step)
  }
  if (rows.length === 0) return {}
  return {
    oneStep: { shape: [rows.length, rows[0].length], pieces: rows },
    oneStepSteps: { shape: [found.length], data: Float64Array.from(found) }
  }
}

/** Largest |λ| of the Hessian at the end, on the batch of the step after. */
async function sharpnessAt({ linalg, parts, signal }: TangentContext, { state }: Followed): Promise<number | null> {
  const size = state.parameters.length
  if (size > mostWhole) return null
  const { problem, plan } = parts
  const objective = problem.objective(plan.at(positionOf(state)).batch, 'step')
  const [{ data }] = await objective.curvature(state.parameters, { scope: 'full', kind: 'hessian', signal })
  try {
    const values = await linalg.eigenvalues(matrix(size, size, data), { signal, overwrite: true })
    return Math.max(Math.abs(values[0]), Math.abs(values[size - 1]))
  } finally {
    linalg.release(data)
  }
}

/** What is known of the exponents after so many steps. */
const tallyArrays = (tally: Tally, { exponents, errors, order }: Spectrum) => ({
  exponents: { shape: [tally.count], data: exponents },
  errors: { shape: [tally.count], data: errors },
  running: { shape: [tally.runningSteps.length, tally.count], data: runningOf(tally, order) },
  runningSteps: { shape: [tally.runningSteps.length], data: Float64Array.from(tally.runningSteps) }
})

const nats = (value: number) => value.toPrecision(4)

function notesOf(
  spec: RunSpec,
  options: Options,
  exact: boolean,
  kinks: boolean,
  exponents: Float64Array,
  dimension: number,
  { state }: Followed
) {
  const why = whyDifferences(spec)
  const count = exponents.length
  const dead = exponents.filter((value) => value === -Infinity).length
  const shuffled = !isFunctionSpec(spec) && spec.batch.size !== null
  return [
    `Steps ${state.step - options.steps + 1} to ${state.step} of ${spec.optimizer.kind}, by the run’s own rule and batches; the values are means over these steps, not limits.`,
    ...(exact
      ? []
      : [
          `Tangent maps by central differences of the whole step${options.tangent === 'exact' && why !== null ? `: ${why}` : ''}; exponents far below the largest drown in their errors.`
        ]),
    ...(shuffled ? ['Every step has a batch of its own: the exponents are those of this sequence of batches.'] : []),
    ...(kinks
      ? [
          'The loss is smooth in pieces only: a step that carries a unit across its kink has no tangent map, and is followed as if it had not crossed.'
        ]
      : []),
    ...(count < dimension
      ? [`${count} of ${dimension} exponents, of the first ${count} axes: sum, Ruelle’s bound and dimension are of these alone.`]
      : []),
    ...(dead > 0 ? [`${dead} directions are destroyed by a step (exponent −∞): what is left of them cannot be told from rounding.`] : []),
    'The sum of the positive exponents is an upper bound of the entropy a step (Ruelle 1978); it is equal to it (Pesin) only for measures that are smooth along the unstable directions (SRB).'
  ]
}

export const lyapunov: AnalysisEngine<Options> = {
  data: 'batch',
  cost: costOf,
  refusal: (spec) => stateRefusal(spec),
  async work(source, options, call: AnalysisCall) {
    const { signal, onProgress, onPreview } = call
    const { linalg, spec } = source
    const { parts, state } = await source.training()
    const { dimension, count } = sizesOf(spec, state.parameters.length, options.exponents)
    const context: TangentContext = { linalg, parts, signal, count }
    requireBytes(`${count} tangent vectors of ${dimension} numbers`, 8 * (4 * count * dimension + 2 * count * count), linalg.availableBytes)
    const rows = matrix(count, dimension, linalg.allocate(count * dimension))
    const tangent = tangentMap(context, options.tangent, options.r)
    const followCall: FollowCall = {
      ...call,
      source,
      onFirst: async (point) =>
        tangent.exact
          ? compareTangents(point, tangent, (r) => differenceTangent({ ...context, count: 1 }, tangent.arrays, r), options.r, dimension)
          : Number.NaN,
      onTally: ({ tally }) => {
        if (tally.done > 0) onPreview?.(tallyArrays(tally, spectrumOf(tally)))
      }
    }
    try {
      const determinant = tangent.exact && count === dimension
      const followed = await follow(parts, state, tangent, rows, { ...options, count, determinant }, followCall)
      onProgress(1, 'the Hessian at the end')
      const { tally } = followed
      const spectrum = spectrumOf(tally)
      const { exponents, errors } = spectrum
      const sharpness = await sharpnessAt(context, followed)
      const apart = await orthogonality(linalg, followed.rows, signal)
      const sum = exponents.reduce((total, value) => total + value, 0)
      const positive = exponents.filter((value) => value > 0)
      const logDeterminant = determinant ? tally.logDeterminant / options.steps : null
      const scale = Math.max(1, ...exponents.filter(Number.isFinite).map(Math.abs))
      const isGd = isPlainDescent(spec)
      const finiteOrNull = (value: number) => (Number.isNaN(value) ? null : value)
      const largest = exponents[0]
      return {
        arrays: {
          ...tallyArrays(tally, spectrum),
          ...(await oneStepExponents(source))
        },
        figures: {
          largest,
          largestError: finiteOrNull(errors[0]),
          sum,
          logDeterminant,
          sumPositive: positive.reduce((total, value) => total + value, 0),
          kaplanYorke: kaplanYorke(exponents),
          positive: positive.length,
          steps: options.steps,
          dimension,
          sharpness,
          twoOverEta: isGd ? 2 / parts.learningRate(followed.state.step, followed.state.epoch) : null,
          orthogonalizations: followed.orthogonalizations,
          fallbacks: followed.fallbacks,
          resumed: followed.resumed,
          departure: finiteOrNull(followed.departure)
        },
        checks: {
          ...(logDeterminant === null || !Number.isFinite(logDeterminant)
            ? {}
            : { determinant: { value: finiteOrNull(Math.abs(sum - logDeterminant) / scale), limit: 1e-10 } }),
          ...(tangent.exact ? { tangent: { value: finiteOrNull(followed.tangentError), limit: 1e-6 } } : {}),
          orthogonality: { value: apart, limit: 1e-12 }
        },
        notes: notesOf(spec, options, tangent.exact, hasKinks(parts.problem), exponents, dimension, followed),
        said: `largest exponent ${nats(largest)}${Number.isNaN(errors[0]) ? '' : ` ± ${errors[0].toPrecision(2)}`} nats a step over ${options.steps} steps, ${positive.length} of ${count} positive, sum ${nats(sum)}`
      }
    } finally {
      tangent.release()
      linalg.release(rows.data)
    }
  }
}
