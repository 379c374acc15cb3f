// What the calls of this backend share: its memory, its threads, and the order in which calls take their turn.
import type { CallOptions } from '../../interface'
import { throwIfCancelled } from '../../passes'
import type { TwoStageChoice } from '../../stages'
import type { Allocator } from './memory'
import { takeOperands, type Operands } from './operands'
import type { Pool } from './pool'

export interface Context {
  readonly allocator: Allocator
  readonly pool: Pool
  readonly twoStage: TwoStageChoice
  /** Runs a call when its turn comes: takes memory, works, copies results out, gives memory back. */
  call<Result>(
    routine: string,
    numbers: readonly number[],
    options: CallOptions | undefined,
    work: (operands: Operands) => Promise<Result>
  ): Promise<Result>
}

export function createContext(allocator: Allocator, pool: Pool, twoStage: TwoStageChoice): Context {
  return {
    allocator,
    pool,
    twoStage,
    call: (routine, numbers, options, work) =>
      pool.exclusively(async () => {
        throwIfCancelled(options)
        const operands = takeOperands(allocator, routine, numbers, options?.signal)
        try {
          const result = await work(operands)
          await operands.finish()
          return result
        } finally {
          operands.free()
        }
      }, options?.signal)
  }
}
