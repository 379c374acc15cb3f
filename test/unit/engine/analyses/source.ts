// Sources of points for analyses in tests: a function, a network on a batch, the stored steps of a run; and what came of them.
import type { AnalysisCall, AnalysisOutcome, AnalysisPoint, AnalysisSource } from '../../../../src/engine/analyses'
import { expressionFunction } from '../../../../src/engine/functions/expression'
import { matrix, type Linalg, type Matrix } from '../../../../src/engine/linalg'
import type { Objective } from '../../../../src/engine/objective'
import type { Batch } from '../../../../src/engine/nn/forward'
import { lossFunction } from '../../../../src/engine/nn/losses'
import { functionObjective } from '../../../../src/engine/objectives/function'
import { networkObjective } from '../../../../src/engine/objectives/network'
import { regularizedObjective } from '../../../../src/engine/objectives/regularized'
import { scaledObjective } from '../../../../src/engine/objectives/scaled'
import { functionBlocks, variableArrays } from '../../../../src/shared/model/layout'
import { functionSpecSchema, type RunSpec } from '../../../../src/shared/spec/schema'
import type { Case } from '../nn/nets'

export const quiet: AnalysisCall = { signal: new AbortController().signal, onProgress: () => undefined }

/** Kinds that follow the trainer are tested on real runs. */
const training: AnalysisSource['training'] = () => Promise.reject(new Error('a source without a trainer'))

/** Rows of a network's own batch, which are training and test data at once; of a function none. */
export function rowsOf(
  linalg: Linalg,
  of: AnalysisPoint['network'],
  l2 = 0
): Pick<AnalysisSource, 'batchRows' | 'testSamples' | 'chosenRows' | 'objectiveOf'> {
  const open = () => {
    if (of === null) throw new Error('a function has no samples')
    return of
  }
  const taken = (from: Matrix, rows: Uint32Array) => {
    const result = matrix(rows.length, from.columns)
    rows.forEach((row, place) =>
      result.data.set(
        from.data.subarray(from.offset + row * from.stride, from.offset + row * from.stride + from.columns),
        place * from.columns
      )
    )
    return result
  }
  const chosen = (rows: Uint32Array) => ({ inputs: taken(open().batch.inputs, rows), targets: taken(open().batch.targets, rows) })
  return {
    batchRows: () => Uint32Array.from({ length: open().batch.inputs.rows }, (_, row) => row),
    testSamples: 0,
    chosenRows: (rows) => ({ batch: chosen(rows), labels: null, places: rows }),
    objectiveOf(rows) {
      const { network, loss, batch } = open()
      const f = lossFunction(loss)
      const { columns } = batch.targets
      const factor = f.weight(batch.inputs.rows, columns) / f.weight(rows.length, columns)
      return regularizedObjective(scaledObjective(networkObjective({ linalg }, network, loss, chosen(rows)), factor), l2)
    }
  }
}

function sourceOf(point: Omit<AnalysisPoint, 'spec' | 'step'>): AnalysisSource {
  // No kind that works at one point reads the spec.
  const whole: AnalysisPoint = { ...point, spec: {} as RunSpec, step: 0 }
  return {
    run: null,
    step: 0,
    spec: whole.spec,
    linalg: point.linalg,
    steps: [0],
    checkpoints: [0],
    point: async () => whole,
    parametersAt: async () => point.parameters.slice(),
    training,
    ...rowsOf(point.linalg, point.network),
    recordedLoss: async () => null,
    storedSpectrum: async () => null
  }
}

export const functionSource = (linalg: Linalg, text: string, variables: string[], at: number[]): AnalysisSource =>
  sourceOf({
    linalg,
    parameters: Float64Array.from(at),
    objective: functionObjective({ linalg }, expressionFunction(text, variables)),
    samples: 1,
    network: null
  })

export const networkSource = (linalg: Linalg, { network, batch, objective, parameters, loss }: Case): AnalysisSource =>
  sourceOf({ linalg, parameters, objective, samples: batch.inputs.rows, network: { network, batch, loss } })

