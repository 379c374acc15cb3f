// The functions of expressions applied to power series, each with its derivative: u = f(a) and d = f'(a), by their differential equations.
import { coefficient, constant, integral, power, product, quotient, shifted, times, weighted, type Series } from './series'

/** u = f(a) and d = f'(a). */
interface Applied {
  readonly value: Series
  readonly slope: Series
}

const one = (a: Series): Series => constant(1, a.length - 1)

export function exponential(a: Series): Series {
  const u = constant(Math.exp(a[0]), a.length - 1)
  const ja = weighted(a)
  for (let k = 1; k < a.length; k++) u[k] = coefficient(k, 1, ja, u) / k
  return u
}

export const logarithm = (a: Series): Applied => {
  const slope = quotient(one(a), a)
  return { value: integral(Math.log(a[0]), a, slope), slope }
}

/** Both of s' = c a', c' = sign · s a': sine and cosine (−1), their hyperbolic cousins (+1). */
function waves(a: Series, sine: number, cosine: number, sign: 1 | -1): { readonly s: Series; readonly c: Series } {
  const [s, c] = [constant(sine, a.length - 1), constant(cosine, a.length - 1)]
  const ja = weighted(a)
  for (let k = 1; k < a.length; k++) {
    s[k] = coefficient(k, 1, ja, c) / k
    c[k] = (sign * coefficient(k, 1, ja, s)) / k
  }
  return { s, c }
}

const circular = (a: Series) => waves(a, Math.sin(a[0]), Math.cos(a[0]), -1)
const hyperbolic = (a: Series) => waves(a, Math.sinh(a[0]), Math.cosh(a[0]), 1)

/** u' = d a' with d' = twice · u d a': the tangents. The slope has its own recurrence; 1 ± u² would lose its digits where u is near ±1. */
function tangent(a: Series, value: number, slopeAt: number, twice: 2 | -2): Applied {
  const [u, d, ud] = [constant(value, a.length - 1), constant(slopeAt, a.length - 1), new Float64Array(a.length)]
  const ja = weighted(a)
  for (let k = 1; k < a.length; k++) {
    ud[k - 1] = twice * coefficient(k - 1, 0, u, d)
    u[k] = coefficient(k, 1, ja, d) / k
    d[k] = coefficient(k, 1, ja, ud) / k
  }
  return { value: u, slope: d }
}

const tan = (a: Series) => tangent(a, Math.tan(a[0]), Math.cos(a[0]) ** -2, 2)
const cot = (a: Series) => tangent(a, 1 / Math.tan(a[0]), -(Math.sin(a[0]) ** -2), -2)
const tanh = (a: Series) => tangent(a, Math.tanh(a[0]), Math.cosh(a[0]) ** -2, -2)
const coth = (a: Series) => tangent(a, 1 / Math.tanh(a[0]), -(Math.sinh(a[0]) ** -2), -2)

/** 1/wave with the slope ± (1/wave) · tangent. */
function reciprocal(wave: Series, ratio: Series, sign: 1 | -1): Applied {
  const value = quotient(one(wave), wave)
  return { value, slope: times(sign, product(value, ratio)) }
}

/** f with f(a_0) = value and the slope given as a series. */
const fromSlope = (value: number, a: Series, slope: Series): Applied => ({ value: integral(value, a, slope), slope })

/** 1 − a² as (1 − a)(1 + a), which keeps its digits next to ±1. */
const oneMinusSquare = (a: Series): Series => product(shifted(times(-1, a), 1), shifted(a, 1))
const onePlusSquare = (a: Series): Series => shifted(product(a, a), 1)

/** a · sign(a_0): no series at 0, where the branch is not decided. */
function absolute(a: Series): Applied {
  const sign = a[0] > 0 ? 1 : a[0] < 0 ? -1 : Number.NaN
  return { value: times(sign, a), slope: constant(sign, a.length - 1) }
}

/** Functions of one argument by the names of expressions. */
export const elementary: ReadonlyMap<string, (a: Series) => Applied> = new Map<string, (a: Series) => Applied>([
  ['abs', absolute],
  [
    'exp',
    (a) => {
      const value = exponential(a)
      return { value, slope: value }
    }
  ],
  ['log', logarithm],
  [
    'log10',
    (a) => {
      const { value, slope } = logarithm(a)
      return { value: times(Math.LOG10E, value), slope: times(Math.LOG10E, slope) }
    }
  ],
  ['sqrt', (a) => ({ value: power(a, 0.5), slope: times(0.5, power(a, -0.5)) })],
  [
    'sin',
    (a) => {
      const { s, c } = circular(a)
      return { value: s, slope: c }
    }
  ],
  [
    'cos',
    (a) => {
      const { s, c } = circular(a)
      return { value: c, slope: times(-1, s) }
    }
  ],
  ['tan', tan],
  ['cot', cot],
  ['sec', (a) => reciprocal(circular(a).c, tan(a).value, 1)],
  ['csc', (a) => reciprocal(circular(a).s, cot(a).value, -1)],
  ['asin', (a) => fromSlope(Math.asin(a[0]), a, power(oneMinusSquare(a), -0.5))],
  ['acos', (a) => fromSlope(Math.acos(a[0]), a, times(-1, power(oneMinusSquare(a), -0.5)))],
  ['atan', (a) => fromSlope(Math.atan(a[0]), a, quotient(one(a), onePlusSquare(a)))],
  [
    'sinh',
    (a) => {
      const { s, c } = hyperbolic(a)
      return { value: s, slope: c }
    }
  ],
  [
    'cosh',
    (a) => {
      const { s, c } = hyperbolic(a)
      return { value: c, slope: s }
    }
  ],
  ['tanh', tanh],
  ['coth', coth],
  ['sech', (a) => reciprocal(hyperbolic(a).c, tanh(a).value, -1)],
  ['csch', (a) => reciprocal(hyperbolic(a).s, coth(a).value, -1)],
  ['asinh', (a) => fromSlope(Math.asinh(a[0]), a, power(onePlusSquare(a), -0.5))],
  ['acosh', (a) => fromSlope(Math.acosh(a[0]), a, power(product(shifted(a, -1), shifted(a, 1)), -0.5))],
  ['atanh', (a) => fromSlope(Math.atanh(a[0]), a, quotient(one(a), oneMinusSquare(a)))]
])

/** a^b with its derivatives by both; `fixed` where b does not depend on t, so that bases at or below 0 have the powers they have. */
export function raised(a: Series, b: Series, fixed: boolean): { readonly value: Series; byBase(): Series; byExponent(): Series } {
  if (fixed) {
    const value = power(a, b[0])
    return { value, byBase: () => times(b[0], power(a, b[0] - 1)), byExponent: () => product(value, logarithm(a).value) }
  }
  const log = logarithm(a).value
  const value = exponential(product(b, log))
  return { value, byBase: () => quotient(product(b, value), a), byExponent: () => product(value, log) }
}
