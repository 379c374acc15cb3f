// Arrays of an analysis as the page has them. Pure.

export interface ArrayValues {
  readonly shape: readonly number[]
  readonly data: Float64Array
}

/** A row of a matrix, or of the matrix that the last two dimensions make. */
export function rowOf({ shape, data }: ArrayValues, row: number): Float64Array {
  const width = shape[shape.length - 1] ?? 1
  return data.subarray(row * width, (row + 1) * width)
}

export const places = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
