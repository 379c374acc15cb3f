// Matrices inside the shared memory, as the algorithms see them.

/** Element (i, j) is at byte `address` + 8(i·rowStride + j·columnStride); products take any strides, other algorithms want columnStride 1. */
export interface Block {
  readonly address: number
  readonly rows: number
  readonly columns: number
  readonly stride: number
}

/** Byte address of element (row, column). */
export function at(block: Block, row: number, column: number): number {
  return block.address + 8 * (row * block.stride + column)
}

export function part(block: Block, row: number, column: number, rows: number, columns: number): Block {
  return { address: at(block, row, column), rows, columns, stride: block.stride }
}
