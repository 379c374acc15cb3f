// Arithmetic of truncated power series a_0 + a_1 t + … + a_K t^K, coefficients in ascending order; every operation keeps the order of its operands.

/** Length K + 1. */
export type Series = Float64Array

/** Σ_{j=first..k} x_j y_{k−j}. */
export function coefficient(k: number, first: number, x: Series, y: Series): number {
  let sum = 0
  for (let j = first; j <= k; j++) sum += x[j] * y[k - j]
  return sum
}

export const constant = (value: number, order: number): Series => {
  const series = new Float64Array(order + 1)
  series[0] = value
  return series
}

export const plus = (a: Series, b: Series, factor = 1): Series => a.map((value, k) => value + factor * b[k])

export const times = (factor: number, a: Series): Series => a.map((value) => factor * value)

/** a + value. */
export function shifted(a: Series, value: number): Series {
  const sum = a.slice()
  sum[0] += value
  return sum
}

export const product = (a: Series, b: Series): Series => a.map((_, k) => coefficient(k, 0, a, b))

/** a / b: b q = a, coefficient by coefficient. */
export function quotient(a: Series, b: Series): Series {
  const q = new Float64Array(a.length)
  for (let k = 0; k < a.length; k++) q[k] = (a[k] - coefficient(k, 1, b, q)) / b[0]
  return q
}

/** The coefficients j · a_j of t · a'(t). */
export const weighted = (a: Series): Series => a.map((value, j) => j * value)

/** u with u_0 as given and u' = d · a': k u_k = Σ_{j=1..k} j a_j d_{k−j} (Griewank & Walther 2008, ch. 13). */
export function integral(value: number, a: Series, d: Series): Series {
  const u = constant(value, a.length - 1)
  const ja = weighted(a)
  for (let k = 1; k < a.length; k++) u[k] = coefficient(k, 1, ja, d) / k
  return u
}

/** a^n for a whole n ≥ 0, by repeated squaring: exact wherever the products are, also at a_0 = 0. */
function wholePower(a: Series, n: number): Series {
  let result = constant(1, a.length - 1)
  let square = a
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = product(result, square)
    if (left > 1) square = product(square, square)
  }
  return result
}

/** a^p for a number p: k a_0 u_k = Σ_j (p j − (k − j)) a_j u_{k−j} unless p is whole. NaN or infinite where the power has no series, such as √ at 0. */
export function power(a: Series, p: number): Series {
  if (Number.isSafeInteger(p)) return p >= 0 ? wholePower(a, p) : quotient(constant(1, a.length - 1), wholePower(a, -p))
  const u = constant(a[0] ** p, a.length - 1)
  for (let k = 1; k < a.length; k++) {
    let sum = 0
    for (let j = 1; j <= k; j++) sum += (p * j - (k - j)) * a[j] * u[k - j]
    u[k] = sum / (k * a[0])
  }
  return u
}
