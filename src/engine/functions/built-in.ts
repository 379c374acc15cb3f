// The built-in test functions (docs/finite-difference-newton.md for the inverse gradients).
import { parseTerm, type Term } from '../../shared/expression'
import { luFactor } from '../linalg/lu'
import { fillNormal, randomStream } from '../random'
import type { FunctionDefinition } from './definition'
import { henon, logistic } from './maps'

/** The formula shown is the tree: what a function says of itself cannot differ from what its power series are taken of. */
function byFormula(definition: Omit<FunctionDefinition, 'term'>): FunctionDefinition {
  return { ...definition, term: () => parseTerm(definition.formula, definition.variables) }
}

/** (1−x)² + 100(y−x²)² (Rosenbrock 1960): a curved valley whose floor is a thousand times flatter than its walls. */
const rosenbrock = byFormula({
  name: 'rosenbrock',
  title: 'Rosenbrock',
  formula: '(1 - x)^2 + 100 (y - x^2)^2',
  variables: ['x', 'y'],
  start: [-1.2, 1],
  view: [
    [-2, 2],
    [-1, 3]
  ],
  critical: [{ point: [1, 1], kind: 'minimum' }],
  value: ([x, y]) => (1 - x) ** 2 + 100 * (y - x * x) ** 2,
  gradient([x, y], g) {
    g[1] = 200 * (y - x * x)
    g[0] = 2 * (x - 1) - 2 * x * g[1]
  },
  hessian([x, y], h) {
    h[0] = 2 - 400 * (y - x * x) + 800 * x * x
    h[1] = h[2] = -400 * x
    h[3] = 200
  },
  gaussNewton([x], h) {
    // Residuals √2 (1 − x) and √200 (y − x²), so that f is half their squares' sum.
    h[0] = 2 + 800 * x * x
    h[1] = h[2] = -400 * x
    h[3] = 200
  },
  inverse: {
    formula: 'x = (z₁ + 2) / (2 − 2 z₂), y = z₂ / 200 + x²',
    at(_, [z1, z2]) {
      const x = (z1 + 2) / (2 - 2 * z2)
      return Float64Array.of(x, z2 / 200 + x * x)
    },
    derivative([x, y], [v1, v2]) {
      const slope = 2 - 400 * (y - x * x)
      const dx = (v1 + 2 * x * v2) / slope
      return Float64Array.of(dx, v2 / 200 + 2 * x * dx)
    }
  }
})

/** Σ x³ in three variables: a degenerate critical point at 0, no minimum. */
const cubes = byFormula({
  name: 'sum-of-cubes',
  title: 'Sum of cubes',
  formula: 'x1^3 + x2^3 + x3^3',
  variables: ['x1', 'x2', 'x3'],
  start: [1, 2, 3],
  view: null,
  critical: [{ point: [0, 0, 0], kind: 'saddle' }],
  value: (x) => x.reduce((sum, t) => sum + t * t * t, 0),
  gradient: (x, g) => x.forEach((t, i) => (g[i] = 3 * t * t)),
  hessian(x, h) {
    h.fill(0)
    x.forEach((t, i) => (h[i * x.length + i] = 6 * t))
  },
  inverse: {
    formula: 'x = ± √(z / 3), with the sign of the current x',
    at: (x, z) => z.map((t, i) => (x[i] < 0 ? -1 : 1) * Math.sqrt(t / 3)),
    derivative: (x, v) => v.map((t, i) => t / (6 * x[i]))
  }
})

/** x₁x₂x₃: a saddle at 0 whose Hessian vanishes there. */
const product = byFormula({
  name: 'product',
  title: 'Product of three',
  formula: 'x1 x2 x3',
  variables: ['x1', 'x2', 'x3'],
  start: [1, 0.5, 2],
  view: null,
  critical: [{ point: [0, 0, 0], kind: 'saddle' }],
  value: ([a, b, c]) => a * b * c,
  gradient([a, b, c], g) {
    g[0] = b * c
    g[1] = a * c
    g[2] = a * b
  },
  hessian([a, b, c], h) {
    h.set([0, c, b, c, 0, a, b, a, 0])
  },
  inverse: {
    formula: 'xᵢ = ± √(z₁ z₂ z₃) / zᵢ, with the sign of x₁ x₂ x₃',
    at([a, b, c], z) {
      const p = (a * b * c < 0 ? -1 : 1) * Math.sqrt(z[0] * z[1] * z[2])
      return z.map((t) => p / t)
    },
    derivative([a, b, c], [u, v, w]) {
      const twice = 2 * a * b * c
      return Float64Array.of(
        (v * a * b + w * a * c - u * a * a) / twice,
        (u * a * b + w * b * c - v * b * b) / twice,
        (u * a * c + v * b * c - w * c * c) / twice
      )
    }
  }
})

