// What the calls of this backend share: its memory, its threads, and the order in which calls take their turn.
import { throwIfCancelled } from '../../checks'
import type { CallOptions } from '../../interface'
import type { Matrix } from '../../matrix'
import type { Allocator } from './memory'
import { takeOperands, type Operands } from './operands'
import type { Pool } from './pool'

export interface Context {
  readonly allocator: Allocator
  readonly pool: Pool
  /** Runs a call when its turn comes: takes memory, works, copies results out, gives memory back. */
  call<Result>(
    routine: string,
    numbers: readonly number[],
    options: CallOptions | undefined,
    work: (operands: Operands) => Promise<Result>
  ): Promise<Result>
  /** The same matrix seen through the memory's newest buffer, so that two views of it are known to share memory. */
  current(matrix: Matrix): Matrix
}

export function createContext(allocator: Allocator, pool: Pool): Context {
  return {
    allocator,
    pool,
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
      }, options?.signal),
    current(matrix) {
      const address = allocator.addressOf(matrix.data)
      return address < 0 ? matrix : { ...matrix, data: allocator.view(address, matrix.data.length) }
    }
  }
}
