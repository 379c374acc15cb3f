// Calls that every backend refuses, by what is wrong with them: the code and the very sentence of the refusal.
import { block, matrix, type GemmOuterBatch, type Linalg, type LinalgError, type Matrix } from '../../../src/engine/linalg'
import { random, randomSymmetric } from './gallery'

type Call = (linalg: Linalg) => unknown
export type Refusals = Record<string, readonly [call: Call, code: LinalgError['code'], sentence: string]>

/** The options as a caller without types would pass them. */
const untyped = (options: object): object => options
export const square = (n: number): Matrix => matrix(n, n)
const outside: Matrix = { data: new Float64Array(10), rows: 3, columns: 3, offset: 5, stride: 3 }
const poor = (name: string) => `${name} is 3 × 3 with row stride 3 at offset 5, which does not fit its 10 numbers`

const operands: Refusals = {
  'a product whose matrices do not fit their data': [(l) => l.gemm(outside, square(3), square(3)), 'shape', `gemm: ${poor('a')}`],
  'a second factor that does not fit': [(l) => l.gemm(square(3), outside, square(3)), 'shape', `gemm: ${poor('b')}`],
  'a result that does not fit': [(l) => l.gemm(square(3), square(3), outside), 'shape', `gemm: ${poor('c')}`],
  'rows closer than they are long': [
    (l) => l.eigenvalues({ data: new Float64Array(99), rows: 3, columns: 3, offset: 0, stride: 2 }),
    'shape',
    'eigenvalues: a is 3 × 3 with row stride 2 at offset 0, which does not fit its 99 numbers'
  ],
  'half a row': [
    (l) => l.qr({ data: new Float64Array(99), rows: 2.5, columns: 2, offset: 0, stride: 2 }),
    'shape',
    'qr: a is 2.5 × 2 with row stride 2 at offset 0, which does not fit its 99 numbers'
  ],
  'factors that do not meet': [(l) => l.gemm(matrix(2, 3), matrix(2, 3), square(2)), 'shape', 'gemm: rows of b must be 3, got 2'],
  'transposed factors that do not meet': [
    (l) => l.gemm(matrix(2, 3), matrix(2, 4), matrix(2, 2), { transposeB: 'transpose' }),
    'shape',
    'gemm: columns of b must be 3, got 4'
  ],
  'too many rows of a product': [(l) => l.gemm(matrix(2, 3), matrix(3, 2), matrix(3, 2)), 'shape', 'gemm: rows of c must be 2, got 3'],
  'too many columns of a product': [
    (l) => l.gemm(matrix(2, 3), matrix(3, 2), matrix(2, 3)),
    'shape',
    'gemm: columns of c must be 2, got 3'
  ],
  'rows of A·Aᵀ': [(l) => l.syrk(matrix(2, 3), square(3)), 'shape', 'syrk: rows of c must be 2, got 3'],
  'columns of A·Aᵀ': [(l) => l.syrk(matrix(2, 3), matrix(2, 3)), 'shape', 'syrk: columns of c must be 2, got 3'],
  'a symmetric matrix that is not square': [
    (l) => l.symv(matrix(2, 3), new Float64Array(3), new Float64Array(2)),
    'shape',
    'symv: a must be square, got 2 × 3'
  ],
  'a vector too long': [(l) => l.symv(square(2), new Float64Array(3), new Float64Array(2)), 'shape', 'symv: x must have 2 numbers, got 3'],
  'a result too short': [(l) => l.symv(square(2), new Float64Array(2), new Float64Array(1)), 'shape', 'symv: y must have 2 numbers, got 1'],
  'mirroring what is not square': [(l) => l.mirrorUpperInPlace(matrix(2, 3)), 'shape', 'mirrorUpperInPlace: a must be square, got 2 × 3'],
  'a Cholesky factor of what is not square': [
    (l) => l.choleskyInPlace(matrix(2, 3)),
    'shape',
    'choleskyInPlace: a must be square, got 2 × 3'
  ],
  'a triangle that is not square': [
    (l) => l.solveTriangularInPlace(matrix(2, 3), matrix(2, 1)),
    'shape',
    'solveTriangularInPlace: l must be square, got 2 × 3'
  ],
  'sides of another length': [
    (l) => l.solveTriangularInPlace(square(2), matrix(3, 1)),
    'shape',
    'solveTriangularInPlace: rows of b must be 2, got 3'
  ],
  'sides of another length for a Cholesky factor': [
    (l) => l.solveCholeskyInPlace(square(2), matrix(3, 1)),
    'shape',
    'solveCholeskyInPlace: rows of b must be 2, got 3'
  ],
  'eigenvalues of what is not square': [(l) => l.eigenvalues(matrix(2, 3)), 'shape', 'eigenvalues: a must be square, got 2 × 3'],
  'eigenvectors of what is not square': [(l) => l.eigenSymmetric(matrix(2, 3)), 'shape', 'eigenSymmetric: a must be square, got 2 × 3'],
  'a reduction of what is not square': [(l) => l.tridiagonalize(matrix(2, 3)), 'shape', 'tridiagonalize: a must be square, got 2 × 3'],
  'a vector of another length for a reduction': [
    async (l) => (await l.tridiagonalize(square(2))).apply(new Float64Array(3)),
    'shape',
    'tridiagonalize: apply: x must have 2 numbers, got 3'
  ],
  'QR of a wide matrix': [(l) => l.qr(matrix(2, 3)), 'shape', 'qr: a must be tall, got 2 × 3; lq takes the others'],
  'LQ of a tall matrix': [(l) => l.lq(matrix(3, 2)), 'shape', 'lq: a must be wide, got 3 × 2; qr takes the others'],
  'sides of least squares': [(l) => l.leastSquares(matrix(3, 2), matrix(2, 1)), 'shape', 'leastSquares: rows of b must be 3, got 2'],
  'a pseudoinverse of what does not fit': [(l) => l.pseudoinverse(outside), 'shape', `pseudoinverse: ${poor('a')}`],
  'singular values of what does not fit': [(l) => l.singularValues(outside), 'shape', `singularValues: ${poor('a')}`],
  'a condition of what is not square': [
    (l) => l.choleskyCondition(matrix(2, 3), 1),
    'shape',
    'choleskyCondition: l must be square, got 2 × 3'
  ],
  'a negative length': [(l) => l.allocate(-1), 'shape', 'allocate: the length must be a whole number ≥ 0, got -1'],
  'a broken length': [(l) => l.allocate(1.5), 'shape', 'allocate: the length must be a whole number ≥ 0, got 1.5']
}

