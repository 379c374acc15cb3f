// The kind `influence`: what leaving a training sample out does to the loss of a test sample, predicted from one factorization and carried out for some.
import type { AnalysisOptions } from '../../../shared/analyses/kinds'
import { defaultTestRows } from '../../../shared/analyses/influence'
import { spearman } from '../../../shared/run/correlation'
import { isFunctionSpec } from '../../../shared/spec/schema'
import { curvatureBytes } from '../../curvature/memory'
import { matrix, requireBytes, rowOf, type Matrix } from '../../linalg'
import { norm, plusScaled } from '../../linalg/vectors'
import type { Objective } from '../../objective'
import { hasKinks, type AnalysisArray, type AnalysisCall, type AnalysisEngine, type AnalysisSource, type ChosenRows } from '../interface'
import { samplesNote } from '../which-samples'
import { minimizeAgain, rowsToRetrain } from './retrain'
import { sampleGradients, sampleLosses, weightIn, type Samples } from './samples'
import { influenceSeries, type SeriesProblem } from './series'
import { dampedSolver, type DampedSolver } from './solver'

type Options = AnalysisOptions<'influence'>

/** Solutions that are held against Hessian-vector products. */
const checkedSolutions = 16

const rootMeanSquare = (values: readonly number[]): number =>
  values.length === 0 ? 0 : norm(Float64Array.from(values)) / Math.sqrt(values.length)

const meanMagnitude = (values: readonly number[]): number => values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length

const span = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** Which rows, of what; throws one sentence for a row that is none, or training rows that are not in the batch. */
function rowsOf(source: AnalysisSource, { train, test }: Options) {
  const batch = source.batchRows()
  const inBatch = new Set(batch)
  const stray = train?.find((row) => !inBatch.has(row))
  if (stray !== undefined)
    throw new Error(
      `influence: train has row ${stray}, which is not among the ${batch.length} training rows of the loss; give rows of this batch, or data=all`
    )
  if (batch.length < 2) throw new Error('influence: the loss is that of one sample, and without it there is none left')
  const from: 'test' | 'training' = source.testSamples > 0 ? 'test' : 'training'
  const count = from === 'test' ? source.testSamples : null
  const beyond = count === null ? undefined : test?.find((row) => row >= count)
  if (beyond !== undefined) throw new Error(`influence: test has row ${beyond}, and there are ${count} test samples, counted from 0`)
  const trainRows = train === null ? batch : Uint32Array.from(new Set(train))
  const testRows =
    test === null
      ? from === 'test'
        ? Uint32Array.from(span(Math.min(defaultTestRows, source.testSamples)))
        : batch.slice(0, defaultTestRows)
      : Uint32Array.from(new Set(test))
  return { batch, from, trainRows, testRows }
}

/** Largest ‖(H + δ)x − g‖ / ‖g‖ of the first rows. */
async function worstResidual(
  objective: Objective,
  parameters: Float64Array,
  damping: number,
  solutions: Matrix,
  right: Matrix,
  signal: AbortSignal
): Promise<number> {
  const count = Math.min(checkedSolutions, solutions.rows)
  const product = await objective.products(parameters, 'hessian', { signal })
  const images = await product(matrix(count, solutions.columns, solutions.data.subarray(0, count * solutions.columns)), { signal })
  let worst = 0
  for (let k = 0; k < count; k++) {
    const [x, g] = [rowOf(solutions, k), rowOf(right, k)]
    const error = plusScaled(plusScaled(rowOf(images, k), damping, x), -1, g)
    if (norm(g) > 0) worst = Math.max(worst, norm(error) / norm(g))
  }
  return worst
}

interface Pairs {
  readonly samples: SeriesProblem
  readonly firsts: Matrix
  readonly c: number
  /** Order × train × test. */
  readonly orders: Float64Array
  readonly trainRows: Uint32Array
  readonly batch: Uint32Array
  readonly testLosses: Float64Array
  readonly gradientNorms: readonly number[]
}

