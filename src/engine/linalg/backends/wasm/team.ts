// Fork and join among the threads of the pool: the leader runs an algorithm and hands single tasks to everybody.
import { argumentsOffset, blockColumns, blockDepth, blockRows, control, controlAddress, gate, mostArguments } from './control'
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

/**
 * A piece of parallel work, cut into tiles: the leader and whichever followers are awake call `run` with the same numbers and take tiles until none
 * is left. What a tile computes must not depend on who takes it: then results are the same bits from run to run.
 */
export interface Task<Name extends string = string> {
  readonly names: readonly Name[]
  readonly run: (on: Thread, input: Readonly<Record<Name, number>>) => void
}

/** Defines a task by the names of its (numeric) arguments. */
export function task<Name extends string>(
  names: readonly Name[],
  run: (on: Thread, input: Readonly<Record<Name, number>>) => void
): Task<Name> {
  return { names, run }
}

/** Thrown by the leader when the caller cancelled. */
export class Cancelled extends Error {}

/** What an algorithm sees: its own thread and the team. */
export interface Team extends Thread {
  readonly threads: number
  /** Runs a task with the followers' help (`parallel`) or here alone, to its end. Throws Cancelled after a cancelled task. */
  run<Name extends string>(task: Task<Name>, input: Readonly<Record<Name, number>>, parallel: boolean): void
  /** Announces the work of this job, for progress. */
  expect(units: number): void
  /** Throws Cancelled when the caller cancelled. */
  checkCancelled(): void
}

/** Loads before sleeping: some tens of microseconds, longer than the serial pieces between forks. */
const spins = 20_000

/** Waits until `ready` holds for the word: spins briefly, then sleeps. Returns the word. */
function awaitWord(words: Int32Array, index: number, ready: (word: number) => boolean): number {
  for (;;) {
    let word = 0
    for (let spin = 0; spin < spins; spin++) {
      word = Atomics.load(words, index)
      if (ready(word)) return word
    }
    Atomics.wait(words, index, word, 1000)
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
      if (!parallel || threads === 1) chosen.run(thread, input)
      else {
        const index = tasks.findIndex((candidate) => candidate.run === chosen.run)
        if (index < 0) throw new Error('this task is not in the list of tasks')
        chosen.names.forEach((name, position) => (numbers[position] = input[name]))
        Atomics.store(words, control.task, index)
        const before = Atomics.load(words, control.gate) & ~(gate.number - 1)
        Atomics.store(words, control.gate, (before + gate.number) | gate.open)
        Atomics.notify(words, control.gate)
        try {
          chosen.run(thread, input)
        } finally {
          Atomics.and(words, control.gate, ~gate.open)
          awaitWord(words, control.left, () => (Atomics.load(words, control.gate) & gate.inside) === 0)
        }
        if (Atomics.load(words, control.failed) !== 0) throw new Error('a thread of the pool failed')
      }
      checkCancelled()
    }
  }
}

/** The endless loop of the other threads. */
export function follow(thread: Thread, tasks: readonly Task[]): never {
  const words = controlWords(thread.memory)
  const numbers = argumentNumbers(thread.memory)
  const numberOf = (word: number) => word & ~(gate.number - 1)
  let last = 0
  for (;;) {
    const word = awaitWord(words, control.gate, (now) => (now & gate.open) !== 0 && numberOf(now) !== last)
    if (Atomics.compareExchange(words, control.gate, word, word + 1) !== word) continue
    last = numberOf(word)
    try {
      const { names, run } = tasks[Atomics.load(words, control.task)]
      const input: Record<string, number> = {}
      names.forEach((name, position) => (input[name] = numbers[position]))
      run(thread, input)
    } catch {
      Atomics.store(words, control.failed, 1)
    }
    const now = Atomics.sub(words, control.gate, 1) - 1
    if ((now & (gate.open | gate.inside)) === 0) {
      Atomics.add(words, control.left, 1)
      Atomics.notify(words, control.left)
    }
  }
}
