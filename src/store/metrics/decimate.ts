// Fewer points that draw the same picture: per pixel column the rows of the smallest and the largest value, so that no spike is lost.

/** First and one-past-last row of `steps` (ascending) within [from, to]. */
export function rowRange(steps: Float64Array, from: number, to: number): [number, number] {
  const lowerBound = (wanted: number) => {
    let low = 0
    let high = steps.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (steps[middle] < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
  return [lowerBound(from), lowerBound(to + 1)]
}

/**
 * Rows that keep, in each of `pixels` equal runs of rows, the first and last row and the rows of minimum and maximum of every column given.
 * Ascending, without repetition. All rows when there are no more than pixels.
 */
export function decimatedRows(columns: readonly Float64Array[], start: number, end: number, pixels: number): Int32Array {
  const count = end - start
  if (count <= pixels) return Int32Array.from({ length: count }, (_, k) => start + k)
  const rows: number[] = []
  const own: number[] = []
  for (let pixel = 0; pixel < pixels; pixel++) {
    const first = start + Math.floor((pixel * count) / pixels)
    const last = start + Math.floor(((pixel + 1) * count) / pixels) - 1
    own.length = 0
    own.push(first, last)
    for (const column of columns) {
      let least = -1
      let most = -1
      for (let row = first; row <= last; row++) {
        const value = column[row]
        if (value !== value) continue
        if (least === -1 || value < column[least]) least = row
        if (most === -1 || value > column[most]) most = row
      }
      if (least !== -1) own.push(least, most)
    }
    own.sort((a, b) => a - b)
    for (let k = 0; k < own.length; k++) if (k === 0 || own[k] !== own[k - 1]) rows.push(own[k])
  }
  return Int32Array.from(rows)
}

/** At most about `pixels` of the rows within [start, end): of each run of rows the first that is there, and the last of all. */
export function thinnedRows(rows: readonly number[], start: number, end: number, pixels: number | undefined): number[] {
  const within = rows.filter((row) => row >= start && row < end)
  if (pixels === undefined || within.length <= pixels) return within
  const pixelOf = (row: number) => Math.floor(((row - start) * pixels) / (end - start))
  return within.filter((row, k) => k === 0 || k === within.length - 1 || pixelOf(row) !== pixelOf(within[k - 1]))
}