/** Two products of 2 × 3 with 3 × 2. */
export function batch(changes: { [Name in keyof GemmOuterBatch]?: object | number }): GemmOuterBatch {
  const whole = {
    m: 2,
    n: 2,
    k: 3,
    a: { data: new Float64Array(12), offset: 0, stride: 3, step: 6, count: 2 },
    b: { data: new Float64Array(6), offset: 0, stride: 2, step: 6, count: 1 },
    c: { data: new Float64Array(8), offset: 0, stride: 2, stepA: 4, stepB: 8 }
  }
  const merged: Record<string, unknown> = { ...whole }
  for (const [name, change] of Object.entries(changes))
    merged[name] = typeof change === 'object' ? { ...whole[name as 'a' | 'b' | 'c'], ...change } : change
  return merged as unknown as GemmOuterBatch
}

const batches: Refusals = {
  'rows of a batch below 0': [(l) => l.gemmOuterBatch(batch({ m: -1 })), 'shape', 'gemmOuterBatch: m must be a whole number ≥ 0, got -1'],
  'a broken number of factors': [
    (l) => l.gemmOuterBatch(batch({ a: { count: 1.5 } })),
    'shape',
    'gemmOuterBatch: a.count must be a whole number ≥ 0, got 1.5'
  ],
  'a step backwards': [
    (l) => l.gemmOuterBatch(batch({ b: { step: -6, count: 2, offset: 6, data: new Float64Array(12) } })),
    'shape',
    'gemmOuterBatch: b.step must be a whole number ≥ 0, got -6'
  ],
  'results backwards': [
    (l) => l.gemmOuterBatch(batch({ c: { stepA: -4 } })),
    'shape',
    'gemmOuterBatch: c.stepA must be a whole number ≥ 0, got -4'
  ],
  'rows of factors that overlap': [
    (l) => l.gemmOuterBatch(batch({ a: { stride: 2 } })),
    'shape',
    'gemmOuterBatch: a is 2 × 3 with row stride 2 at offset 0, which does not fit its 12 numbers'
  ],
  'more factors than there are numbers': [
    (l) => l.gemmOuterBatch(batch({ a: { count: 3 } })),
    'shape',
    'gemmOuterBatch: a is 1 × 18 with row stride 18 at offset 0, which does not fit its 12 numbers'
  ],
  'more results than there are numbers': [
    (l) => l.gemmOuterBatch(batch({ c: { stepA: 5 } })),
    'shape',
    'gemmOuterBatch: c is 1 × 9 with row stride 9 at offset 0, which does not fit its 8 numbers'
  ],
  'a batch into its own factors': [
    (l) => {
      const data = new Float64Array(24)
      return l.gemmOuterBatch(batch({ a: { data }, c: { data, offset: 11 } }))
    },
    'aliasing',
    'gemmOuterBatch: the result c overlaps the input a; give it memory of its own'
  ]
}

