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

/** Row `k` of a matrix, sharing memory with it. */
export const rowOf = (m: Matrix, k: number): Float64Array => m.data.subarray(m.offset + k * m.stride, m.offset + k * m.stride + m.columns)

/** The rows at these places, in this order, in fresh memory. */
export function rowsAt(m: Matrix, places: readonly number[]): Matrix {
  const chosen = matrix(places.length, m.columns)
  places.forEach((place, k) => chosen.data.set(rowOf(m, place), k * m.columns))
  return chosen
}

/** Aᵀ in fresh memory, in plain loops. */
export function transposed({ data, rows, columns, offset, stride }: Matrix): Matrix {
  const result = matrix(columns, rows)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result.data[j * rows + i] = data[offset + i * stride + j]
  return result
}

/** A vector as an n × 1 matrix that is stored contiguously. */
export function column(vector: Float64Array): Matrix {
  return { data: vector, rows: vector.length, columns: 1, offset: 0, stride: 1 }
}

/** Largest row sum of magnitudes. */
export function normInfinity(m: Matrix): number {
  let most = 0
  for (let i = 0; i < m.rows; i++) {
    let sum = 0
    for (let j = 0; j < m.columns; j++) sum += Math.abs(m.data[m.offset + i * m.stride + j])
    most = Math.max(most, sum)
  }
  return most
}
