// Rows of a run's data by themselves, and the run's loss of them alone: what an analysis leaves out or looks at one by one.
import { validationRows, type SampleRows } from '../../engine/data/split'
import type { AnalysisSource } from '../../engine/analyses'
import { matrix, type Linalg, type Matrix } from '../../engine/linalg'
import { lossFunction } from '../../engine/nn/losses'
import { networkObjective } from '../../engine/objectives/network'
import { regularizedObjective } from '../../engine/objectives/regularized'
import { scaledObjective } from '../../engine/objectives/scaled'
import type { TrainingData } from '../../engine/training'
import type { TrainingProblem } from '../../engine/training/problem'
import { isFunctionSpec, type RunSpec } from '../../shared/spec/schema'
import { SpecFault } from '../prepare'

function copiedRows(from: Matrix, rows: Uint32Array): Matrix {
  const result = matrix(rows.length, from.columns)
  for (const [place, row] of rows.entries()) {
    if (row >= from.rows) throw new Error(`row ${row}: there are ${from.rows}, counted from 0`)
    const start = from.offset + row * from.stride
    result.data.set(from.data.subarray(start, start + from.columns), place * from.columns)
  }
  return result
}

/** Of every training row its place in the dataset: those split off for validation are not among them. */
function trainingPlaces(spec: RunSpec, { train, validation }: TrainingData): Uint32Array {
  const apart = validation?.inputs.rows ?? 0
  const all = train.inputs.rows + apart
  if (apart === 0) return Uint32Array.from({ length: all }, (_, place) => place)
  const left = new Set(validationRows(all, apart, spec.seed))
  return Uint32Array.from({ length: all }, (_, place) => place).filter((place) => !left.has(place))
}

/** `samples`: behind the loss whose weight a chosen row keeps. */
export function rowChoice(
  linalg: Linalg,
  spec: RunSpec,
  data: TrainingData | null,
  problem: TrainingProblem,
  samples: number
): Pick<AnalysisSource, 'testSamples' | 'chosenRows' | 'objectiveOf'> {
  const open = () => {
    if (isFunctionSpec(spec) || data === null || problem.network === null)
      throw new SpecFault([{ path: 'problem', message: 'a function has no samples; give a run or spec of a network' }])
    return { spec, data, network: problem.network.network }
  }
  const partOf = (from: 'training' | 'test'): SampleRows => {
    const { train, test } = open().data
    if (from === 'training') return train
    if (test === null) throw new Error('the run has no test data')
    return test
  }
  const batchOf = (rows: Uint32Array, from: 'training' | 'test') => {
    const { inputs, targets } = partOf(from)
    const copied = copiedRows(inputs, rows)
    return { inputs: copied, targets: targets === inputs ? copied : copiedRows(targets, rows) }
  }
  return {
    testSamples: data?.test?.inputs.rows ?? 0,
    chosenRows(rows, from) {
      const { labels } = partOf(from)
      const places = from === 'test' ? null : trainingPlaces(spec, open().data)
      return {
        batch: batchOf(rows, from),
        labels: labels === null ? null : Int32Array.from(rows, (row) => labels[row]),
        places: Uint32Array.from(rows, (row) => places?.[row] ?? row)
      }
    },
    objectiveOf(rows, from) {
      const { spec: of, network } = open()
      const batch = batchOf(rows, from)
      const f = lossFunction(of.loss)
      const factor = f.weight(samples, batch.targets.columns) / f.weight(rows.length, batch.targets.columns)
      return regularizedObjective(scaledObjective(networkObjective({ linalg }, network, of.loss, batch), factor), of.regularization.l2)
    }
  }
}
