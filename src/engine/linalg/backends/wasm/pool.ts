// The caller's side of the worker threads: starts them, sends one job at a time to the leader, cancels, and reports progress by a timer.
import { Worker } from 'node:worker_threads'
import { LinalgError, type CallOptions } from '../../interface'
import { throwIfCancelled } from '../../passes'
import { disposed } from '../../refusals'
import { control, scratchBytes, type WorkerData } from './control'
import type { BackendFiles } from './files'
import type { JobInput, JobName, Reply, Request } from './jobs'
import type { Allocator } from './memory'
import { controlWords } from './team'
import type { CompiledModule } from './webassembly'
import { messageOf } from '../../../../shared/format/message-of'

const progressMilliseconds = 50

export interface Pool {
  readonly threads: number
  /** Runs one job on the pool. Not reentrant: see `exclusively`. */
  run<Name extends JobName>(name: Name, input: JobInput<Name>, options?: CallOptions): Promise<number>
  /** Runs `action` after everything asked before has ended: memory is taken and given back, and jobs run, in order. */
  exclusively<Result>(action: () => Promise<Result>, signal?: AbortSignal): Promise<Result>
  dispose(): Promise<void>
}

/** Resolves at the worker's first message, rejects when it fails to start. */
function started(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`a worker thread ended at its start (exit code ${code})`)))
  })
}

/** Waits for `before`, or rejects with the signal's reason as soon as it is aborted. */
function orAborted(before: Promise<void>, signal?: AbortSignal): Promise<void> {
  if (!signal) return before
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    void before.then(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    })
  })
}

/** Runs actions one after the other, in the order in which they were asked for. */
export function inTurn(): Pool['exclusively'] {
  let last: Promise<void> = Promise.resolve()
  return async (action, signal) => {
    const before = last
    let finish = () => {}
    last = new Promise<void>((resolve) => (finish = resolve))
    try {
      await orAborted(before, signal)
    } catch (error) {
      // Cancelled while it waited: whoever is next still waits for those before.
      void before.then(finish)
      throw error
    }
    try {
      return await action()
    } finally {
      finish()
    }
  }
}

export async function createPool(allocator: Allocator, files: BackendFiles, module: CompiledModule, threads: number): Promise<Pool> {
  const scratch = allocator.allocateAll(
    Array.from({ length: threads }, () => scratchBytes),
    'the scratch of the worker threads'
  )
  const words = controlWords(allocator.memory)
  const workers = scratch.map((scratchAddress, thread) => {
    const workerData: WorkerData = { module, memory: allocator.memory, thread, threads, scratchAddress }
    return new Worker(files.worker, { workerData })
  })
  const failures: Error[] = []
  let rejectCurrent: (error: Error) => void = () => {}
  const fail = (error: Error) => {
    failures.push(error)
    rejectCurrent(error)
  }
  try {
    await Promise.all(workers.map(started))
  } catch (error) {
    await Promise.all(workers.map((worker) => worker.terminate()))
    throw new LinalgError('backend', `the wasm backend's threads did not start: ${messageOf(error)}`)
  }
  for (const worker of workers) {
    worker.removeAllListeners('exit')
    worker.on('error', (error: Error) => fail(new LinalgError('backend', `a thread of the wasm backend failed: ${error.message}`)))
    worker.on('exit', () => fail(disposed()))
    worker.unref()
  }

  const fraction = () => Math.min(1, Atomics.load(words, control.work) / Math.max(1, Atomics.load(words, control.expected)))

  function send(request: Request): Promise<Reply> {
    const leader = workers[0]
    return new Promise((resolve, reject) => {
      const settle = (action: () => void) => {
        leader.removeListener('message', hear)
        rejectCurrent = () => {}
        leader.unref()
        action()
      }
      const hear = (reply: Reply) => settle(() => resolve(reply))
      rejectCurrent = (error) => settle(() => reject(error))
      leader.on('message', hear)
      leader.ref()
      leader.postMessage(request)
    })
  }

  async function run<Name extends JobName>(name: Name, input: JobInput<Name>, options: CallOptions = {}): Promise<number> {
    if (failures.length > 0) throw failures[0]
    const { signal, onProgress } = options
    throwIfCancelled(options)
    Atomics.store(words, control.cancelled, 0)
    Atomics.store(words, control.failed, 0)
    Atomics.store(words, control.work, 0)
    Atomics.store(words, control.expected, 0)
    const cancel = () => void Atomics.store(words, control.cancelled, 1)
    signal?.addEventListener('abort', cancel, { once: true })
    let reported = 0
    const timer = onProgress && setInterval(() => onProgress((reported = Math.max(reported, fraction()))), progressMilliseconds)
    try {
      const reply = await send({ name, input })
      if (reply.kind === 'cancelled') throw signal?.reason ?? new LinalgError('backend', 'the call was cancelled')
      if (reply.kind === 'failed') throw new LinalgError(reply.code, reply.message)
      onProgress?.(1)
      return reply.kind === 'done' ? reply.value : 0
    } finally {
      clearInterval(timer)
      signal?.removeEventListener('abort', cancel)
    }
  }

  return {
    threads,
    run,
    exclusively: inTurn(),
    async dispose() {
      await Promise.all(workers.map((worker) => worker.terminate()))
    }
  }
}
