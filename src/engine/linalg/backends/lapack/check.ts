// Whether a library computes: a small product, Cholesky factor, solve and eigendecomposition, each judged by its residual.
import type { Library } from './library'

const n = 48
const epsilon = Number.EPSILON

/** Throws an error that names the routine and the residual when a result is wrong. Takes about a millisecond. */
export function checkLibrary(library: Library): void {
  const a = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) a[i * n + j] = Math.cos((i + 1) * (j + 1)) / (1 + Math.abs(i - j)) + Math.sin(i - 2 * j) / n
  const gram = multiply(a, a, true)
  const c = new Float64Array(n * n)
  library.callNow('dgemm', 'T', 'N', n, n, n, 1, a, n, a, n, 0, c, n)
  expectSmall('dgemm', distance(c, gram), 100 * epsilon * largest(gram))
  for (let i = 0; i < n; i++) c[i * n + i] = gram[i * n + i] += 1
  expectSmall('dpotrf', library.callNow('dpotrf', 'U', n, c, n), 0)
  const solution = gram.slice()
  library.callNow('dtrsm', 'L', 'U', 'T', 'N', n, n, 1, c, n, solution, n)
  library.callNow('dtrsm', 'L', 'U', 'N', 'N', n, n, 1, c, n, solution, n)
  for (let i = 0; i < n; i++) solution[i * n + i] -= 1
  expectSmall('dtrsm', largest(solution), 1e6 * epsilon)
  checkEigen(library, gram)
}

function checkEigen(library: Library, symmetric: Float64Array): void {
  const [reflectors, z, work] = [symmetric.slice(), new Float64Array(n * n), new Float64Array(2 * n * n + 64 * n)]
  const [values, offDiagonal, tau] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)]
  expectSmall('dsytrd', library.callNow('dsytrd', 'L', n, reflectors, n, values, offDiagonal, tau, work, work.length), 0)
  const integers = new Int32Array(5 * n + 3)
  expectSmall('dstedc', library.callNow('dstedc', 'I', n, values, offDiagonal, z, n, work, work.length, integers, integers.length), 0)
  expectSmall('dormtr', library.callNow('dormtr', 'L', 'L', 'N', n, n, reflectors, n, tau, z, n, work, work.length), 0)
  // Row j of z (row-major) is eigenvector j.
  const image = multiply(z, symmetric, false)
  const inner = multiply(z, z, true)
  for (let j = 0; j < n; j++) {
    inner[j * n + j] -= 1
    for (let i = 0; i < n; i++) image[j * n + i] -= values[j] * z[j * n + i]
  }
  expectSmall('dstedc', largest(image), 100 * epsilon * largest(symmetric))
  expectSmall('dstedc', largest(inner), 100 * epsilon)
}

/** Row-major x · y, or xᵀ · y seen by column-major routines as xᵀx: entry (i, j) = Σ x[i, l] y[j, l]. */
function multiply(x: Float64Array, y: Float64Array, secondTransposed: boolean): Float64Array {
  const result = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let l = 0; l < n; l++) {
      const factor = x[i * n + l]
      for (let j = 0; j < n; j++) result[i * n + j] += factor * (secondTransposed ? y[j * n + l] : y[l * n + j])
    }
  return result
}

const largest = (values: Float64Array): number =>
  values.reduce((most, value) => (Number.isNaN(most) || Math.abs(value) <= most ? most : Math.abs(value)), 0)
const distance = (x: Float64Array, y: Float64Array): number => largest(x.map((value, index) => value - y[index]))

function expectSmall(routine: string, residual: number, bound: number): void {
  if (!(Math.abs(residual) <= bound))
    throw new Error(
      `${routine} gave a wrong result on a ${n} × ${n} problem (residual ${residual.toExponential(1)}, at most ${bound.toExponential(1)} allowed)`
    )
}
