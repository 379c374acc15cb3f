// What a followed run is put aside as, and made of again: numbers alone, so that it goes on to the same bits.
import type { Matrix } from '../../linalg'
import type { StepParts, TrainingState } from '../../training'
import { positionOf } from '../../training'
import type { Tally } from './tally'

/** All that a followed run goes on from. */
export interface Followed {
  /** Steps done, those discarded among them. */
  done: number
  interval: number
  state: TrainingState
  readonly rows: Matrix
  readonly tally: Tally
  orthogonalizations: number
  fallbacks: number
  /** Largest difference of a weight from the run's own checkpoints; NaN where none was passed. */
  departure: number
  /** Of the exact tangent map from differences, at the start; NaN where it was not compared. */
  tangentError: number
}

const scalars = ({ done, interval, tally, orthogonalizations, fallbacks, departure, tangentError, state }: Followed) => [
  done,
  interval,
  orthogonalizations,
  fallbacks,
  departure,
  tangentError,
  tally.done,
  tally.logDeterminant,
  tally.runningSteps.length,
  state.gradientEvaluations
]

export function putAside(followed: Followed): Float64Array {
  const { state, rows, tally } = followed
  const numbers = Object.values(state.optimizer.numbers)
  const parts: ArrayLike<number>[] = [
    scalars(followed),
    numbers,
    state.parameters,
    ...Object.values(state.optimizer.arrays),
    rows.data,
    tally.sums,
    tally.blocks,
    tally.running,
    tally.runningSteps
  ]
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** Into `fresh`, which is at the start of the same run; false, with nothing changed, where the numbers are not as many as they should be. */
export function takeUp(kept: Float64Array, fresh: Followed, { plan }: StepParts): boolean {
  const { state, rows, tally } = fresh
  const count = scalars(fresh).length
  const rowsKept = kept[8]
  const { arrays, numbers } = state.optimizer
  const lengths = Object.values(arrays).reduce((sum, { length }) => sum + length, 0)
  const expected =
    count +
    Object.keys(numbers).length +
    state.parameters.length +
    lengths +
    rows.data.length +
    tally.sums.length +
    tally.blocks.length +
    tally.running.length +
    rowsKept
  if (kept.length !== expected) return false
  let at = 0
  const take = (length: number) => kept.subarray(at, (at += length))
  const [done, interval, orthogonalizations, fallbacks, departure, tangentError, averaged, logDeterminant, , gradientEvaluations] =
    take(count)
  const ownNumbers = take(Object.keys(numbers).length)
  const parameters = take(state.parameters.length).slice()
  const ownArrays = Object.entries(arrays).map(([name, { length }]) => [name, take(length).slice()] as const)
  rows.data.set(take(rows.data.length))
  tally.sums.set(take(tally.sums.length))
  tally.blocks.set(take(tally.blocks.length))
  tally.running.set(take(tally.running.length))
  tally.runningSteps.splice(0, tally.runningSteps.length, ...take(rowsKept))
  tally.done = averaged
  tally.logDeterminant = logDeterminant
  let position = positionOf(state)
  for (let step = 0; step < done; step++) position = plan.at(position).next
  fresh.state = {
    ...state,
    step: state.step + done,
    epoch: position.epoch,
    samplesIntoEpoch: position.samplesIntoEpoch,
    random: { ...state.random, batches: position.random },
    parameters,
    optimizer: {
      arrays: Object.fromEntries(ownArrays),
      numbers: Object.fromEntries(Object.keys(numbers).map((name, i) => [name, ownNumbers[i]]))
    },
    gradientEvaluations
  }
  Object.assign(fresh, { done, interval, orthogonalizations, fallbacks, departure, tangentError })
  return true
}
