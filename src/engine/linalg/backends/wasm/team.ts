// Fork and join among the threads of the pool: the leader runs a driver and hands single tasks to everybody.
import { argumentsOffset, blockColumns, blockDepth, blockRows, control, controlAddress, mostArguments } from './control'
import type { Kernels, SharedMemory } from './webassembly'

/** What a task sees of the thread it runs on. */
export interface Thread {
  readonly kernels: Kernels
  readonly memory: SharedMemory
  /** Addresses of this thread's scratch. */
  readonly packedA: number
  readonly packedB: number
  readonly spill: number
  /** The next tile of the current task, counted from 0: every number is handed out once among all threads. */
  nextTile(): number
  /** True when the caller cancelled the job: the task should return soon; the leader then throws. */
  cancelled(): boolean
  /** Adds to the work done, for progress. */
  work(units: number): void
}

/** A piece of parallel work: every thread calls `run` with the same numbers. `thread` counts from 0 to `threads` − 1. */
export interface Task<Name extends string = string> {
  readonly names: readonly Name[]
  readonly run: (on: Thread, input: Readonly<Record<Name, number>>, thread: number, threads: number) => void
}

/** Defines a task by the names of its (numeric) arguments. */
export function task<Name extends string>(
  names: readonly Name[],
  run: (on: Thread, input: Readonly<Record<Name, number>>, thread: number, threads: number) => void
): Task<Name> {
  return { names, run }
}

/** Thrown by the leader when the caller cancelled. */
export class Cancelled extends Error {}

/** What a driver sees: its own thread and the team. */
export interface Team extends Thread {
  readonly threads: number
  /** Runs a task on all threads (`parallel` true) or here alone, and waits. Throws Cancelled after a cancelled task. */
  run<Name extends string>(task: Task<Name>, input: Readonly<Record<Name, number>>, parallel: boolean): void
  /** Announces the work of this job, for progress. */
  expect(units: number): void
  /** Throws Cancelled when the caller cancelled. */
  checkCancelled(): void
}

/** Loads before sleeping: some tens of microseconds, longer than the serial pieces between forks. */
const spins = 20_000

/** Returns the word's value once it differs from `old`; spins briefly, then sleeps. */
function awaitChange(words: Int32Array, index: number, old: number): number {
  for (;;) {
    for (let spin = 0; spin < spins; spin++) {
      const value = Atomics.load(words, index)
      if (value !== old) return value
    }
    Atomics.wait(words, index, old, 1000)
  }
}

export function controlWords(memory: SharedMemory): Int32Array {
  return new Int32Array(memory.buffer, controlAddress, argumentsOffset / 4)
}

function argumentNumbers(memory: SharedMemory): Float64Array {
  return new Float64Array(memory.buffer, controlAddress + argumentsOffset, mostArguments)
}

export function createThread(kernels: Kernels, memory: SharedMemory, scratchAddress: number): Thread {
  const words = controlWords(memory)
  const packedB = scratchAddress + 8 * blockRows * blockDepth
  return {
    kernels,
    memory,
    packedA: scratchAddress,
    packedB,
    spill: packedB + 8 * blockDepth * blockColumns,
    nextTile: () => Atomics.add(words, control.next, 1),
    cancelled: () => Atomics.load(words, control.cancelled) !== 0,
    work: (units) => void Atomics.add(words, control.work, Math.round(units))
  }
}

/** The leader's view of the team. `tasks` is the same list on every thread. */
export function createTeam(thread: Thread, tasks: readonly Task[], threads: number): Team {
  const words = controlWords(thread.memory)
  const numbers = argumentNumbers(thread.memory)
  const checkCancelled = () => {
    if (thread.cancelled()) throw new Cancelled('cancelled')
  }
  return {
    ...thread,
    threads,
    checkCancelled,
    expect(units) {
      Atomics.store(words, control.work, 0)
      Atomics.store(words, control.expected, Math.max(1, Math.round(units)))
    },
    run(chosen, input, parallel) {
      Atomics.store(words, control.next, 0)
      if (!parallel || threads === 1) chosen.run(thread, input, 0, 1)
      else {
        const index = tasks.findIndex((candidate) => candidate.run === chosen.run)
        if (index < 0) throw new Error('this task is not in the list of tasks')
        chosen.names.forEach((name, position) => (numbers[position] = input[name]))
        Atomics.store(words, control.task, index)
        Atomics.store(words, control.finished, 0)
        Atomics.add(words, control.epoch, 1)
        Atomics.notify(words, control.epoch)
        chosen.run(thread, input, 0, threads)
        for (let done = Atomics.load(words, control.finished); done < threads - 1;) done = awaitChange(words, control.finished, done)
        if (Atomics.load(words, control.failed) !== 0) throw new Error('a thread of the pool failed')
      }
      checkCancelled()
    }
  }
}

/** The endless loop of the other threads. */
export function follow(thread: Thread, tasks: readonly Task[], index: number, threads: number): never {
  const words = controlWords(thread.memory)
  const numbers = argumentNumbers(thread.memory)
  for (let epoch = 0; ;) {
    epoch = awaitChange(words, control.epoch, epoch)
    try {
      const { names, run } = tasks[Atomics.load(words, control.task)]
      const input: Record<string, number> = {}
      names.forEach((name, position) => (input[name] = numbers[position]))
      run(thread, input, index, threads)
    } catch {
      Atomics.store(words, control.failed, 1)
    }
    Atomics.add(words, control.finished, 1)
    Atomics.notify(words, control.finished)
  }
}
