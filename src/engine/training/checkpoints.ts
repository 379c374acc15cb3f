// Checkpoints that are due: written at once, or, where they come faster than a sink can rest between writings, together after a while, the newest of them.
import type { TrainingSink, TrainingState } from './interface'

/** Milliseconds between two writings: twenty times what the last one took, so that they take a twentieth of the time, within these bounds. */
const restTimes = 20
const leastRest = 1000
const mostRest = 30_000
/** States that wait take no more memory than this. */
const waitingBytes = 16e6

export interface Checkpoints {
  /** A checkpoint of this state is due. Done when it is written or waits. */
  due(state: TrainingState): Promise<void>
  /** To be asked before a step that is expected to take so long: writes what waits where that would be too late afterwards; undefined where nothing is to be done. */
  beforeStep(expectedSeconds: number): Promise<void> | undefined
  /** Writes what waits, then this state: where a run begins and ends. */
  now(state: TrainingState): Promise<void>
  /** The step of the newest state handed over. */
  newest(): number
}

const bytesOf = ({ parameters, optimizer }: TrainingState) =>
  Object.values(optimizer.arrays).reduce((sum, { byteLength }) => sum + byteLength, parameters.byteLength)

/**
 * Of the states that wait only the newest `keep` + 1 are written: a sink that rests keeps no more, so that in the end there is what there would be if each
 * had been written at once. `from`: the step of the newest checkpoint there is, −1 for none. `onWritten` hears each step that is written, in order.
 */
export function checkpoints(sink: TrainingSink, keep: number, from: number, onWritten: (step: number) => void): Checkpoints {
  let waiting: TrainingState[] = []
  let newest = from
  let rested = 0
  const write = async () => {
    const began = performance.now()
    while (waiting.length > 0) {
      await sink.checkpoint(waiting[0])
      onWritten(waiting[0].step)
      waiting = waiting.slice(1)
    }
    const ended = performance.now()
    rested = ended + (sink.rests === true ? Math.min(Math.max(leastRest, restTimes * (ended - began)), mostRest) : 0)
  }
  const add = (state: TrainingState) => {
    if (state.step <= newest) return
    newest = state.step
    waiting = [...waiting, state]
  }
  return {
    newest: () => newest,
    async due(state) {
      add(state)
      if (performance.now() >= rested) return write()
      waiting = waiting.slice(-keep - 1)
      if (waiting.length * bytesOf(state) > waitingBytes) await write()
    },
    beforeStep: (expectedSeconds) => (waiting.length > 0 && performance.now() + 1000 * expectedSeconds >= rested ? write() : undefined),
    now(state) {
      add(state)
      return write()
    }
  }
}
