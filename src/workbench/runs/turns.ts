// One piece of work at a time for each name; pieces for different names do not wait for each other.
import { Mutex } from 'async-mutex'

export type InTurn = <T>(name: string, work: () => Promise<T>) => Promise<T>

export function turnsByName(): InTurn {
  const turns = new Map<string, Mutex>()
  return async (name, work) => {
    const turn = turns.get(name) ?? new Mutex()
    turns.set(name, turn)
    try {
      return await turn.runExclusive(work)
    } finally {
      // Whoever waits has it by now.
      if (!turn.isLocked()) turns.delete(name)
    }
  }
}
