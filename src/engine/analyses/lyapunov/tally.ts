// The sums that exponents are made of: over all steps, by blocks, and at the times of the running estimate.
import { meanBlocks, mostRunning } from '../../../shared/analyses/lyapunov'

export interface Tally {
  readonly count: number
  /** Steps that are averaged over, in the end. */
  readonly steps: number
  /** Steps averaged so far. */
  done: number
  /** Σ ln R_ii. */
  readonly sums: Float64Array
  /** A row a block. */
  readonly blocks: Float64Array
  /** Means so far, a row a time. */
  readonly running: Float64Array
  readonly runningSteps: number[]
  logDeterminant: number
}

export const blockCount = (steps: number): number => Math.min(meanBlocks, Math.floor(steps / 2))

/** Steps after which block `b` ends. */
export const blockEnd = (steps: number, b: number): number => Math.round(((b + 1) * steps) / Math.max(1, blockCount(steps)))

export const newTally = (count: number, steps: number): Tally => ({
  count,
  steps,
  done: 0,
  sums: new Float64Array(count),
  blocks: new Float64Array(blockCount(steps) * count),
  running: new Float64Array(Math.min(mostRunning, steps) * count).fill(Number.NaN),
  runningSteps: [],
  logDeterminant: 0
})

/** ln R_ii of the last steps, which all lie in one block, are counted in; `done` is what it is after them. */
export function addLogs(tally: Tally, logs: Float64Array, done: number): void {
  const { count, steps, sums, blocks, running, runningSteps } = tally
  const blocksInAll = blockCount(steps)
  let block = 0
  while (block < blocksInAll - 1 && done > blockEnd(steps, block)) block++
  for (let i = 0; i < count; i++) {
    sums[i] += logs[i]
    if (blocksInAll > 0) blocks[block * count + i] += logs[i]
  }
  tally.done = done
  const rows = running.length / count
  if (runningSteps.length < Math.floor((done * rows) / steps)) {
    for (let i = 0; i < count; i++) running[runningSteps.length * count + i] = sums[i] / done
    runningSteps.push(done)
  }
}

/** Standard error of a mean over blocks of (nearly) equal length, from the spread of their means; NaN where that cannot be said. */
export function standardErrors({ count, steps, blocks }: Tally): Float64Array {
  const blocksInAll = blockCount(steps)
  return Float64Array.from({ length: count }, (_, i) => {
    if (blocksInAll < 2) return Number.NaN
    const means = Array.from({ length: blocksInAll }, (__, b) => {
      const from = b === 0 ? 0 : blockEnd(steps, b - 1)
      return blocks[b * count + i] / (blockEnd(steps, b) - from)
    })
    const mean = means.reduce((sum, x) => sum + x, 0) / blocksInAll
    const squares = means.reduce((sum, x) => sum + (x - mean) ** 2, 0)
    return Math.sqrt(squares / (blocksInAll - 1) / blocksInAll)
  })
}

export interface Spectrum {
  /** Descending. */
  readonly exponents: Float64Array
  readonly errors: Float64Array
  /** The place in the sums of each. */
  readonly order: readonly number[]
}

/** Descending; vectors that came first stay first among equals. */
export function spectrumOf(tally: Tally): Spectrum {
  const means = tally.sums.map((sum) => sum / Math.max(1, tally.done))
  const errors = standardErrors(tally)
  const order = Array.from(means, (_, i) => i).sort((a, b) => (means[a] === means[b] ? a - b : means[b] - means[a]))
  return { exponents: Float64Array.from(order, (i) => means[i]), errors: Float64Array.from(order, (i) => errors[i]), order }
}

/** The rows of the running estimate there are, in the order of the spectrum. */
export function runningOf({ count, running, runningSteps }: Tally, order: readonly number[]): Float64Array {
  const rows = new Float64Array(runningSteps.length * count)
  for (let r = 0; r < runningSteps.length; r++) for (let i = 0; i < count; i++) rows[r * count + i] = running[r * count + order[i]]
  return rows
}

/**
 * j + Σ_{i ≤ j} λ_i / |λ_{j+1}| with the largest j whose partial sum is not negative (Kaplan and Yorke 1979); 0 where the largest exponent is negative;
 * null where the partial sums stay above 0 to the end.
 */
export function kaplanYorke(descending: ArrayLike<number>): number | null {
  let sum = 0
  for (let j = 0; j < descending.length; j++) {
    if (sum + descending[j] < 0) return descending[j] === -Infinity ? j : j + sum / Math.abs(descending[j])
    sum += descending[j]
  }
  return null
}