const four = randomSymmetric(4, 1)
const choices: Refusals = {
  'a range beyond the end': [
    (l) => l.eigenSymmetric(four, { range: { from: 2, to: 4 } }),
    'shape',
    'eigenSymmetric: the range 2…4 does not lie inside 0…3'
  ],
  'a range before the start': [
    (l) => l.eigenSymmetric(four, { range: { from: -1, to: 1 } }),
    'shape',
    'eigenSymmetric: the range -1…1 does not lie inside 0…3'
  ],
  'a range the wrong way round': [
    (l) => l.eigenSymmetric(four, { range: { from: 3, to: 2 } }),
    'shape',
    'eigenSymmetric: the range 3…2 does not lie inside 0…3'
  ],
  'a range between indices': [
    (l) => l.eigenSymmetric(four, { range: { from: 0.5, to: 2 } }),
    'shape',
    'eigenSymmetric: the range 0.5…2 does not lie inside 0…3'
  ],
  'a range with a selection': [
    (l) => l.eigenSymmetric(four, { range: { from: 0, to: 1 }, select: { smallest: 1, largest: 1 } }),
    'shape',
    'eigenSymmetric: give either a range or a selection, not both'
  ],
  'a selection below 0': [
    (l) => l.eigenSymmetric(four, { select: { smallest: -1, largest: 1 } }),
    'shape',
    'eigenSymmetric: select.smallest must be a whole number ≥ 0, got -1'
  ],
  'half an eigenpair': [
    (l) => l.eigenSymmetric(four, { select: { smallest: 1, largest: 0.5 } }),
    'shape',
    'eigenSymmetric: select.largest must be a whole number ≥ 0, got 0.5'
  ],
  'another word for a transpose': [
    (l) => l.gemm(four, four, square(4), untyped({ transposeA: 'T' })),
    'shape',
    'gemm: transposeA must be "none" or "transpose", got "T"'
  ],
  'another word for a transposed second factor': [
    (l) => l.gemm(four, four, square(4), untyped({ transposeB: true })),
    'shape',
    'gemm: transposeB must be "none" or "transpose", got true'
  ],
  'another word for a transpose of A·Aᵀ': [
    (l) => l.syrk(four, square(4), untyped({ transposeA: 'yes' })),
    'shape',
    'syrk: transposeA must be "none" or "transpose", got "yes"'
  ],
  'another word for a transposed triangle': [
    (l) => l.solveTriangularInPlace(four, matrix(4, 1), untyped({ transpose: 'T' })),
    'shape',
    'solveTriangularInPlace: transpose must be "none" or "transpose", got "T"'
  ],
  'units to spread that are too few': [
    (l) => l.spread({ units: new Float64Array(17), count: 2, order: 3, c: square(6), column: 0 }),
    'shape',
    'spread: units must have 18 numbers, got 17'
  ],
  'a spread of other rows': [
    (l) => l.spread({ units: new Float64Array(18), count: 2, order: 3, c: square(7), column: 0 }),
    'shape',
    'spread: rows of c must be 6, got 7'
  ],
  'a spread beyond the last column': [
    (l) => l.spread({ units: new Float64Array(18), count: 2, order: 3, c: square(6), column: 1 }),
    'shape',
    'spread: c must have at least 7 columns, got 6'
  ],
  'rows to mirror beyond the matrix': [
    (l) => l.mirrorUpperInPlace(square(4), { rows: 5 }),
    'shape',
    'mirrorUpperInPlace: rows must be a whole number from 0 to 4, got 5'
  ],
  'a tolerance below 0': [
    (l) => l.leastSquares(four, matrix(4, 1), { tolerance: -1e-9 }),
    'shape',
    'leastSquares: the tolerance must be a finite number ≥ 0, got -1e-9'
  ],
  'a tolerance that is no number': [
    (l) => l.pseudoinverse(four, { tolerance: NaN }),
    'shape',
    'pseudoinverse: the tolerance must be a finite number ≥ 0, got NaN'
  ],
  'an infinite norm': [
    (l) => l.choleskyCondition(four, Infinity),
    'not-finite',
    'choleskyCondition: the norm must be a finite number ≥ 0, got Infinity'
  ]
}

