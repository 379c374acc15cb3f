// One call of the interface as a sequence of native calls: the queue of the process, work space, progress by flops, and cancellation.
import type { BandKernels, Kept } from '../../core'
import { LinalgError, type CallOptions } from '../../interface'
import { throwIfCancelled } from '../../passes'
import type { Library } from './library'
import type { Memory } from './memory'
import type { Argument, RoutineName } from './signatures'
import type { TwoStageChoice } from '../../stages'

export interface Context {
  readonly library: Library
  readonly threads: number
  readonly memory: Memory
  readonly kernels: BandKernels
  readonly twoStage: TwoStageChoice
}

/**
 * How a native call may be left when the caller cancels. `private`: it writes only to memory of the job, so the call rejects at once
 * while the routine finishes in the background. `in-place`: it writes to the caller's memory, so the rejection waits for it (such pieces are kept short).
 */
export type Target = 'private' | 'in-place'

export interface Job {
  /** Flops that one in-place piece may take, so that it ends well within 200 ms. */
  readonly pieceFlops: number
  /** Runs one routine off the event loop and counts its flops. Resolves to INFO ≥ 0; rejects with code `backend` on a negative one. */
  call(flops: number, target: Target, name: RoutineName, ...values: Argument[]): Promise<number>
  /** Runs one routine inside the work of `run`. Resolves to INFO ≥ 0; rejects with code `backend` on a negative one. */
  native(name: RoutineName, ...values: Argument[]): Promise<number>
  /** The same on this thread, for what takes microseconds. */
  nativeNow(name: RoutineName, ...values: Argument[]): number
  readonly signal: AbortSignal | undefined
  /** The same as `call` for any other work: several routines, or kernels of the embedded backend. */
  run(flops: number, target: Target, work: () => Promise<unknown>): Promise<void>
  /** Memory that is given back when the job is over and no routine left behind writes to it any more. */
  take(length: number): Float64Array
  /** The job's result with the memory of `take` that it holds. */
  keep<Result>(result: Result, ...arrays: readonly Float64Array[]): Kept<Result>
}

/** The native calls of the process run one at a time, in the order asked for: a library's thread count and buffers are global. */
let queue: Promise<unknown> = Promise.resolve()

/** 50 ms at 80 GFlop/s, and still within 200 ms at 20. */
const optimizedPiece = 4e9
/** The reference BLAS does about 2 GFlop/s. */
const referencePiece = 2.5e8

/** Runs `body` with a job whose progress ends at `totalFlops`. */
export async function runJob<T>(
  { library, threads, memory }: Context,
  totalFlops: number,
  options: CallOptions | undefined,
  body: (job: Job) => Promise<T>
): Promise<T> {
  throwIfCancelled(options)
  const signal = options?.signal
  const taken = new Set<Float64Array>()
  let done = 0
  let waiting: Promise<unknown> | null = null
  const run = async (flops: number, target: Target, work: () => Promise<unknown>): Promise<void> => {
    throwIfCancelled(options)
    const state = { started: false }
    const turn = queue.then(async () => {
      if (signal?.aborted) return
      state.started = true
      library.setThreads(threads)
      await work()
    })
    waiting = turn.catch(() => undefined)
    queue = waiting
    await untilAborted(turn, signal, () => target === 'private' || !state.started)
    waiting = null
    throwIfCancelled(options)
    done += flops
    options?.onProgress?.(Math.min(1, totalFlops > 0 ? done / totalFlops : 1))
  }
  const native = async (name: RoutineName, ...values: Argument[]): Promise<number> => {
    const info = await library.call(name, ...values)
    if (info < 0) throw new LinalgError('backend', `${library.description} refused argument ${-info} of ${name}`)
    return info
  }
  const giveBack = (): void => {
    for (const array of taken) memory.give(array)
  }
  try {
    const result = await body({
      run,
      native,
      nativeNow: (name, ...values) => library.callNow(name, ...values),
      signal,
      pieceFlops: library.optimized ? optimizedPiece : referencePiece,
      call: async (flops, target, name, ...values) => {
        let info = 0
        await run(flops, target, async () => {
          info = await native(name, ...values)
        })
        return info
      },
      take(length) {
        const array = memory.take(length)
        taken.add(array)
        return array
      },
      keep(result, ...arrays) {
        for (const array of arrays) taken.delete(array)
        return { result, arrays }
      }
    })
    if (done < totalFlops || totalFlops === 0) options?.onProgress?.(1)
    return result
  } finally {
    if (waiting) void (waiting as Promise<unknown>).then(giveBack)
    else giveBack()
  }
}

/** Settles like `work`, or rejects with the signal's reason as soon as that is given and the work may be left. */
function untilAborted(work: Promise<void>, signal: AbortSignal | undefined, mayLeave: () => boolean): Promise<void> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      if (mayLeave()) reject(signal.reason)
    }
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
