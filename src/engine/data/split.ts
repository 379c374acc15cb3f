// Which training samples are split off for validation, and how their rows are taken out of what is in memory already.
import { randomStream, shuffledOrder } from '../random'
import { matrix, type Matrix } from '../linalg/matrix'

/** Samples as matrices, one a row. Targets that imitate the inputs are the same matrix. */
export interface SampleRows {
  readonly inputs: Matrix
  readonly targets: Matrix
  readonly labels: Int32Array | null
}

/** The stream that the split is drawn from: nothing else uses it, so that a run without one has the bits it always had. */
const splitStream = (seed: number) => randomStream(seed, 'validation')

/** The split's random state at its start: with the counts it tells splits apart. */
export const splitState = (seed: number) => splitStream(seed).save()

/** `count` of `samples` places, ascending: the first of an order shuffled by the stream `validation` of the seed. */
export function validationRows(samples: number, count: number, seed: number): Uint32Array {
  return shuffledOrder(splitStream(seed), samples).slice(0, count).sort()
}

/** Moves the rows at `places` (ascending) to a matrix of their own and closes the gaps, in the memory of `from`. */
function takeRows({ data, rows, columns }: Matrix, places: Uint32Array): { taken: Matrix; rest: Matrix } {
  const taken = matrix(places.length, columns)
  let next = 0
  let kept = 0
  for (let row = 0; row < rows; row++) {
    const start = row * columns
    if (row === places[next]) taken.data.set(data.subarray(start, start + columns), next++ * columns)
    else data.copyWithin(kept++ * columns, start, start + columns)
  }
  return { taken, rest: matrix(kept, columns, data.subarray(0, kept * columns)) }
}

/** Splits the samples at `places` (ascending) off: both sides keep their order. The memory of `samples` is used again; its matrices must be contiguous. */
export function splitOff(samples: SampleRows, places: Uint32Array): { readonly train: SampleRows; readonly validation: SampleRows } {
  const inputs = takeRows(samples.inputs, places)
  const targets = samples.targets === samples.inputs ? inputs : takeRows(samples.targets, places)
  const { labels } = samples
  const apart = new Set(places)
  return {
    train: { inputs: inputs.rest, targets: targets.rest, labels: labels?.filter((_, row) => !apart.has(row)) ?? null },
    validation: { inputs: inputs.taken, targets: targets.taken, labels: labels ? Int32Array.from(places, (row) => labels[row]) : null }
  }
}
