// All third derivatives of P parameters, packed: computed and handed on a row at a time, so that the tensor is never in memory.
import type { CurveJet } from '../../objective'
import type { AnalysisTiles } from '../interface'
import type { JetsOf } from '../landau/coupling'

/** What the numbers of a tensor add up to, as they come by. */
export interface TensorSums {
  /** T₃[v, v, ·]. */
  readonly contraction: Float64Array
  squares: number
  largest: number
  /** Largest difference between two ways to one entry. */
  asymmetry: number
  /** Pieces that were there already. */
  resumed: number
}

/** Lines whose jets are taken at once. */
const together = 16

const secondOf = ({ gradient }: CurveJet) => gradient.data.subarray(2 * gradient.columns, 3 * gradient.columns)

/** Adds the entries T[a, b, c], c ≤ b, of one pair of indices b ≤ a to the sums, `row` from `at` on, each with all its permutations. */
function addRow(sums: TensorSums, v: Float64Array, a: number, b: number, row: Float64Array, at: number): void {
  const { contraction: y } = sums
  for (let c = 0; c <= b; c++) {
    const t = row[at + c]
    sums.largest = Math.max(sums.largest, Math.abs(t))
    sums.squares += (a === b ? (b === c ? 1 : 3) : b === c ? 3 : 6) * t * t
    y[a] += (b === c ? 1 : 2) * t * v[b] * v[c]
    if (b !== a) y[b] += 2 * t * v[a] * v[c]
    if (c !== b) y[c] += (a === b ? 1 : 2) * t * v[a] * v[b]
  }
}

/** How a tensor is made: `tiles` keeps its pieces, index a under the number a, each with the asymmetry found in it as a last number. */
export interface PackedCall {
  readonly tiles: AnalysisTiles | null
  readonly onProgress: (fraction: number) => void
}

/**
 * T₃[e_a, e_b, e_c], a ≥ b ≥ c, ordered by a, then b, then c; one piece an index a. T₃[e_a, e_b, ·] = c₂(e_a + e_b) − c₂(e_a) − c₂(e_b), with c₂(s) the
 * coefficient of t² in ∇f along w + ts: P(P + 1)/2 jets of order 2. Holds two P × P matrices. Pieces put aside earlier cost one jet each, along their axis.
 * The sums are complete when the last piece is taken.
 */
export async function* packedThirdDerivatives(
  jetsOf: JetsOf,
  size: number,
  v: Float64Array,
  sums: TensorSums,
  { tiles, onProgress }: PackedCall
): AsyncGenerator<Float64Array> {
  const own = new Float64Array(size * size)
  const mixed = new Float64Array(size * size)
  const total = (size * (size + 1)) / 2
  for (let a = 0; a < size; a++) {
    const done = (a * (a + 1)) / 2
    const length = ((a + 1) * (a + 2)) / 2
    const kept = (await tiles?.read(a)) ?? null
    const isKept = kept?.length === length + 1
    // b = a: the axis itself.
    for (let from = isKept ? a : 0; from <= a; from += together) {
      const count = Math.min(together, a + 1 - from)
      const lines = Array.from({ length: count }, (_, i) => {
        const line = new Float64Array(size)
        line[from + i] = line[a] = 1
        return line
      })
      const jets = await jetsOf(lines, 2)
      jets.forEach((jet, i) => (from + i === a ? own : mixed).set(secondOf(jet), (from + i) * size))
      onProgress((done + from + count) / total)
    }
    const tile = isKept ? kept : tileOf(own, mixed, size, a)
    if (isKept) sums.resumed++
    else await tiles?.write(a, tile)
    sums.asymmetry = Math.max(sums.asymmetry, tile[length])
    const piece = tile.subarray(0, length)
    for (let b = 0; b <= a; b++) addRow(sums, v, a, b, piece, (b * (b + 1)) / 2)
    yield piece
  }
}

/** The piece of index a from its jets, and as a last number the largest difference between the entry of the pair (a, b) and that of (a, c). Overwrites `mixed`. */
function tileOf(own: Float64Array, mixed: Float64Array, size: number, a: number): Float64Array {
  const axis = a * size
  for (let c = 0; c < size; c++) mixed[axis + c] = 2 * own[axis + c]
  for (let b = 0; b < a; b++) for (let c = 0; c < size; c++) mixed[b * size + c] -= own[axis + c] + own[b * size + c]
  const tile = new Float64Array(((a + 1) * (a + 2)) / 2 + 1)
  let asymmetry = 0
  for (let b = 0; b <= a; b++)
    for (let c = 0; c <= b; c++) {
      const [one, other] = [mixed[b * size + c], mixed[c * size + b]]
      asymmetry = Math.max(asymmetry, Math.abs(one - other))
      tile[(b * (b + 1)) / 2 + c] = (one + other) / 2
    }
  tile[tile.length - 1] = asymmetry
  return tile
}
