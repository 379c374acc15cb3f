// Factorizations, solves and what is made of them as the caller sees them: shapes, tolerances, finite entries, answers to empty problems.
import type { Routines } from '../core'
import { LinalgError, type Linalg } from '../interface'
import { matrix, type Matrix } from '../matrix'
import { checkFinite } from '../passes'
import { routinesOver } from '../routines'
import { checkEqual, checkMatrix, checkSquare, isTransposed } from './checks'
import { owned } from './owned'
import type { Gate } from './gate'

type Factorizations = Pick<Linalg, 'choleskyInPlace' | 'solveTriangularInPlace' | 'solveCholeskyInPlace' | keyof Routines>

export function factorizations({ backend, begin, checkApart }: Gate): Factorizations {
  const routines = routinesOver(backend)

  const checkSolve = (routine: string, l: Matrix, b: Matrix) => {
    checkSquare(routine, 'l', l)
    checkMatrix(routine, 'b', b)
    checkEqual(routine, 'rows of b', b.rows, l.rows)
    checkApart(routine, 'b', b, 'l', l)
  }

  return {
    async choleskyInPlace(a, options) {
      begin(options)
      checkSquare('choleskyInPlace', 'a', a)
      return backend.choleskyInPlace(a, options)
    },

    async solveTriangularInPlace(l, b, options) {
      begin(options)
      checkSolve('solveTriangularInPlace', l, b)
      isTransposed('solveTriangularInPlace', 'transpose', options?.transpose)
      return backend.solveTriangularInPlace(l, b, options)
    },

    async solveCholeskyInPlace(l, b, options) {
      begin(options)
      checkSolve('solveCholeskyInPlace', l, b)
      return backend.solveCholeskyInPlace(l, b, options)
    },

    async choleskyCondition(l, norm1, options) {
      begin(options)
      checkSquare('choleskyCondition', 'l', l)
      if (!(norm1 >= 0 && norm1 < Infinity))
        throw new LinalgError('not-finite', `choleskyCondition: the norm must be a finite number ≥ 0, got ${norm1}`)
      if (l.rows > 0) return routines.choleskyCondition(l, norm1, options)
      options?.onProgress?.(1)
      return 0
    },

    async qr(a, options) {
      begin(options)
      checkMatrix('qr', 'a', a)
      if (a.rows < a.columns) throw new LinalgError('shape', `qr: a must be tall, got ${a.rows} × ${a.columns}; lq takes the others`)
      const largest = await checkFinite('qr', 'a', a, options)
      if (a.columns > 0) return owned(backend, await routines.qr(a, largest, options))
      options?.onProgress?.(1)
      return owned(backend, { result: { q: matrix(a.rows, 0), r: matrix(0, 0) }, arrays: [] })
    },

    async lq(a, options) {
      begin(options)
      checkMatrix('lq', 'a', a)
      if (a.rows > a.columns) throw new LinalgError('shape', `lq: a must be wide, got ${a.rows} × ${a.columns}; qr takes the others`)
      const largest = await checkFinite('lq', 'a', a, options)
      if (a.rows > 0) return owned(backend, await routines.lq(a, largest, options))
      options?.onProgress?.(1)
      return owned(backend, { result: { l: matrix(0, 0), q: matrix(0, a.columns) }, arrays: [] })
    },

    async singularValues(a, options) {
      begin(options)
      checkMatrix('singularValues', 'a', a)
      const largest = await checkFinite('singularValues', 'a', a, options)
      if (a.rows > 0 && a.columns > 0) return routines.singularValues(a, largest, options)
      options?.onProgress?.(1)
      return new Float64Array(0)
    },

    async leastSquares(a, b, options = {}) {
      begin(options)
      checkMatrix('leastSquares', 'a', a)
      checkMatrix('leastSquares', 'b', b)
      checkEqual('leastSquares', 'rows of b', b.rows, a.rows)
      const tolerance = toleranceOf('leastSquares', a, options.tolerance)
      const largest = await checkFinite('leastSquares', 'a', a, options)
      await checkFinite('leastSquares', 'b', b, options)
      return owned(backend, await routines.leastSquares(a, largest, b, { ...options, tolerance }))
    },

    async pseudoinverse(a, options = {}) {
      begin(options)
      checkMatrix('pseudoinverse', 'a', a)
      const tolerance = toleranceOf('pseudoinverse', a, options.tolerance)
      const largest = await checkFinite('pseudoinverse', 'a', a, options)
      return owned(backend, await routines.pseudoinverse(a, largest, { ...options, tolerance }))
    }
  }
}

/** Relative to the largest singular value; max(m, n)·ε unless asked otherwise. */
function toleranceOf(routine: string, a: Matrix, asked = Math.max(a.rows, a.columns) * Number.EPSILON): number {
  if (asked >= 0 && asked < Infinity) return asked
  throw new LinalgError('shape', `${routine}: the tolerance must be a finite number ≥ 0, got ${asked}`)
}
