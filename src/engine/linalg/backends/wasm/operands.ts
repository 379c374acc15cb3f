// Operands of a call: what lies in the shared memory is used where it is, everything else is copied in, and out again when it was written.
import type { Matrix } from '../../matrix'
import { breathe, throwIfCancelled } from '../../passes'
import type { Block } from './algorithms/block'
import type { Allocator } from './memory'

/** Numbers copied between two looks at the event loop: 4 MiB, about a millisecond. */
const chunk = 524_288

/** Calls `copy` for pieces of the rows: whole rows, or parts of long ones; the event loop gets its turn in between. */
async function inPieces(
  rows: number,
  columns: number,
  signal: AbortSignal | undefined,
  copy: (row: number, from: number, to: number) => void
): Promise<void> {
  let copied = 0
  for (let row = 0; row < rows; row++)
    for (let from = 0; from < columns; from += chunk) {
      const to = Math.min(columns, from + chunk)
      copy(row, from, to)
      copied += to - from
      if (copied >= chunk) {
        copied = 0
        await breathe()
        throwIfCancelled({ signal })
      }
    }
}

export interface Operands {
  /** The matrix inside the shared memory. */
  use(matrix: Matrix, access: 'read' | 'write' | 'update'): Promise<Block>
  /** As `use`, but always a contiguous copy: for inputs that an algorithm overwrites. */
  copy(matrix: Matrix): Promise<Block>
  /** Work space of so many numbers, not zeroed. */
  workspace(length: number): number
  /** Keeps memory of `workspace` or `copy` beyond the call. */
  keep(address: number): void
  /** Copies results out. */
  finish(): Promise<void>
  /** Frees what the call took. */
  free(): void
}

/** `numbers` are the sizes of all the work space and copies a call is going to take; they are taken now, all or nothing. */
export function takeOperands(allocator: Allocator, purpose: string, numbers: readonly number[], signal?: AbortSignal): Operands {
  const reserved = allocator.allocateAll(
    numbers.map((length) => 8 * length),
    purpose
  )
  const unused = numbers.map((length, index) => ({ length, address: reserved[index] }))
  const mine = new Set(reserved)
  const results: { readonly matrix: Matrix; readonly block: Block }[] = []

  function workspace(length: number): number {
    const index = unused.findIndex((one) => one.length === length)
    if (index < 0) throw new Error(`${purpose}: no work space of ${length} numbers was reserved`)
    return unused.splice(index, 1)[0].address
  }

  async function copy(matrix: Matrix, filled = true): Promise<Block> {
    const { rows, columns } = matrix
    const block: Block = { address: workspace(rows * columns), rows, columns, stride: columns }
    if (filled) {
      const target = allocator.view(block.address, rows * columns)
      await inPieces(rows, columns, signal, (row, from, to) => {
        const start = matrix.offset + row * matrix.stride
        target.set(matrix.data.subarray(start + from, start + to), row * columns + from)
      })
    }
    return block
  }

  return {
    workspace,
    copy,
    async use(matrix, access) {
      const address = allocator.addressOf(matrix.data)
      if (address >= 0) return { address: address + 8 * matrix.offset, rows: matrix.rows, columns: matrix.columns, stride: matrix.stride }
      const block = await copy(matrix, access !== 'write')
      if (access !== 'read') results.push({ matrix, block })
      return block
    },
    keep: (address) => void mine.delete(address),
    async finish() {
      for (const { matrix, block } of results) {
        const source = allocator.view(block.address, block.rows * block.columns)
        await inPieces(block.rows, block.columns, undefined, (row, from, to) => {
          const start = row * block.columns
          matrix.data.set(source.subarray(start + from, start + to), matrix.offset + row * matrix.stride + from)
        })
      }
    },
    free: () => mine.forEach((address) => allocator.release(address))
  }
}

/** Numbers that `use` needs: 0 for a matrix that lies in the shared memory. */
export function copyLength(allocator: Allocator, matrix: Matrix): readonly number[] {
  return allocator.addressOf(matrix.data) >= 0 ? [] : [matrix.rows * matrix.columns]
}
