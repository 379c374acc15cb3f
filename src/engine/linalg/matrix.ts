// Dense row-major matrices of doubles: plain data that views into a Float64Array.

/** Element (i, j) is `data[offset + i * stride + j]`; a matrix is contiguous when `stride === columns`. */
export interface Matrix {
  readonly data: Float64Array
  readonly rows: number
  readonly columns: number
  readonly offset: number
  readonly stride: number
}

/** A contiguous rows × columns matrix over `data` (zeros when left out). Throws when `data` has another length. */
export function matrix(rows: number, columns: number, data: Float64Array = new Float64Array(rows * columns)): Matrix {
  if (data.length !== rows * columns) throw new Error(`matrix: ${rows} × ${columns} needs ${rows * columns} numbers, got ${data.length}`)
  return { data, rows, columns, offset: 0, stride: columns }
}

/** The block of `rows` × `columns` entries that starts at (row, column), sharing memory with `from`. Throws when it does not lie inside. */
export function block(from: Matrix, row: number, column: number, rows: number, columns: number): Matrix {
  if (row < 0 || column < 0 || row + rows > from.rows || column + columns > from.columns)
    throw new Error(
      `block: rows ${row}…${row + rows}, columns ${column}…${column + columns} do not lie inside ${from.rows} × ${from.columns}`
    )
  return { data: from.data, rows, columns, offset: from.offset + row * from.stride + column, stride: from.stride }
}

export function isContiguous(m: Matrix): boolean {
  return m.stride === m.columns || m.rows <= 1
}
