// Functions whose training is a famous map: gradient descent on one is the logistic map, momentum on the other the map of Hénon (docs/dynamics.md).
import type { FunctionDefinition } from './definition'

type Definition = Omit<FunctionDefinition, 'term'>

/** f' = x − 4x(1 − x): gradient descent with η = 1 is x ← 4x(1 − x), chaotic on [0, 1] with exponent ln 2 (Ulam and von Neumann 1947). */
export const logistic: Definition = {
  name: 'logistic',
  title: 'Logistic map',
  formula: '4/3 x^3 - 3/2 x^2',
  variables: ['x'],
  start: [0.3],
  view: null,
  critical: [{ point: [0.75], kind: 'minimum' }],
  value: ([x]) => (4 / 3) * x * x * x - 1.5 * x * x,
  gradient(at, g) {
    const x = at[0]
    g[0] = x - 4 * x * (1 - x)
  },
  hessian(at, h) {
    h[0] = 8 * at[0] - 3
  }
}

/** f' = 0.7x − 1 + 1.4x²: momentum with η = 1, μ = −0.3 is x ← 1 − 1.4x² + 0.3x₋, the map of Hénon (1976). */
export const henon: Definition = {
  name: 'henon',
  title: 'Hénon map',
  formula: '7/20 x^2 - x + 7/15 x^3',
  variables: ['x'],
  start: [0.6],
  view: null,
  critical: [{ point: [0.6313544770895], kind: 'minimum' }],
  value: ([x]) => 0.35 * x * x - x + (1.4 / 3) * x * x * x,
  gradient(at, g) {
    const x = at[0]
    g[0] = 0.7 * x - 1 + 1.4 * x * x
  },
  hessian(at, h) {
    h[0] = 0.7 + 2.8 * at[0]
  }
}
