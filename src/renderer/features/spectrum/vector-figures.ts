// What eigenvectors say in figures: their largest entries, their layers' shares, and how two of them lie to each other.
import { parameterName, type LayerPiece } from '../../../shared/model/pieces'

/** The entries of largest magnitude, by the names of their parameters. */
export function largestEntries(
  vector: ArrayLike<number>,
  pieces: readonly LayerPiece[] | null,
  most = 8
): { name: string; value: number }[] {
  return Array.from(vector, (value, place) => ({ value, place }))
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .slice(0, most)
    .map(({ value, place }) => ({ name: parameterName(pieces, place), value }))
}

function product(a: ArrayLike<number>, b: ArrayLike<number>, from = 0, to = a.length): number {
  let sum = 0
  for (let i = from; i < to; i++) sum += a[i] * b[i]
  return sum
}

export interface LayerComparison {
  readonly name: string
  /** Of ‖u‖² and of ‖v‖². */
  readonly shareOfU: number
  readonly shareOfV: number
  /** Between the layer's parts, with v's sign as drawn; NaN where one of them is zero. */
  readonly cosine: number
}

export interface VectorComparison {
  /** |⟨u, v⟩| / (‖u‖ ‖v‖). */
  readonly cosine: number
  /** −1: v is to be turned for ⟨u, v⟩ ≥ 0. */
  readonly sign: 1 | -1
  readonly layers: readonly LayerComparison[]
}

/** Of two vectors of the same parameters. */
export function compareVectors(u: ArrayLike<number>, v: ArrayLike<number>, pieces: readonly LayerPiece[] | null): VectorComparison {
  const [uu, vv, uv] = [product(u, u), product(v, v), product(u, v)]
  const sign = uv < 0 ? -1 : 1
  const layers = (pieces ?? []).map(({ name, offset, rows, columns }) => {
    const range = [offset, offset + rows * columns] as const
    const [own, other] = [product(u, u, ...range), product(v, v, ...range)]
    return { name, shareOfU: own / uu, shareOfV: other / vv, cosine: (sign * product(u, v, ...range)) / Math.sqrt(own * other) }
  })
  return { cosine: Math.abs(uv) / Math.sqrt(uu * vv), sign, layers }
}

/** Stored places by the sign of their eigenvalue, ascending; within ±τ they are zero. */
export function bySign(
  stored: readonly number[],
  values: ArrayLike<number>,
  tolerance: number
): { readonly negative: number[]; readonly zero: number[]; readonly positive: number[] } {
  const sorted = [...stored].sort((a, b) => a - b)
  return {
    negative: sorted.filter((place) => values[place] < -tolerance),
    zero: sorted.filter((place) => Math.abs(values[place]) <= tolerance),
    positive: sorted.filter((place) => values[place] > tolerance)
  }
}

/** So many of a sorted list: around `place`, or from its outer end where it is not of them. */
export function shownPart(list: readonly number[], place: number | null, outer: 'first' | 'last', most: number): readonly number[] {
  const at = place === null ? -1 : list.indexOf(place)
  const wish = at >= 0 ? at - Math.floor(most / 2) : outer === 'first' ? 0 : list.length - most
  const from = Math.max(0, Math.min(list.length - most, wish))
  return list.slice(from, from + most)
}