/** A network's training data with weight decay and test data of their own. */
export function dataSource(linalg: Linalg, given: Case & { readonly l2: number; readonly test: Batch | null }): AnalysisSource {
  const { network, loss, l2, test } = given
  const objective = regularizedObjective(given.objective, l2)
  const training = rowsOf(linalg, { network, batch: given.batch, loss }, l2)
  const held = test === null ? null : rowsOf(linalg, { network, batch: test, loss })
  return {
    ...networkSource(linalg, { ...given, objective }),
    ...training,
    testSamples: test?.inputs.rows ?? 0,
    chosenRows: (rows, from) => (from === 'test' ? held : null)?.chosenRows(rows, from) ?? training.chosenRows(rows, from)
  }
}

interface StoredSteps {
  readonly objective: Objective
  /** Weights by step, ascending: all are checkpoints, the last is the one asked for. */
  readonly weights: ReadonlyMap<number, Float64Array>
  /** What the run wrote down for every next step. */
  readonly recorded?: number
}

/** Of a run: a network's where the case is given, else of the objective alone, with a function's spec. */
export function runSource(linalg: Linalg, { objective, weights, recorded, ...given }: StoredSteps & Partial<Case>): AnalysisSource {
  const { network, batch, loss } = given
  const steps = [...weights.keys()]
  const step = steps[steps.length - 1]
  const parametersAt = async (at: number) => {
    const found = weights.get(at)
    if (found === undefined) throw new Error(`no weights of step ${at}`)
    return found.slice()
  }
  const spec: RunSpec = functionSpecSchema.parse({
    schemaVersion: 1,
    name: 'test',
    problem: { kind: 'function', function: 'rosenbrock' },
    optimizer: { kind: 'gd', learningRate: 0.1 },
    budget: { steps: 1 }
  })
  const point = async (at = step): Promise<AnalysisPoint> => ({
    step: at,
    spec,
    linalg,
    parameters: await parametersAt(at),
    objective,
    samples: objective.samples,
    network: network && batch && loss ? { network, batch, loss } : null
  })
  return {
    run: 'test',
    step,
    spec,
    linalg,
    steps,
    checkpoints: steps,
    parametersAt,
    point,
    training,
    ...rowsOf(linalg, network && batch && loss ? { network, batch, loss } : null),
    recordedLoss: async () => recorded ?? null,
    storedSpectrum: async () => null
  }
}

/** f = ½ Σ λ_i x_i². */
export function quadratic(linalg: Linalg, eigenvalues: readonly number[]): Objective {
  const size = eigenvalues.length
  const value = (x: Float64Array) => x.reduce((sum, xi, i) => sum + 0.5 * eigenvalues[i] * xi * xi, 0)
  return {
    parameterCount: size,
    blocks: functionBlocks(size),
    arrays: variableArrays(functionBlocks(size)),
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

/** An array by its name, one that came whole or in pieces that are there already. */
export function dataOf({ arrays }: AnalysisOutcome, name: string): Float64Array {
  const array = arrays[name]
  if ('data' in array) return array.data
  return Float64Array.from([...(array.pieces as Iterable<Float64Array>)].flatMap((piece) => [...piece]))
}

/** Checks that do not hold, and arrays that are not as long as their shape says. */
export function faults({ arrays, checks }: AnalysisOutcome): string[] {
  const wrong = Object.entries(checks).flatMap(([name, { value, limit }]) =>
    value !== null && value <= limit ? [] : [`${name}: ${value} > ${limit}`]
  )
  const torn = Object.entries(arrays).flatMap(([name, array]) => {
    const length = array.shape.reduce((product, n) => product * n, 1)
    return 'data' in array && array.data.length !== length ? [`${name}: ${array.data.length} numbers for ${array.shape.join(' × ')}`] : []
  })
  return [...wrong, ...torn]
}

/** The values of an array, whole. */
export async function valuesOf(
  array: { readonly data: Float64Array } | { readonly pieces: Iterable<Float64Array> | AsyncIterable<Float64Array> }
): Promise<number[]> {
  if ('data' in array) return [...array.data]
  const values: number[] = []
  for await (const piece of array.pieces) values.push(...piece)
  return values
}
