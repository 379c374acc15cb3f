// How a step's time and memory grow with the number of parameters P and of samples N, for every optimizer there is, beside what its record in shared/spec/optimizers.ts says.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { setTimeout } from 'node:timers/promises'
import { matrix, openLinalg, type Linalg } from '../src/engine/linalg'
import { drawParameters } from '../src/engine/nn/parameters'
import { fillNormal, randomStream } from '../src/engine/random'
import { finishStep, initialState, networkOf, openProblem, stepParts, type TrainingData } from '../src/engine/training'
import { blockShapes, layerArrays, layerBlocks } from '../src/shared/model/layout'
import { factsOf, optimizerKinds, scopeOf } from '../src/shared/spec/optimizers'
import { networkSpecSchema, type NetworkSpec, type OptimizerKind } from '../src/shared/spec/schema'
import type { Bench, Row } from './bench'
import { median, powerLaw } from './measure'

interface Plan {
  readonly layers: (width: number) => number[]
  readonly widths: readonly number[]
  /** Width of the series over N. */
  readonly width: number
  readonly samples: readonly number[]
}

const square = (width: number) => [width, width, 2 * width]
/** By the work of a step: matrices of P × P, some products, passes alone; an inverse gradient is of one layer and asks for no more samples than inputs. */
const matrices: Plan = { layers: square, widths: [10, 13, 16, 20, 25], width: 11, samples: [50, 100, 200, 400, 800] }
const products: Plan = { layers: square, widths: [65, 95, 140, 200, 280], width: 65, samples: [50, 100, 200, 400, 800] }
const passes: Plan = { layers: square, widths: [110, 150, 200, 280, 400], width: 110, samples: [100, 200, 400, 800, 1600] }
const inverse: Plan = {
  layers: (width) => [width, 20],
  widths: [450, 675, 1000, 1500, 2200],
  width: 800,
  samples: [50, 100, 200, 400, 800]
}
const fewSamples = 100

function planOf(kind: OptimizerKind): Plan {
  const { needs } = factsOf({ kind })
  if (needs === 'inverse-gradient') return inverse
  if (needs === 'gradient') return passes
  return scopeOf(specOf(kind, square(2)).optimizer) === null ? products : matrices
}

/** Options that make a step do the same work each time, where the defaults do not. */
const options: Partial<Record<OptimizerKind, Record<string, unknown>>> = { 'l-bfgs': { maxIterations: 4, lineSearch: 'strong-wolfe' } }

function specOf(kind: OptimizerKind, layers: number[]): NetworkSpec {
  const needsInverse = factsOf({ kind }).needs === 'inverse-gradient'
  return networkSpecSchema.parse({
    schemaVersion: 1,
    name: `scaling of ${kind}`,
    data: { dataset: 'synthetic' },
    model: {
      layers,
      activation: needsInverse ? { kind: 'leaky-relu', slope: 0.5 } : { kind: 'tanh' },
      init: { kind: 'fan-in-normal' }
    },
    loss: 'half-sse',
    // Shuffled, so that no factorization of a batch is kept for its next time.
    batch: { size: null, shuffle: true },
    optimizer: { kind, learningRate: 1e-4, ...options[kind] },
    snapshots: { everySteps: null },
    budget: { steps: 1 }
  })
}

function dataOf(layers: number[], samples: number): TrainingData {
  const random = randomStream(0, 'bench')
  const [inputs, outputs] = [layers[0], layers[layers.length - 1]]
  const of = (columns: number) => matrix(samples, columns, fillNormal(random, new Float64Array(samples * columns), 0.5))
  return { train: { inputs: of(inputs), targets: of(outputs), labels: null }, validation: null, test: null }
}

let collect: (() => void) | null = null
/** Twice, with time between: what backs a collected array is given back by other threads, and counts until then. */
async function collectGarbage(): Promise<void> {
  if (collect === null) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  for (let round = 0; round < 2; round++) {
    collect()
    await setTimeout(50)
  }
}

/** The most that the backend and array buffers take while `work` goes on, beyond what they took before: looked at whenever the event loop turns, and at the end. */
async function peakBytes(linalg: Linalg, work: () => Promise<unknown>): Promise<number> {
  await collectGarbage()
  const taken = () => linalg.memory.heldBytes + process.memoryUsage().arrayBuffers
  const before = taken()
  let peak = 0
  let going = true
  const look = () => {
    peak = Math.max(peak, taken() - before)
    if (going) void setTimeout(1).then(look)
  }
  look()
  await work()
  going = false
  return Math.max(peak, taken() - before)
}

