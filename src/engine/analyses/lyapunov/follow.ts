// Follows training step by step with the tangent maps of its steps, and keeps the tangent vectors orthogonal (Benettin et al. 1980).
import type { Matrix } from '../../linalg'
import { createPacer } from '../../linalg/pacer'
import { maxAbs, plusScaled } from '../../linalg/vectors'
import { DivergedError } from '../../training/diverged'
import { finishStep, positionOf, type StepParts, type TrainingState } from '../../training'
import type { AnalysisCall, AnalysisSource } from '../interface'
import { orthogonalizer } from './orthogonalize'
import { putAside, takeUp, type Followed } from './put-aside'
import { addLogs, blockCount, blockEnd, newTally } from './tally'
import type { StepPoint, TangentMap } from './tangent'

/** Most steps between two orthogonalizations that are chosen. */
const mostSteps = 64
/** Spread of the vectors below which they are orthogonalized less often, above which more often, and at which the steps are done again with fewer between. */
const [easy, hard, lost] = [1e2, 1e4, 1e6]
/** Seconds of work between two times that it is put aside. */
const asideEvery = 10
/** Milliseconds between two times that progress is told. */
const sayEvery = 100

export interface FollowOptions {
  readonly steps: number
  readonly discard: number
  readonly count: number
  readonly orthogonalizeEvery: number | null
  /** Whether ln|det| of each step is asked for. */
  readonly determinant: boolean
}

/** No spectra and no snapshots: they change nothing of the trajectory, and take time. */
const plain = (parts: StepParts): StepParts => ({
  ...parts,
  spec: { ...parts.spec, diagnostics: { everySteps: null }, snapshots: { ...parts.spec.snapshots, everySteps: null } }
})

const silent = { onPhase: () => undefined, onProgress: () => undefined }

/** Does the next step and gives it with what its derivative depends on. */
export function stepper(given: StepParts, signal: AbortSignal) {
  const parts = plain(given)
  const { problem, plan } = parts
  // The full batch in file order is the same at every step.
  const same = problem.batchSize === null && !problem.shuffle
  let kept: StepPoint['objective'] | null = null
  return async (state: TrainingState): Promise<StepPoint> => {
    const { state: after, gradient } = await finishStep(parts, state, signal, silent)
    const objective = kept ?? problem.objective(plan.at(positionOf(state)).batch, 'step')
    if (same) kept = objective
    return {
      before: state,
      after,
      objective,
      gradient,
      learningRate: parts.learningRate(after.step, state.epoch),
      damping: parts.damping(after.step, state.epoch)
    }
  }
}

function startOf(state: TrainingState, rows: Matrix, { steps, count }: FollowOptions): Followed {
  const dimension = rows.columns
  for (let i = 0; i < count; i++) rows.data[i * (dimension + 1)] = 1
  return {
    done: 0,
    interval: 1,
    state,
    rows,
    tally: newTally(count, steps),
    orthogonalizations: 0,
    fallbacks: 0,
    departure: Number.NaN,
    tangentError: Number.NaN
  }
}

/** Steps at which vectors are orthogonalized whatever their spread: the end of those discarded, of each block, of all. */
function nextBoundary(done: number, { steps, discard }: FollowOptions): number {
  if (done < discard) return discard
  for (let b = 0; b < blockCount(steps); b++) if (discard + blockEnd(steps, b) > done) return discard + blockEnd(steps, b)
  return discard + steps
}

export interface FollowCall extends AnalysisCall {
  readonly source: AnalysisSource
  /** Called once, at the first step of a fresh start, with the step and its state. */
  readonly onFirst?: (point: StepPoint) => Promise<number>
  /** Called after an orthogonalization, now and then. */
  readonly onTally?: (followed: Followed) => void
}

/**
 * `rows`: zeroed memory of so many tangent vectors of the state's dimension, which hold the last ones in the end. Rejects with the trainer's own error where the run diverges on the way. From what was put aside by an interrupted call with the same options it goes on to
 * the same bits.
 */