/** Leaves the chosen samples out for real. */
async function leaveOut(source: AnalysisSource, pairs: Pairs, { retrain, order, damping }: Options, call: AnalysisCall) {
  const { samples, firsts, c, orders, trainRows, batch, testLosses, gradientNorms } = pairs
  const { parameters, test } = samples
  const { signal, onProgress } = call
  const columns = testLosses.length
  const last = orders.subarray((order - 1) * trainRows.length * columns)
  const lengths = span(trainRows.length).map((n) => norm(last.subarray(n * columns, (n + 1) * columns)))
  const retrained = rowsToRetrain(lengths, retrain)
  const actual = new Float64Array(retrained.length * columns).fill(Number.NaN)
  let resolves = 0
  let lost = 0
  for (const [place, n] of retrained.entries()) {
    signal.throwIfAborted()
    const objective = source.objectiveOf(
      batch.filter((row) => row !== trainRows[n]),
      'training'
    )
    const start = plusScaled(parameters, c, rowOf(firsts, n))
    const found = await minimizeAgain(source.linalg, objective, { origin: parameters, start, damping }, signal)
    if (found === null) lost++
    else {
      resolves = Math.max(resolves, found.gradient / (c * gradientNorms[n]))
      const losses = await sampleLosses(test, found.parameters, signal)
      for (let m = 0; m < columns; m++) actual[place * columns + m] = -(losses[m] - testLosses[m]) / c
    }
    onProgress(0.6 + (0.4 * (place + 1)) / retrained.length, 'leaving samples out')
  }
  return { retrained, actual, resolves, lost }
}

/** Spearman's coefficient and the errors of the orders over the pairs that were carried out. */
function comparison({ orders, c, trainRows, testLosses }: Pairs, order: number, retrained: readonly number[], actual: Float64Array) {
  const columns = testLosses.length
  const known = span(actual.length).filter((i) => Number.isFinite(actual[i]))
  const real = known.map((i) => actual[i])
  const predicted = span(order).map((k) => {
    const from = k * trainRows.length * columns
    return known.map((i) => orders[from + retrained[Math.floor(i / columns)] * columns + (i % columns)])
  })
  const errors = predicted.map((values) => meanMagnitude(values.map((value, i) => c * (value - real[i]))))
  return {
    spearman: spearman(predicted[order - 1], real),
    change: known.length === 0 ? null : meanMagnitude(real.map((value) => c * value)),
    errors: known.length === 0 ? [] : errors
  }
}

const numbers = (values: ArrayLike<number>): AnalysisArray => ({ shape: [values.length], data: Float64Array.from(values) })

/** Arrays that say which samples they are. */
function sampleArrays(
  name: 'train' | 'test',
  rows: Uint32Array,
  { labels, places }: ChosenRows,
  predicted: Float64Array,
  losses: Float64Array
) {
  const none = new Float64Array(rows.length).fill(Number.NaN)
  return {
    [`${name}Rows`]: numbers(rows),
    [`${name}Places`]: numbers(places),
    [`${name}Labels`]: numbers(labels ?? none),
    [`${name}Predicted`]: numbers(labels === null ? none : predicted),
    [`${name}Losses`]: numbers(losses)
  }
}