/** 5x² − y²: the classical saddle; gradient descent leaves along y only if it starts off the x axis. */
const saddle = byFormula({
  name: 'saddle',
  title: 'Classical saddle',
  formula: '5 x^2 - y^2',
  variables: ['x', 'y'],
  start: [1, 0.01],
  view: [
    [-2, 2],
    [-2, 2]
  ],
  critical: [{ point: [0, 0], kind: 'saddle' }],
  value: ([x, y]) => 5 * x * x - y * y,
  gradient([x, y], g) {
    g[0] = 10 * x
    g[1] = -2 * y
  },
  hessian(_, h) {
    h.set([10, 0, 0, -2])
  },
  inverse: {
    formula: 'x = z₁ / 10, y = −z₂ / 2',
    at: (_, [z1, z2]) => Float64Array.of(z1 / 10, -z2 / 2),
    derivative: (_, [v1, v2]) => Float64Array.of(v1 / 10, -v2 / 2)
  }
})

/** x³ − 3xy²: three valleys meet; the Hessian vanishes at 0. */
const monkeySaddle = byFormula({
  name: 'monkey-saddle',
  title: 'Monkey saddle',
  formula: 'x^3 - 3 x y^2',
  variables: ['x', 'y'],
  start: [0.8, 0.1],
  view: [
    [-2, 2],
    [-2, 2]
  ],
  critical: [{ point: [0, 0], kind: 'saddle' }],
  value: ([x, y]) => x * x * x - 3 * x * y * y,
  gradient([x, y], g) {
    g[0] = 3 * x * x - 3 * y * y
    g[1] = -6 * x * y
  },
  hessian([x, y], h) {
    h.set([6 * x, -6 * y, -6 * y, -6 * x])
  },
  inverse: {
    // z₁ − i z₂ = 3 (x + i y)².
    formula: 'x + i y = ± √((z₁ − i z₂) / 3), the root nearer to the current point',
    at([x, y], [z1, z2]) {
      const length = Math.sqrt(Math.hypot(z1, z2) / 3)
      const angle = Math.atan2(-z2, z1) / 2
      const root = [length * Math.cos(angle), length * Math.sin(angle)]
      const sign = root[0] * x + root[1] * y < 0 ? -1 : 1
      return Float64Array.of(sign * root[0], sign * root[1])
    },
    derivative([x, y], [v1, v2]) {
      const scale = 6 * (x * x + y * y)
      return Float64Array.of((x * v1 - y * v2) / scale, (-y * v1 - x * v2) / scale)
    }
  }
})

