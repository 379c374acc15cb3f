// Activation functions with first and second derivatives and inverses, each written so that no intermediate overflows or cancels.
import type { Activation } from '../../shared/spec/schema'

export interface ActivationFunction {
  readonly kind: Activation['kind']
  /** φ(x). */
  value(x: number): number
  /** φ'(x); at a kink the derivative from the left, as PyTorch defines it. */
  derivative(x: number): number
  /** φ''(x); 0 for piecewise-linear functions, also at the kink. */
  second(x: number): number
  /** True when φ'' is zero wherever it exists. */
  readonly piecewiseLinear: boolean
  /** Of a piecewise-linear φ: its slope for x ≤ 0 (it is 1 for x > 0); null otherwise. */
  readonly lowerSlope: number | null
  /** φ⁻¹(y), NaN outside the open range of φ; null when φ is not one-to-one. */
  readonly inverse: ((y: number) => number) | null
}

function leaky(kind: 'leaky-relu' | 'relu' | 'identity', slope: number): ActivationFunction {
  return {
    kind,
    value: (x) => (x > 0 ? x : slope * x),
    derivative: (x) => (x > 0 ? 1 : slope),
    second: () => 0,
    piecewiseLinear: true,
    lowerSlope: slope,
    inverse: slope > 0 ? (y) => (y > 0 ? y : y / slope) : null
  }
}

const identity: ActivationFunction = {
  kind: 'identity',
  value: (x) => x,
  derivative: () => 1,
  second: () => 0,
  piecewiseLinear: true,
  lowerSlope: 1,
  inverse: (y) => y
}

const tanh: ActivationFunction = {
  kind: 'tanh',
  value: Math.tanh,
  // sech² from e^(−2|x|): 1 − tanh² would lose its digits where tanh is near ±1.
  derivative: (x) => {
    const e = Math.exp(-2 * Math.abs(x))
    return (4 * e) / ((1 + e) * (1 + e))
  },
  second: (x) => {
    const e = Math.exp(-2 * Math.abs(x))
    return ((-8 * e) / ((1 + e) * (1 + e))) * Math.tanh(x)
  },
  piecewiseLinear: false,
  lowerSlope: null,
  inverse: (y) => (Math.abs(y) < 1 ? Math.atanh(y) : Number.NaN)
}

function logistic(x: number): number {
  const e = Math.exp(-Math.abs(x))
  return x >= 0 ? 1 / (1 + e) : e / (1 + e)
}

function logisticDerivative(x: number): number {
  const e = Math.exp(-Math.abs(x))
  return e / ((1 + e) * (1 + e))
}

const sigmoid: ActivationFunction = {
  kind: 'sigmoid',
  value: logistic,
  derivative: logisticDerivative,
  // σ' (1 − 2σ), and 1 − 2σ(x) = −tanh(x/2).
  second: (x) => -logisticDerivative(x) * Math.tanh(x / 2),
  piecewiseLinear: false,
  lowerSlope: null,
  inverse: (y) => (y > 0 && y < 1 ? Math.log(y) - Math.log1p(-y) : Number.NaN)
}

const softplus: ActivationFunction = {
  kind: 'softplus',
  value: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  derivative: logistic,
  second: logisticDerivative,
  piecewiseLinear: false,
  lowerSlope: null,
  inverse: (y) => (y > 0 ? y + Math.log(-Math.expm1(-y)) : Number.NaN)
}

/** The function that a spec's activation names. */
export function activationFunction(activation: Activation): ActivationFunction {
  switch (activation.kind) {
    case 'leaky-relu':
      return leaky('leaky-relu', activation.slope)
    case 'relu':
      return leaky('relu', 0)
    case 'tanh':
      return tanh
    case 'sigmoid':
      return sigmoid
    case 'softplus':
      return softplus
    case 'identity':
      return identity
  }
}
