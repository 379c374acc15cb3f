// The functions of the exam as expressions of the playground, each with its variables; their minimum is 0.

interface Formula {
  readonly formula: string
  readonly variables: readonly string[]
}

const named = (count: number) => Array.from({ length: count }, (_, k) => `x${k + 1}`)

/** Rows of a Hadamard matrix of order 4 (twice an orthogonal one): axes that lie askew to all coordinates. */
const askew = [
  [1, 1, 1, 1],
  [1, -1, 1, -1],
  [1, 1, -1, -1],
  [1, -1, -1, 1]
]
/** Geometric, condition number 10⁴. */
const curvatures = [100, 5, 0.2, 0.01]
const bottom = [1, -2, 3, -4]

/** ½ Σ λ_i (h_i · (x − c))² with orthonormal h_i. */
export const rotatedQuadratic: Formula = {
  formula: askew
    .map((row, i) => {
      const along = row
        .map((sign, k) => `${sign < 0 ? '-' : '+'} (x${k + 1} ${bottom[k] < 0 ? '+' : '-'} ${Math.abs(bottom[k])})`)
        .join(' ')
      return `${curvatures[i] / 8} * (0 ${along})^2`
    })
    .join(' + '),
  variables: named(4)
}

/** Σ (1 − x_i)² + 100 (x_{i+1} − x_i²)², the chained form (Rosenbrock 1960; its second minimum: Kok and Sandrock 2009). */
export const chainedRosenbrock: Formula = {
  formula: Array.from({ length: 19 }, (_, k) => `(1 - x${k + 1})^2 + 100 * (x${k + 2} - x${k + 1}^2)^2`).join(' + '),
  variables: named(20)
}

/** 50 u² + 0.1 (v² − 1)² with u = (x + y)/√2, v = (x − y)/√2: curvatures 100 and −0.4 at 0. */
export const tiltedSaddle: Formula = {
  formula: '25 * (x + y)^2 + 0.1 * ((x - y)^2 / 2 - 1)^2',
  variables: ['x', 'y']
}

/** 1 − exp(−r²/2) around (1, 2). */
export const gaussianPit: Formula = { formula: '1 - exp(-((x - 1)^2 + (y - 2)^2) / 2)', variables: ['x', 'y'] }

/** A convex bowl of condition number 10 at its bottom, times a factor. */
export const scaledBowl = (factor: number): Formula => ({
  formula: `${factor} * ((x - 1)^2 / 2 + 3 * (y + 1)^2 / 2 + 5 * (z - 2)^2 + (x - y - 2)^4 / 10)`,
  variables: ['x', 'y', 'z']
})
