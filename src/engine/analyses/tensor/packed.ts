// All third derivatives of P parameters, packed: computed and handed on a row at a time, so that the tensor is never in memory.
import type { CurveJet } from '../../objective'
import type { JetsOf } from '../landau/coupling'

/** What the numbers of a tensor add up to, as they come by. */
export interface TensorSums {
  /** T₃[v, v, ·]. */
  readonly contraction: Float64Array
  squares: number
  largest: number
  /** Largest difference between two ways to one entry. */
  asymmetry: number
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

/**
 * T₃[e_a, e_b, e_c], a ≥ b ≥ c, ordered by a, then b, then c; one piece an index a. T₃[e_a, e_b, ·] = c₂(e_a + e_b) − c₂(e_a) − c₂(e_b), with c₂(s) the
 * coefficient of t² in ∇f along w + ts: P(P + 1)/2 jets of order 2. Holds two P × P matrices. The sums are complete when the last piece is taken.
 */
export async function* packedThirdDerivatives(
  jetsOf: JetsOf,
  size: number,
  v: Float64Array,
  sums: TensorSums,
  onProgress: (fraction: number) => void
): AsyncGenerator<Float64Array> {
  const own = new Float64Array(size * size)
  const mixed = new Float64Array(size * size)
  const total = (size * (size + 1)) / 2
  for (let a = 0; a < size; a++) {
    for (let from = 0; from <= a; from += together) {
      const count = Math.min(together, a + 1 - from)
      // b = a: the axis itself.
      const lines = Array.from({ length: count }, (_, i) => {
        const line = new Float64Array(size)
        line[from + i] = line[a] = 1
        return line
      })
      const jets = await jetsOf(lines, 2)
      jets.forEach((jet, i) => (from + i === a ? own : mixed).set(secondOf(jet), (from + i) * size))
      onProgress(((a * (a + 1)) / 2 + from + count) / total)
    }
    const [ownA, rowA] = [a * size, a * size]
    for (let c = 0; c < size; c++) mixed[rowA + c] = 2 * own[ownA + c]
    for (let b = 0; b < a; b++) for (let c = 0; c < size; c++) mixed[b * size + c] -= own[ownA + c] + own[b * size + c]
    const piece = new Float64Array(((a + 1) * (a + 2)) / 2)
    for (let b = 0; b <= a; b++) {
      const at = (b * (b + 1)) / 2
      for (let c = 0; c <= b; c++) {
        // The entry from the pair (a, b) and from the pair (a, c).
        const [one, other] = [mixed[b * size + c], mixed[c * size + b]]
        sums.asymmetry = Math.max(sums.asymmetry, Math.abs(one - other))
        piece[at + c] = (one + other) / 2
      }
      addRow(sums, v, a, b, piece, at)
    }
    yield piece
  }
}
