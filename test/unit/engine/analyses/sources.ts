// Sources of points as a run or a spec gives them to an analysis, made of a network or function at hand.
import type { AnalysisCall, AnalysisOutcome, AnalysisPoint, AnalysisSource } from '../../../../src/engine/analyses'
import { matrix, type Linalg, type Matrix } from '../../../../src/engine/linalg'
import type { Batch } from '../../../../src/engine/nn/forward'
import type { Network } from '../../../../src/engine/nn/network'
import type { Objective } from '../../../../src/engine/objective'
import { functionSpecSchema, type LossKind, type RunSpec } from '../../../../src/shared/spec/schema'

export interface Given {
  readonly objective: Objective
  readonly network?: Network
  readonly batch?: Batch
  readonly loss?: LossKind
  /** Weights by step. */
  readonly weights: ReadonlyMap<number, Float64Array>
  readonly recorded?: number
}

const functionSpec = (): RunSpec =>
  functionSpecSchema.parse({
    schemaVersion: 1,
    name: 'test',
    seed: 0,
    problem: { kind: 'function', function: 'rosenbrock' },
    optimizer: { kind: 'gd', learningRate: 0.1 },
    budget: { steps: 1 }
  })

export function sourceOf(linalg: Linalg, given: Given): AnalysisSource {
  const { objective, network, batch, loss, weights } = given
  const steps = [...weights.keys()]
  const step = steps[steps.length - 1]
  const parametersAt = async (at: number) => {
    const found = weights.get(at)
    if (found === undefined) throw new Error(`no weights of step ${at}`)
    return found.slice()
  }
  const spec = functionSpec()
  return {
    run: 'test',
    step,
    spec,
    linalg,
    steps,
    checkpoints: steps,
    parametersAt,
    recordedLoss: async () => given.recorded ?? null,
    point: async (at = step): Promise<AnalysisPoint> => ({
      step: at,
      spec,
      linalg,
      parameters: await parametersAt(at),
      objective,
      samples: objective.samples,
      network: network && batch && loss ? { network, batch, loss } : null
    })
  }
}

export const quietCall = (): AnalysisCall => ({ signal: new AbortController().signal, onProgress: () => undefined })

export function dataOf({ arrays }: AnalysisOutcome, name: string): Float64Array {
  const array = arrays[name]
  if ('data' in array) return array.data
  const pieces = [...(array.pieces as Iterable<Float64Array>)]
  return Float64Array.from(pieces.flatMap((piece) => [...piece]))
}

/** Every check holds, and every array is as long as its shape says. */
export function faults({ arrays, checks }: AnalysisOutcome): string[] {
  return [
    ...Object.entries(checks).flatMap(([name, { value, limit }]) =>
      value !== null && value <= limit ? [] : [`${name}: ${value} > ${limit}`]
    ),
    ...Object.entries(arrays).flatMap(([name, array]) => {
      const length = array.shape.reduce((product, n) => product * n, 1)
      return 'data' in array && array.data.length !== length ? [`${name}: ${array.data.length} numbers for ${array.shape.join(' × ')}`] : []
    })
  ]
}

/** f = ½ Σ λ_i x_i². */
export function quadratic(linalg: Linalg, eigenvalues: readonly number[]): Objective {
  const size = eigenvalues.length
  const value = (x: Float64Array) => x.reduce((sum, xi, i) => sum + 0.5 * eigenvalues[i] * xi * xi, 0)
  return {
    parameterCount: size,
    blocks: [{ name: 'x', offset: 0, rows: size, columns: 1 }],
    samples: 1,
    loss: async (x) => value(x),
    async gradient(x, gradient) {
      x.forEach((xi, i) => (gradient[i] = eigenvalues[i] * xi))
      return value(x)
    },
    async curvature() {
      const data = linalg.allocate(size * size)
      eigenvalues.forEach((lambda, i) => (data[i * (size + 1)] = lambda))
      return [{ name: 'full', offset: 0, size, units: 1, data, positiveSemidefinite: false }]
    },
    products: async () => async (vectors: Matrix) => {
      const result = matrix(vectors.rows, size)
      for (let r = 0; r < vectors.rows; r++)
        for (let i = 0; i < size; i++) result.data[r * size + i] = eigenvalues[i] * vectors.data[vectors.offset + r * vectors.stride + i]
      return result
    }
  }
}