export const aliased = (routine: string, output: string, input: string) =>
  `${routine}: the result ${output} overlaps the input ${input}; give it memory of its own`

/** One array in both places. */
const aliases = (allocate: (linalg: Linalg, length: number) => Float64Array): Refusals => {
  const whole = (linalg: Linalg) => matrix(8, 8, allocate(linalg, 64))
  const twice = (call: (linalg: Linalg, a: Matrix) => unknown) => (linalg: Linalg) => call(linalg, whole(linalg))
  return {
    'a product into its first factor': [twice((l, a) => l.gemm(a, square(8), a)), 'aliasing', aliased('gemm', 'c', 'a')],
    'a product into its second factor': [twice((l, a) => l.gemm(square(8), a, a)), 'aliasing', aliased('gemm', 'c', 'b')],
    'a product into a view that shares a corner': [
      twice((l, a) => l.gemm(block(a, 0, 0, 3, 3), square(3), block(a, 2, 2, 3, 3))),
      'aliasing',
      aliased('gemm', 'c', 'a')
    ],
    'A·Aᵀ into A': [twice((l, a) => l.syrk(a, a)), 'aliasing', aliased('syrk', 'c', 'a')],
    'a solve in place of the triangle': [
      twice((l, a) => l.solveTriangularInPlace(a, a)),
      'aliasing',
      aliased('solveTriangularInPlace', 'b', 'l')
    ],
    'a Cholesky solve in place of the factor': [
      twice((l, a) => l.solveCholeskyInPlace(a, block(a, 0, 7, 8, 1))),
      'aliasing',
      aliased('solveCholeskyInPlace', 'b', 'l')
    ],
    'a vector into the matrix': [
      twice((l, a) => l.symv(a, new Float64Array(8), a.data.subarray(56))),
      'aliasing',
      aliased('symv', 'y', 'a')
    ],
    'a vector into the vector': [
      twice((l, a) => l.symv(square(8), a.data.subarray(0, 8), a.data.subarray(4, 12))),
      'aliasing',
      aliased('symv', 'y', 'x')
    ]
  }
}