/** (x² + y − 11)² + (x + y² − 7)² (Himmelblau 1972): four minima, four saddles, one maximum. */
const himmelblau = byFormula({
  name: 'himmelblau',
  title: 'Himmelblau',
  formula: '(x^2 + y - 11)^2 + (x + y^2 - 7)^2',
  variables: ['x', 'y'],
  start: [0, 0],
  view: [
    [-6, 6],
    [-6, 6]
  ],
  critical: [
    { point: [3, 2], kind: 'minimum' },
    { point: [-2.805118086952745, 3.131312518250573], kind: 'minimum' },
    { point: [-3.779310253377747, -3.283185991286169], kind: 'minimum' },
    { point: [3.584428340330492, -1.848126526964404], kind: 'minimum' }
  ],
  value: ([x, y]) => (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2,
  gradient([x, y], g) {
    const a = x * x + y - 11
    const b = x + y * y - 7
    g[0] = 4 * x * a + 2 * b
    g[1] = 2 * a + 4 * y * b
  },
  hessian([x, y], h) {
    h[0] = 12 * x * x + 4 * y - 42
    h[1] = h[2] = 4 * x + 4 * y
    h[3] = 12 * y * y + 4 * x - 26
  },
  gaussNewton([x, y], h) {
    h[0] = 8 * x * x + 2
    h[1] = h[2] = 4 * x + 4 * y
    h[3] = 8 * y * y + 2
  }
})

/**
 * ½ ‖X w − y‖² with X 100 × 100 and y = X w* drawn once from a fixed seed: convex, and so badly conditioned that gradient descent crawls.
 * The inverse of its gradient map Xᵀ(X w − y) is w = X⁻¹ (X⁻ᵀ z + y), kept as the inverse of XᵀX.
 */
export function linearRegression(size = 100, seed = 100): FunctionDefinition & { readonly solution: Float64Array } {
  const generator = randomStream(seed, 'linear-regression')
  const x = fillNormal(generator, new Float64Array(size * size))
  const solution = fillNormal(generator, new Float64Array(size))
  const hessian = new Float64Array(size * size)
  for (let k = 0; k < size; k++)
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) hessian[i * size + j] += x[k * size + i] * x[k * size + j]
  let factor: ReturnType<typeof luFactor> | null = null
  const residual = (w: Float64Array) => {
    const r = new Float64Array(size)
    for (let k = 0; k < size; k++) for (let i = 0; i < size; i++) r[k] += x[k * size + i] * (w[i] - solution[i])
    return r
  }
  const transposed = (r: Float64Array, out: Float64Array) => {
    out.fill(0)
    for (let k = 0; k < size; k++) for (let i = 0; i < size; i++) out[i] += x[k * size + i] * r[k]
  }
  // (XᵀX)⁻¹ v through X itself: X⁻¹ (X⁻ᵀ v), which loses half as many digits as the normal equations.
  const solve = (v: Float64Array) => {
    factor ??= luFactor(x, size)
    return luSolve(factor, size, luSolveTransposed(factor, size, v))
  }
  return {
    name: 'linear-regression',
    title: `Linear regression ${size} × ${size}`,
    formula: `½ ‖X w − y‖², X ${size} × ${size}`,
    variables: Array.from({ length: size }, (_, i) => `w${i + 1}`),
    start: Array.from({ length: size }, () => 0),
    view: null,
    critical: [{ point: [...solution], kind: 'minimum' }],
    solution,
    value: (w) => residual(w).reduce((sum, r) => sum + r * r, 0) / 2,
    gradient: (w, g) => transposed(residual(w), g),
    hessian: (_, h) => h.set(hessian),
    term: () => halfSquares(x, solution),
    gaussNewton: (_, h) => h.set(hessian),
    inverse: {
      formula: 'w = X⁻¹ (X⁻ᵀ z + y)',
      at: (_, z) => solve(z).map((t, i) => t + solution[i]),
      derivative: (_, v) => solve(v)
    }
  }
}

/** ½ Σ_k (Σ_i x_ki (w_i − solution_i))² as a tree: too long to be typed. */
function halfSquares(x: Float64Array, solution: Float64Array): Term {
  const call = (name: string, ...args: Term[]): Term => ({ kind: 'call', name, args })
  const value = (of: number): Term => ({ kind: 'number', value: of })
  const sum = (terms: readonly Term[]): Term => terms.slice(1).reduce((before, term) => call('add', before, term), terms[0])
  const differences = Array.from(solution, (target, index) => call('subtract', { kind: 'variable', index }, value(target)))
  const squares = Array.from(solution, (_, k) => {
    const residual = sum(differences.map((difference, i) => call('multiply', value(x[k * solution.length + i]), difference)))
    return call('pow', residual, value(2))
  })
  return call('multiply', value(0.5), sum(squares))
}

function luSolve({ lower: lu, order }: ReturnType<typeof luFactor>, n: number, b: Float64Array): Float64Array {
  const x = Float64Array.from(order, (row) => b[row])
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) x[i] -= lu[i * n + j] * x[j]
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) x[i] -= lu[i * n + j] * x[j]
    x[i] /= lu[i * n + i]
  }
  return x
}

function luSolveTransposed({ lower: lu, order }: ReturnType<typeof luFactor>, n: number, b: Float64Array): Float64Array {
  const y = b.slice()
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) y[i] -= lu[j * n + i] * y[j]
    y[i] /= lu[i * n + i]
  }
  for (let i = n - 1; i >= 0; i--) for (let j = i + 1; j < n; j++) y[i] -= lu[j * n + i] * y[j]
  const x = new Float64Array(n)
  order.forEach((row, i) => (x[row] = y[i]))
  return x
}

export const builtIn: Readonly<Record<string, () => FunctionDefinition>> = {
  rosenbrock: () => rosenbrock,
  himmelblau: () => himmelblau,
  saddle: () => saddle,
  'monkey-saddle': () => monkeySaddle,
  'sum-of-cubes': () => cubes,
  product: () => product,
  'linear-regression': () => linearRegression(),
  logistic: () => byFormula(logistic),
  henon: () => byFormula(henon)
}
