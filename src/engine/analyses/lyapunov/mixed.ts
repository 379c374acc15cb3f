// Mixed derivatives from jets: third derivatives along pairs of vectors, and Hessians along a curve applied to vectors. Exact, no difference quotient.
import { matrix, rowOf, type Matrix } from '../../linalg'
import { norm } from '../../linalg/vectors'
import type { JetOptions, Objective } from '../../objective'

/** Curves whose jets are taken at once. */
const together = 32

async function eachJet(
  objective: Objective,
  parameters: Float64Array,
  count: number,
  curveOf: (place: number) => Matrix[],
  options: JetOptions,
  take: (place: number, gradients: readonly Matrix[]) => void
): Promise<void> {
  const { jets } = objective
  if (jets === undefined) throw new Error('what is minimized has no power series: take tangent=difference')
  for (let from = 0; from < count; from += together) {
    const places = Array.from({ length: Math.min(together, count - from) }, (_, i) => from + i)
    const curves = places.map(curveOf)
    const found = await jets(parameters, curves.flat(), options)
    let next = 0
    places.forEach((place, i) =>
      take(
        place,
        curves[i].map(() => found[next++].gradient)
      )
    )
  }
}

/** Row i: T₃[a_i, b_i, ·] = (c₂(a + b) − c₂(a − b))/2 of both at unit length, times their lengths. */
export async function thirdDerivativesAlong(
  objective: Objective,
  parameters: Float64Array,
  a: Matrix,
  b: Matrix,
  result: Matrix,
  signal: AbortSignal
): Promise<void> {
  const size = parameters.length
  const lengths = (m: Matrix) => Float64Array.from({ length: m.rows }, (_, i) => norm(rowOf(m, i)))
  const [lengthsA, lengthsB] = [lengths(a), lengths(b)]
  const curvesOf = (i: number) => {
    const [x, y] = [rowOf(a, i), rowOf(b, i)]
    const [scaleX, scaleY] = [lengthsA[i], lengthsB[i]].map((length) => (length === 0 ? 0 : 1 / length))
    return [1, -1].map((sign) => {
      const line = matrix(1, size)
      for (let j = 0; j < size; j++) line.data[j] = scaleX * x[j] + sign * scaleY * y[j]
      return line
    })
  }
  await eachJet(objective, parameters, a.rows, curvesOf, { order: 2, signal }, (i, [plus, minus]) => {
    const [p, m, to] = [rowOf(plus, 2), rowOf(minus, 2), rowOf(result, i)]
    const factor = (lengthsA[i] * lengthsB[i]) / 2
    for (let j = 0; j < size; j++) to[j] = factor * (p[j] - m[j])
  })
}

/**
 * H_j v for the rows v of `vectors`, j = 0 … J, where H(w + Σ_{k ≤ J} t^k s_k) = Σ H_j t^j and `terms` are s_1 … s_J. In ∇f(w(t) + t^m v) with m = J + 1 the
 * coefficients of t^m … t^{m+J} are linear in v: those of the curve itself and H_0 v … H_J v.
 */
export async function hessianSeriesTimes(
  objective: Objective,
  parameters: Float64Array,
  terms: readonly Float64Array[],
  vectors: Matrix,
  signal: AbortSignal
): Promise<Matrix[]> {
  const size = parameters.length
  const most = terms.length
  const place = most + 1
  const order = place + most
  const results = Array.from({ length: most + 1 }, () => matrix(vectors.rows, size))
  // The vectors' part is as large as the curve's own, so that nothing is lost in the difference.
  const length = Math.max(1, ...terms.map(norm))
  const curveOf = (i: number | null) => {
    const curve = matrix(i === null ? most : place, size)
    terms.forEach((term, k) => curve.data.set(term, k * size))
    if (i === null) return curve
    const row = rowOf(vectors, i)
    const scale = length / (norm(row) || 1)
    for (let j = 0; j < size; j++) curve.data[most * size + j] = scale * row[j]
    return curve
  }
  const own: Matrix[] = []
  await eachJet(
    objective,
    parameters,
    1,
    () => [curveOf(null)],
    { order, signal },
    (_, [gradient]) => void own.push(gradient)
  )
  await eachJet(
    objective,
    parameters,
    vectors.rows,
    (i) => [curveOf(i)],
    { order, signal },
    (i, [gradient]) => {
      const factor = (norm(rowOf(vectors, i)) || 1) / length
      results.forEach((result, j) => {
        const [moved, still, to] = [rowOf(gradient, place + j), rowOf(own[0], place + j), rowOf(result, i)]
        for (let n = 0; n < size; n++) to[n] = factor * (moved[n] - still[n])
      })
    }
  )
  return results
}