const noNumber = (routine: string, entry: string, name: string, value = NaN) =>
  `${routine}: entry ${entry} of ${name} is ${value}; every entry must be a finite number`
export const good = (): Matrix => {
  const a = square(6)
  for (let i = 0; i < 6; i++) a.data[i * 7] = 2
  return a
}
const poisoned = (value = NaN): Matrix => {
  const a = good()
  a.data[3 * 6 + 1] = value
  a.data[5 * 6 + 5] = NaN
  return a
}
const zeroPivot = (): Matrix => {
  const a = good()
  a.data[2 * 7] = 0
  return a
}

const entries: Refusals = {
  eigenvalues: [(l) => l.eigenvalues(poisoned()), 'not-finite', noNumber('eigenvalues', '(3, 1)', 'a')],
  eigenvectors: [(l) => l.eigenSymmetric(poisoned(-Infinity)), 'not-finite', noNumber('eigenSymmetric', '(3, 1)', 'a', -Infinity)],
  'a reduction': [(l) => l.tridiagonalize(poisoned()), 'not-finite', noNumber('tridiagonalize', '(3, 1)', 'a')],
  Cholesky: [(l) => l.choleskyInPlace(poisoned()), 'not-finite', noNumber('choleskyInPlace', '(3, 1)', 'a')],
  'the triangle of a solve': [
    (l) => l.solveTriangularInPlace(poisoned(), random(6, 1, 3)),
    'not-finite',
    noNumber('solveTriangularInPlace', '(3, 1)', 'l')
  ],
  'the sides of a solve': [
    (l) => l.solveTriangularInPlace(good(), poisoned()),
    'not-finite',
    noNumber('solveTriangularInPlace', '(3, 1)', 'b')
  ],
  'both of a solve': [
    (l) => l.solveCholeskyInPlace(poisoned(), poisoned(Infinity)),
    'not-finite',
    noNumber('solveCholeskyInPlace', '(3, 1)', 'b', Infinity)
  ],
  QR: [(l) => l.qr(poisoned()), 'not-finite', noNumber('qr', '(3, 1)', 'a')],
  LQ: [(l) => l.lq(poisoned()), 'not-finite', noNumber('lq', '(3, 1)', 'a')],
  'least squares': [(l) => l.leastSquares(poisoned(), matrix(6, 1)), 'not-finite', noNumber('leastSquares', '(3, 1)', 'a')],
  'sides of least squares': [(l) => l.leastSquares(good(), poisoned()), 'not-finite', noNumber('leastSquares', '(3, 1)', 'b')],
  pseudoinverse: [(l) => l.pseudoinverse(poisoned()), 'not-finite', noNumber('pseudoinverse', '(3, 1)', 'a')],
  'singular values': [(l) => l.singularValues(poisoned()), 'not-finite', noNumber('singularValues', '(3, 1)', 'a')],
  'a triangle without inverse': [
    (l) => l.solveTriangularInPlace(zeroPivot(), random(6, 1, 3)),
    'not-positive-definite',
    'solveTriangularInPlace: entry (2, 2) of l is 0, so l has no inverse'
  ],
  'a factor without inverse': [
    (l) => l.solveCholeskyInPlace(zeroPivot(), random(6, 1, 3)),
    'not-positive-definite',
    'solveCholeskyInPlace: entry (2, 2) of l is 0, so l has no inverse'
  ]
}

/** Every group of refusals. */
export const everyRefusal: Record<string, Refusals> = {
  operands,
  'batches of products': batches,
  'ranges and options': choices,
  'aliases in ordinary memory': aliases((_, length) => new Float64Array(length)),
  'aliases in the memory of the backend': aliases((linalg, length) => linalg.allocate(length)),
  entries
}