interface Point {
  readonly P: number
  readonly N: number
  readonly seconds: number
  readonly bytes: number
  /** As the optimizer's record has it. */
  readonly flops: number
  readonly ownBytes: number
}

/** The same step from the start of a run again and again, through the code that trains. */
async function measure(linalg: Linalg, kind: OptimizerKind, layers: number[], samples: number, signal?: AbortSignal): Promise<Point> {
  const spec = specOf(kind, layers)
  const data = dataOf(layers, samples)
  const network = networkOf(spec, data)
  const parts = await stepParts(linalg, spec, openProblem({ linalg }, spec, data))
  try {
    const start = initialState(spec, drawParameters(network, { kind: 'fan-in-normal', gain: 1 }, randomStream(0, 'init')))
    const quiet = { onPhase: () => undefined, onProgress: () => undefined }
    const step = async () => (await finishStep(parts, start, signal ?? new AbortController().signal, quiet)).state.seconds
    await step()
    const bytes = await peakBytes(linalg, step)
    const times: number[] = []
    for (let spent = 0; times.length < 3 || (spent < 0.2 && times.length < 200); spent += times[times.length - 1]) times.push(await step())
    const P = network.parameterCount
    const { optimizer } = spec
    const facts = factsOf(optimizer)
    const matrices = layerBlocks(layers, false)
    const blocks = blockShapes(matrices, scopeOf(optimizer) ?? 'full')
    const arrays = layerArrays(matrices, false).map(({ shape }) => shape)
    const size = { parameters: P, batch: samples, blocks, layers: matrices, arrays }
    const own = facts.cost(optimizer, size)
    const activations = 4 * samples * layers.reduce((sum, width) => sum + width, 0)
    return {
      P,
      N: samples,
      seconds: median(times),
      bytes,
      flops: 6 * samples * P + own.flops,
      ownBytes: 8 * (own.numbers + 4 * P + facts.state(optimizer, size) + activations)
    }
  } finally {
    parts.optimizer.dispose?.()
    parts.problem.dispose()
  }
}

/** More than its standard error and a fifth away from what the record says. */
const tolerated = 0.2

/** Rows of one series: the exponents of time and memory beside those of the record over the same points. */
function rowsOf(kind: OptimizerKind, over: 'P' | 'N', points: readonly Point[]): Row[] {
  const fitted = (pick: (point: Point) => number) => powerLaw(points.map((point) => [point[over], pick(point)] as const))
  const row = (what: string, pick: (point: Point) => number, expect: (point: Point) => number): Row => {
    const { exponent, standardError } = fitted(pick)
    const expected = fitted(expect).exponent
    const last = points[points.length - 1]
    return {
      optimizer: kind,
      grows: `${what} over ${over}`,
      from: points[0][over],
      to: last[over],
      fixed: over === 'P' ? `N = ${last.N}` : `P = ${last.P}`,
      exponent,
      standardError,
      expected,
      differs: Math.abs(exponent - expected) > standardError + tolerated,
      atTheEnd: pick(last)
    }
  }
  return [
    row(
      'seconds',
      ({ seconds }) => seconds,
      ({ flops }) => flops
    ),
    row(
      'bytes',
      ({ bytes }) => bytes,
      ({ ownBytes }) => ownBytes
    )
  ]
}

export const scalingBench: Bench = {
  describe:
    'exponents of a step’s time and memory over P and over N, every optimizer, beside those that its record counts over the same points',
  async run({ report, signal, long }) {
    const rows: Row[] = []
    const linalg = await openLinalg()
    try {
      for (const kind of optimizerKinds) {
        const plan = planOf(kind)
        // With --long one point more at the upper end, where fixed costs show least.
        const widths = long ? [...plan.widths, Math.round(plan.widths[plan.widths.length - 1] * 1.4)] : plan.widths
        const byP: Point[] = []
        for (const width of widths) byP.push(await measure(linalg, kind, plan.layers(width), fewSamples, signal))
        const byN: Point[] = []
        for (const samples of plan.samples) byN.push(await measure(linalg, kind, plan.layers(plan.width), samples, signal))
        for (const row of [...rowsOf(kind, 'P', byP), ...rowsOf(kind, 'N', byN)]) {
          rows.push(row)
          report(row)
        }
      }
    } finally {
      await linalg.dispose()
    }
    return rows
  }
}
