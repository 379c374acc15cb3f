// How large the entries of a matrix are: counts by magnitude in bins of equal width on a logarithmic axis.

export interface Magnitudes {
  /** Edges of the bins, one more than counts; empty where no entry is finite and not 0. */
  readonly edges: Float64Array
  readonly counts: Float64Array
  readonly zeros: number
  readonly notFinite: number
  readonly largest: number
}

/** Decades below the largest that are counted one by one; what is smaller is in the first bin. */
const mostDecades = 20

export function magnitudes(matrices: readonly ArrayLike<number>[], bins = 64): Magnitudes {
  let [largest, smallest, zeros, notFinite] = [0, Infinity, 0, 0]
  for (const values of matrices)
    for (let i = 0; i < values.length; i++) {
      const size = Math.abs(values[i])
      if (size === 0) zeros++
      else if (!(size < Infinity)) notFinite++
      else {
        if (size > largest) largest = size
        if (size < smallest) smallest = size
      }
    }
  if (largest === 0) return { edges: new Float64Array(), counts: new Float64Array(), zeros, notFinite, largest }
  const high = Math.ceil(Math.log10(largest) - 1e-12)
  const low = Math.max(high - mostDecades, Math.min(high - 1, Math.floor(Math.log10(smallest))))
  const counts = new Float64Array(bins)
  const scale = bins / (high - low)
  for (const values of matrices)
    for (let i = 0; i < values.length; i++) {
      const size = Math.abs(values[i])
      if (size > 0 && size < Infinity) counts[Math.min(bins - 1, Math.max(0, Math.floor((Math.log10(size) - low) * scale)))]++
    }
  return { edges: Float64Array.from({ length: bins + 1 }, (_, i) => 10 ** (low + i / scale)), counts, zeros, notFinite, largest }
}
