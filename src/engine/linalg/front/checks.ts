// What the front refuses, in the same words for every backend: wrong shapes, numbers out of bounds, results that overlap their inputs.
import { LinalgError } from '../interface'
import type { Matrix } from '../matrix'

/** Refuses a description that does not lie inside its data: `eigenvalues: a: …`. */
export function checkMatrix(routine: string, name: string, m: Matrix): void {
  const whole = [m.rows, m.columns, m.offset, m.stride].every((value) => Number.isInteger(value) && value >= 0)
  const end = m.rows === 0 || m.columns === 0 ? 0 : m.offset + (m.rows - 1) * m.stride + m.columns
  if (!whole || (m.rows > 1 && m.stride < m.columns) || end > m.data.length)
    throw new LinalgError(
      'shape',
      `${routine}: ${name} is ${m.rows} × ${m.columns} with row stride ${m.stride} at offset ${m.offset}, which does not fit its ${m.data.length} numbers`
    )
}

export function checkSquare(routine: string, name: string, m: Matrix): void {
  checkMatrix(routine, name, m)
  if (m.rows !== m.columns) throw new LinalgError('shape', `${routine}: ${name} must be square, got ${m.rows} × ${m.columns}`)
}

export function checkLength(routine: string, name: string, vector: Float64Array, length: number): void {
  if (vector.length !== length) throw new LinalgError('shape', `${routine}: ${name} must have ${length} numbers, got ${vector.length}`)
}

export function checkEqual(routine: string, what: string, got: number, expected: number): void {
  if (got !== expected) throw new LinalgError('shape', `${routine}: ${what} must be ${expected}, got ${got}`)
}

export function checkCount(routine: string, what: string, value: number, most = Infinity): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return
  throw new LinalgError(
    'shape',
    `${routine}: ${what} must be a whole number ${most < Infinity ? `from 0 to ${most}` : '≥ 0'}, got ${value}`
  )
}

/** True when a word of `transposeA` or its like means the transpose. */
export function isTransposed(routine: string, option: string, word: unknown): boolean {
  if (word === undefined || word === 'none' || word === 'transpose') return word === 'transpose'
  throw new LinalgError('shape', `${routine}: ${option} must be "none" or "transpose", got ${JSON.stringify(word)}`)
}

/** Rows and columns of c = op(a) · op(b), and the length of its sums. Refuses factors that do not meet, and a result of another shape. */
export function checkProduct(
  routine: string,
  a: Matrix,
  b: Matrix,
  c: Matrix,
  transposeA: boolean,
  transposeB: boolean
): readonly [m: number, n: number, k: number] {
  const [m, k] = transposeA ? [a.columns, a.rows] : [a.rows, a.columns]
  const n = transposeB ? b.rows : b.columns
  checkEqual(routine, transposeB ? 'columns of b' : 'rows of b', transposeB ? b.columns : b.rows, k)
  checkEqual(routine, 'rows of c', c.rows, m)
  checkEqual(routine, 'columns of c', c.columns, n)
  return [m, n, k]
}

/** Where an array lies in the backend's memory, −1 for any other: see LinalgCore. */
type AddressOf = (array: Float64Array) => number

/**
 * True when two matrices share an entry. Two views with the same stride may interleave without sharing one (column blocks of one matrix). Arrays of the backend's
 * memory lie in one range of addresses, though a memory that has grown shows it through several buffer objects; all others are apart unless their buffer is the same.
 */
export function overlaps(a: Matrix, b: Matrix, addressOf: AddressOf = () => -1): boolean {
  if (a.rows * a.columns === 0 || b.rows * b.columns === 0) return false
  const [addressA, addressB] = [addressOf(a.data), addressOf(b.data)]
  if (addressA < 0 !== addressB < 0 || (addressA < 0 && a.data.buffer !== b.data.buffer)) return false
  const [startA, endA] = extent(a, addressA)
  const [startB, endB] = extent(b, addressB)
  if (endA <= startB || endB <= startA) return false
  if (a.rows < 2 && b.rows < 2) return true
  if (a.rows > 1 && b.rows > 1 && a.stride !== b.stride) return true
  const stride = a.rows > 1 ? a.stride : b.stride
  const columnShift = ((((startB - startA) / 8) % stride) + stride) % stride
  return columnShift < a.columns || columnShift + b.columns > stride
}

/** First and one-past-last byte that a matrix touches: addresses of the backend's memory, or of its own buffer. */
function extent(m: Matrix, address: number): readonly [number, number] {
  const start = (address < 0 ? m.data.byteOffset : address) + m.offset * 8
  return [start, start + ((m.rows - 1) * m.stride + m.columns) * 8]
}
