// Third and fourth derivatives in a few directions, from jets along sums and differences of them (polarization): no tensor of all parameters is formed.
import { matrix, rowOf, type Matrix } from '../../linalg'
import { dot } from '../../linalg/vectors'
import type { CurveJet, Objective } from '../../objective'

export interface Coupling {
  /** k × k × k. */
  readonly t3: Float64Array
  /** k × k × k × k. */
  readonly t4: Float64Array
  /** Largest difference between entries of T₃ that are equal by symmetry and were computed apart, over the largest entry. */
  readonly asymmetry: number
}

export type JetsOf = (directions: readonly Float64Array[], order: number) => Promise<CurveJet[]>

function combined(vectors: Matrix, terms: readonly (readonly [number, number])[]): Float64Array {
  const sum = new Float64Array(vectors.columns)
  for (const [index, factor] of terms) {
    const from = rowOf(vectors, index)
    for (let i = 0; i < sum.length; i++) sum[i] += factor * from[i]
  }
  return sum
}

/** Components of a vector of P along the rows of `vectors`. */
export const projected = (values: Float64Array, vectors: Matrix): Float64Array =>
  Float64Array.from({ length: vectors.rows }, (_, c) => dot(values, rowOf(vectors, c)))

/** Jets along lines through the point, several at once. */
export function lineJets(
  objective: Objective,
  parameters: Float64Array,
  signal: AbortSignal,
  options: { readonly gradient?: boolean } = {}
): JetsOf {
  const { jets } = objective
  if (jets === undefined) throw new Error('the loss has no power series')
  return (directions, order) =>
    jets(
      parameters,
      directions.map((direction) => matrix(1, direction.length, direction)),
      { ...options, order, signal }
    )
}

/**
 * T₃[q_a, q_b, q_c] for the rows q of `vectors` (k × P), symmetric entries averaged. With c₂ the coefficient of t² in ∇f along a line, T₃[u, u, ·] = 2c₂;
 * polarization, T₃[a, b, ·] = (c₂(a+b) − c₂(a−b))/2, gives the mixed ones. `onPair` is called after each of the k(k + 1)/2 pairs.
 */
export async function thirdDerivatives(jetsOf: JetsOf, vectors: Matrix, onPair: () => void): Promise<Pick<Coupling, 't3' | 'asymmetry'>> {
  const k = vectors.rows
  const raw = new Float64Array(k ** 3)
  for (let a = 0; a < k; a++)
    for (let b = 0; b <= a; b++) {
      const lines = [
        combined(vectors, [
          [a, 1],
          [b, 1]
        ]),
        combined(vectors, [
          [a, 1],
          [b, -1]
        ])
      ]
      const [plus, minus] = await jetsOf(lines, 2)
      const [p, m] = [projected(rowOf(plus.gradient, 2), vectors), projected(rowOf(minus.gradient, 2), vectors)]
      for (let c = 0; c < k; c++) raw[(a * k + b) * k + c] = raw[(b * k + a) * k + c] = (p[c] - m[c]) / 2
      onPair()
    }
  return symmetrized(raw, k)
}

/**
 * T₃ and T₄[q_a, q_b, q_c, q_d] for the rows q of `vectors` (k × P). With c₃ the coefficient of t³, T₄[u, u, u, ·] = 6c₃ and
 * T₄[a, b, c, ·] = ¼ Σ c₃(a ± b ± c) over an even number of minus signs. Symmetric entries are averaged.
 */
export async function coupling(jetsOf: JetsOf, vectors: Matrix, onProgress: (fraction: number) => void): Promise<Coupling> {
  const k = vectors.rows
  const t4 = new Float64Array(k ** 4)
  const counts4 = new Uint8Array(k ** 4)
  const total = (k * (k + 1)) / 2 + (k * (k + 1) * (k + 2)) / 6
  let done = 0
  const third = await thirdDerivatives(jetsOf, vectors, () => onProgress(++done / total))
  const signs = [
    [1, 1, 1],
    [1, -1, -1],
    [-1, 1, -1],
    [-1, -1, 1]
  ] as const
  for (let a = 0; a < k; a++)
    for (let b = 0; b <= a; b++)
      for (let c = 0; c <= b; c++) {
        // With C(u) = T₄[u, u, u, ·], the sum of C over the sums with an even number of minus signs is 24 T₄[a, b, c, ·].
        const found = await jetsOf(
          signs.map(([x, y, z]) =>
            combined(vectors, [
              [a, x],
              [b, y],
              [c, z]
            ])
          ),
          3
        )
        const values = new Float64Array(k)
        for (const { gradient } of found) {
          const components = projected(rowOf(gradient, 3), vectors)
          // C(u) = 6c₃.
          for (let d = 0; d < k; d++) values[d] += components[d] / 4
        }
        for (let d = 0; d < k; d++) addSymmetric(t4, counts4, k, [a, b, c, d], values[d])
        onProgress(++done / total)
      }
  for (let i = 0; i < t4.length; i++) t4[i] /= counts4[i]
  return { ...third, t4 }
}

const permutations4 = permutationsOf([0, 1, 2, 3])
const permutations3 = permutationsOf([0, 1, 2])

function permutationsOf(items: readonly number[]): number[][] {
  if (items.length === 1) return [[...items]]
  return items.flatMap((item, place) => permutationsOf(items.filter((_, other) => other !== place)).map((rest) => [item, ...rest]))
}

function addSymmetric(sum: Float64Array, counts: Uint8Array, k: number, place: readonly number[], value: number): void {
  const places = new Set(permutations4.map((order) => order.reduce((flat, axis) => flat * k + place[axis], 0)))
  for (const flat of places) {
    sum[flat] += value
    counts[flat]++
  }
}

function symmetrized(raw: Float64Array, k: number): { readonly t3: Float64Array; readonly asymmetry: number } {
  const t3 = new Float64Array(raw.length)
  let [worst, largest] = [0, 0]
  for (let a = 0; a < k; a++)
    for (let b = 0; b < k; b++)
      for (let c = 0; c < k; c++) {
        const place = [a, b, c]
        const same = permutations3.map((order) => raw[order.reduce((flat, axis) => flat * k + place[axis], 0)])
        const value = same.reduce((sum, x) => sum + x, 0) / same.length
        t3[(a * k + b) * k + c] = value
        largest = Math.max(largest, Math.abs(value))
        worst = Math.max(worst, Math.max(...same) - Math.min(...same))
      }
  return { t3, asymmetry: largest === 0 ? 0 : worst / largest }
}