export const influence: AnalysisEngine<Options> = {
  cost({ parameterCount: size, samples }, { order, train, test, retrain }) {
    const [rows, columns] = [train?.length ?? samples, test?.length ?? defaultTestRows]
    const gradient = 6e-9 * size * samples + 1e-4
    const newton = 1e-9 * size * size * samples + 1e-10 * size ** 3
    return {
      seconds: 0.2 + newton + 1e-9 * rows * size * size + rows * [0, 0, 6, 16][order] * gradient + 4 * Math.min(retrain, rows) * newton,
      memoryBytes: 8 * (2.4 * size * size + (3 + 2 * order) * rows * size + columns * size) + 64e6,
      diskBytes: 8 * (rows * columns * (order > 1 ? order + 1 : 1) + Math.min(retrain, rows) * columns + 8 * (rows + columns))
    }
  },
  refusal: (spec) => (isFunctionSpec(spec) ? 'a function has no samples to leave out; give a run or spec of a network' : null),
  async work(source, options, call) {
    const { damping, order, retrain, data } = options
    const { signal, onProgress } = call
    const point = await source.point()
    const { linalg, objective, parameters, network: given } = point
    if (given === null) throw new Error('influence: a function has no samples to leave out')
    const { network, loss } = given
    const { batch, from, trainRows, testRows } = rowsOf(source, options)
    const size = parameters.length
    const needed = curvatureBytes(objective.blocks, 'full', {}).peak + 8 * size * ((3 + order) * trainRows.length + testRows.length)
    requireBytes(`influence of ${trainRows.length} samples with ${size} weights`, needed, linalg.availableBytes)

    const [chosenTrain, chosenTest] = [source.chosenRows(trainRows, 'training'), source.chosenRows(testRows, from)]
    const samplesOf = ({ batch: rows }: ChosenRows): Samples => ({ linalg, network, loss, batch: rows })
    const [train, test] = [samplesOf(chosenTrain), samplesOf(chosenTest)]
    const c = weightIn(train, batch.length)
    const [ofTrain, ofTest] = [await sampleGradients(train, parameters, signal), await sampleGradients(test, parameters, signal)]
    onProgress(0.1, 'factorizing the Hessian')
    const solver: DampedSolver = await dampedSolver(linalg, objective, parameters, damping, signal)
    try {
      onProgress(0.2, 'solving for all samples')
      const firsts = await solver.solve(ofTrain.gradients)
      const residual = await worstResidual(objective, parameters, damping, firsts, ofTrain.gradients, signal)
      const [rows, columns] = [trainRows.length, testRows.length]
      const first = matrix(rows, columns)
      await linalg.gemm(firsts, ofTest.gradients, first, { transposeB: 'transpose', alpha: -1, signal })
      const problem: SeriesProblem = { objective, parameters, solver, train, test }
      let orders = first.data
      let series: number | null = null
      if (order > 1) {
        orders = await influenceSeries(problem, firsts, c, order, {
          signal,
          given: (sample) => onProgress(0.2 + (0.4 * (sample + 1)) / rows, 'series of each sample')
        })
        const largest = first.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
        const apart = first.data.reduce((most, value, i) => Math.max(most, Math.abs(value - orders[i])), 0)
        series = largest > 0 ? apart / largest : apart
      }
      const influences = orders.slice((order - 1) * rows * columns)

      const gradient = new Float64Array(size)
      await objective.gradient(parameters, gradient, { signal })
      const gradientNorms = span(rows).map((n) => norm(rowOf(ofTrain.gradients, n)))
      const own = c * rootMeanSquare(gradientNorms)
      const stationarity = own > 0 ? norm(gradient) / own : null
      const pairs: Pairs = { samples: problem, firsts, c, orders, trainRows, batch, testLosses: ofTest.losses, gradientNorms }
      const left = retrain > 0 ? await leaveOut(source, pairs, options, call) : null
      const compared = left === null ? null : comparison(pairs, order, left.retrained, left.actual)
      const errors = Object.fromEntries((compared?.errors ?? []).map((error, k) => [`error${k + 1}`, error]))
      const { negative } = solver
      return {
        arrays: {
          influence: { shape: [rows, columns], data: influences },
          ...(order > 1 ? { orders: { shape: [order, rows, columns], data: orders } } : {}),
          ...(left === null
            ? {}
            : { actual: { shape: [left.retrained.length, columns], data: left.actual }, retrained: numbers(left.retrained) }),
          ...sampleArrays('train', trainRows, chosenTrain, ofTrain.predicted, ofTrain.losses),
          ...sampleArrays('test', testRows, chosenTest, ofTest.predicted, ofTest.losses)
        },
        figures: {
          order,
          weight: c,
          onTest: from === 'test' ? 1 : 0,
          stationarity,
          negative,
          condition: solver.condition,
          ...(compared === null ? {} : { spearman: compared.spearman, change: compared.change, ...errors })
        },
        checks: {
          stationary: { value: stationarity, limit: 1e-6 },
          solve: { value: residual, limit: Math.max(1e-10, 1e-15 * solver.condition) },
          ...(series === null ? {} : { series: { value: series, limit: 1e-10 } }),
          ...(left === null ? {} : { resolves: { value: left.resolves, limit: 1e-6 } })
        },
        notes: [
          ...samplesNote(point, data),
          `Test samples are ${columns} of the run's ${from} data; their losses are without weight decay.`,
          ...(negative === null || negative === 0
            ? []
            : [
                `H + δ has ${negative} negative eigenvalues: the point is no minimum, and what is predicted is how the stationary point moves.`
              ]),
          ...(left !== null && left.lost > 0
            ? [`Of ${left.retrained.length} samples left out, ${left.lost} led to a Hessian that is not positive definite: NaN.`]
            : []),
          ...(hasKinks(point) ? ['The loss is piecewise smooth: the prediction is that of the piece the point lies on.'] : [])
        ],
        said: saidOf(options, {
          rows,
          columns,
          from,
          spearman: compared?.spearman ?? null,
          retrained: left?.retrained.length ?? 0,
          stationarity
        })
      }
    } finally {
      solver.release()
    }
  }
}

function saidOf(
  { order }: Options,
  found: {
    readonly rows: number
    readonly columns: number
    readonly from: string
    readonly spearman: number | null
    readonly retrained: number
    readonly stationarity: number | null
  }
): string {
  const pairs = `influence to order ${order} of ${found.rows} training samples on ${found.columns} ${found.from} samples`
  const compared =
    found.spearman === null ? '' : `; rank correlation with ${found.retrained} left out for real ${found.spearman.toPrecision(4)}`
  const off =
    found.stationarity !== null && found.stationarity > 1e-6
      ? `; the weights are no stationary point (‖∇f‖ is ${found.stationarity.toExponential(1)} of what one sample moves)`
      : ''
  return `${pairs}${compared}${off}`
}