export async function follow(
  parts: StepParts,
  start: TrainingState,
  tangent: TangentMap,
  rows: Matrix,
  options: FollowOptions,
  call: FollowCall
): Promise<Followed & { readonly resumed: number }> {
  const { signal, onProgress, tiles, source } = call
  const { linalg } = parts
  const followed = startOf(start, rows, options)
  const kept = (await tiles?.read(0)) ?? null
  const resumed = kept !== null && takeUp(kept, followed, parts) ? followed.done : 0
  const total = options.discard + options.steps
  const step = stepper(parts, signal)
  const orthogonal = orthogonalizer(linalg, signal)
  const pace = createPacer(signal)
  const checkpoints = new Set(source.run === null ? [] : source.checkpoints)
  const chosen = options.orthogonalizeEvery === null
  if (options.orthogonalizeEvery !== null) followed.interval = options.orthogonalizeEvery
  let [lastAside, lastSaid] = [performance.now(), 0]

  const one = async () => {
    const point = await step(followed.state)
    if (followed.done === 0 && call.onFirst) followed.tangentError = await call.onFirst(point)
    await tangent.apply(point, followed.rows)
    if (options.determinant && followed.done >= options.discard)
      followed.tally.logDeterminant += (await tangent.logDeterminant(point)) ?? Number.NaN
    followed.state = point.after
    followed.done++
    if (checkpoints.has(point.after.step)) {
      const stored = await source.parametersAt(point.after.step)
      const away = maxAbs(plusScaled(stored, -1, point.after.parameters))
      followed.departure = Math.max(away, Number.isNaN(followed.departure) ? 0 : followed.departure)
    }
  }
  /** The steps since the last orthogonalization at once; false where they had spread the vectors so much that they must be done again with fewer between. */
  const orthogonalize = async (steps: number): Promise<boolean> => {
    const { logs, spread, fallback } = await orthogonal.orthogonalize(followed.rows)
    if (chosen && steps > 1 && (fallback || spread > lost)) {
      followed.interval = Math.max(1, Math.floor(steps / 4))
      return false
    }
    followed.orthogonalizations++
    if (fallback) followed.fallbacks++
    const averaged = followed.done - options.discard
    if (averaged > 0) addLogs(followed.tally, logs, averaged)
    if (!chosen) return true
    if (spread > hard) followed.interval = Math.max(1, Math.floor(steps / 2))
    else if (spread < easy && steps === followed.interval) followed.interval = Math.min(mostSteps, 2 * followed.interval)
    return true
  }
  // As they were after the last orthogonalization: what is gone back to, and what is put aside when the work is stopped.
  const before = linalg.allocate(rows.data.length)
  let steady = { ...followed }
  let steadyDeterminant = followed.tally.logDeterminant
  const keep = () => {
    before.set(rows.data)
    steady = { ...followed }
    steadyDeterminant = followed.tally.logDeterminant
  }
  const goBack = () => {
    rows.data.set(before)
    const { done, state, departure } = steady
    Object.assign(followed, { done, state, departure })
    followed.tally.logDeterminant = steadyDeterminant
  }
  const aside = async () => {
    if (followed.done > 0 && followed.done < total) await tiles?.write(0, putAside(followed))
    lastAside = performance.now()
  }

  try {
    keep()
    while (followed.done < total) {
      const from = followed.done
      const to = Math.min(from + followed.interval, nextBoundary(from, options))
      while (followed.done < to) {
        const pause = pace()
        if (pause) await pause
        await one()
      }
      if (!(await orthogonalize(to - from))) {
        goBack()
        continue
      }
      keep()
      const now = performance.now()
      if (now - lastSaid > sayEvery) {
        lastSaid = now
        call.onTally?.(followed)
        onProgress(followed.done / total, saidOf(followed))
      }
      if (now - lastAside > 1000 * asideEvery) await aside()
    }
    return { ...followed, resumed }
  } catch (error) {
    if (signal.aborted) {
      goBack()
      await aside()
    }
    if (error instanceof DivergedError)
      throw new Error(`${error.message}: training cannot be followed beyond it, ask for fewer steps than ${total}`, { cause: error })
    throw error
  } finally {
    linalg.release(before)
    orthogonal.release()
  }
}

function saidOf({ tally }: Followed): string {
  if (tally.done === 0) return 'steps that are discarded'
  const largest = [...tally.sums].map((sum) => sum / tally.done).sort((a, b) => b - a)
  return `largest exponents ${largest
    .slice(0, 3)
    .map((value) => value.toPrecision(3))
    .join(', ')}`
}
