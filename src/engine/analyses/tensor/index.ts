// The kind `tensor`: third derivatives by jets and polarization (docs/higher-order-derivatives.md).
import { packedCount } from '../../../shared/analyses/tensor'
import type { AnalysisOptions } from '../../../shared/analyses/kinds'
import { requireBytes } from '../../linalg'
import { norm, plusScaled, unit } from '../../linalg/vectors'
import { fillNormal, randomStream } from '../../random'
import { chosenVectors } from '../../curvature/snapshot'
import { eigenpairsAt, roundingLimit } from '../eigenpairs'
import { hasKinks, type AnalysisCall, type AnalysisEngine, type AnalysisOutcome, type AnalysisPoint } from '../interface'
import { lineJets, projected, thirdDerivatives } from '../landau/coupling'
import { samplesNote } from '../which-samples'
import { packedThirdDerivatives, type TensorSums } from './packed'

type Options = AnalysisOptions<'tensor'>

/** Length 1. */
function randomUnit(length: number): Float64Array {
  return unit(fillNormal(randomStream(0, 'tensor'), new Float64Array(length)))
}

/** T₃[v, v, ·] by one jet. */
async function contractedByJet(jetsOf: ReturnType<typeof lineJets>, v: Float64Array): Promise<Float64Array> {
  const [{ gradient }] = await jetsOf([v], 2)
  return gradient.data.slice(2 * v.length, 3 * v.length).map((x) => 2 * x)
}

/** Judged by the largest entry too: a contraction may cancel. */
function checksOf(
  found: Pick<TensorSums, 'contraction' | 'largest' | 'asymmetry'>,
  expected: Float64Array,
  limit: number
): AnalysisOutcome['checks'] {
  const { contraction, largest, asymmetry } = found
  const size = Math.max(norm(expected), largest)
  return {
    contraction: { value: size > 0 ? norm(plusScaled(contraction, -1, expected)) / size : 0, limit },
    symmetry: { value: largest > 0 ? asymmetry / largest : 0, limit }
  }
}

const notesOf = (point: AnalysisPoint, data: Options['data']): string[] => [
  ...samplesNote(point, data),
  ...(hasKinks(point) ? ['The loss is piecewise smooth: the derivatives are those of the piece the point lies on.'] : [])
]

/** From this size on what is computed is put aside too, so that an interruption costs little. */
const worthKeeping = 8e6
const isKept = (size: number) => 8 * packedCount(size) >= worthKeeping

async function ofParameters(
  point: AnalysisPoint,
  data: Options['data'],
  { signal, onProgress, tiles }: AnalysisCall
): Promise<AnalysisOutcome> {
  const { objective, parameters, linalg } = point
  const size = parameters.length
  requireBytes('two matrices of all parameters', 16 * size * size, linalg.availableBytes)
  const jetsOf = lineJets(objective, parameters, signal)
  const v = randomUnit(size)
  const expected = await contractedByJet(jetsOf, v)
  const sums: TensorSums = { contraction: new Float64Array(size), squares: 0, largest: 0, asymmetry: 0, resumed: 0 }
  const pieces = packedThirdDerivatives(jetsOf, size, v, sums, {
    tiles: (isKept(size) ? tiles : null) ?? null,
    onProgress: (fraction) => onProgress(fraction, 'third derivatives')
  })
  const numbers = packedCount(size)
  const jets = (size * (size + 1)) / 2
  return {
    arrays: { t3: { shape: [numbers], pieces } },
    figures: { size, numbers, jets },
    checks: {},
    afterwards: () => ({
      figures: { largest: sums.largest, norm: Math.sqrt(sums.squares), resumed: sums.resumed },
      checks: checksOf(sums, expected, 1e-9)
    }),
    notes: notesOf(point, data),
    said: `${numbers} third derivatives of ${size} parameters from ${jets} jets`
  }
}

async function ofEigenvectors(
  point: AnalysisPoint,
  { k: asked, data }: Options,
  { signal, onProgress }: AnalysisCall
): Promise<AnalysisOutcome> {
  const { objective, parameters } = point
  const call: AnalysisCall = { signal, onProgress: (done, what) => onProgress(0.4 * done, what) }
  const { values, vectors, indices, residual } = await eigenpairsAt(point, chosenVectors(parameters.length, asked), call)
  const k = vectors.rows
  const pairs = (k * (k + 1)) / 2
  const jetsOf = lineJets(objective, parameters, signal)
  let done = 0
  const { t3, asymmetry } = await thirdDerivatives(jetsOf, vectors, () => onProgress(0.4 + (0.6 * ++done) / pairs, 'third derivatives'))
  const weights = randomUnit(k)
  const v = new Float64Array(parameters.length)
  for (let a = 0; a < k; a++) for (let i = 0; i < v.length; i++) v[i] += weights[a] * vectors.data[a * v.length + i]
  const contraction = new Float64Array(k)
  for (let a = 0; a < k; a++)
    for (let b = 0; b < k; b++) for (let c = 0; c < k; c++) contraction[c] += weights[a] * weights[b] * t3[(a * k + b) * k + c]
  const largest = t3.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  const exact = roundingLimit(parameters.length)
  const expected = projected(await contractedByJet(jetsOf, v), vectors)
  return {
    arrays: {
      t3: { shape: [k, k, k], data: t3 },
      eigenvalues: { shape: [k], data: values },
      indices: { shape: [k], data: Float64Array.from(indices) }
    },
    figures: { size: k, numbers: t3.length, jets: 2 * pairs, largest, norm: norm(t3) },
    checks: { ...checksOf({ contraction, largest, asymmetry }, expected, 1e-9), residual: { value: residual, limit: exact } },
    notes: notesOf(point, data),
    said: `third derivatives in ${k} eigenvectors: largest ${largest.toPrecision(4)}, norm ${norm(t3).toPrecision(4)}`
  }
}

export const tensor: AnalysisEngine<Options> = {
  cost({ parameterCount: size, samples }, { basis, k: asked }) {
    const k = Math.min(asked, size)
    // A jet of order 2, of several at once, is worth about one and a half gradients.
    const jet = 1.5 * (3e-9 * size * samples + 1e-5) + 4e-8 * size
    if (basis === 'parameters')
      return {
        seconds: 0.1 + ((size * (size + 1)) / 2) * jet,
        memoryBytes: 16 * size * size + 64e6,
        diskBytes: (isKept(size) ? 2 : 1) * 8 * packedCount(size)
      }
    return {
      seconds: 0.1 + 1e-9 * size * size * samples + 3e-10 * size ** 3 + k * (k + 1) * jet,
      memoryBytes: 24 * size * size + 16 * k * size + 64e6,
      diskBytes: 8 * k ** 3 + 16 * k
    }
  },
  async work(source, options, call) {
    const point = await source.point()
    return options.basis === 'parameters' ? ofParameters(point, options.data, call) : ofEigenvectors(point, options, call)
  }
}
