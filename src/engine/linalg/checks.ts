// What every backend refuses, in the same words: wrong shapes, overlapping outputs, NaN or infinity, cancelled calls.
import { LinalgError, type CallOptions } from './interface'
import type { Matrix } from './matrix'

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

/** First and one-past-last byte that a matrix touches in its buffer. */
function bytes(m: Matrix): readonly [number, number] {
  const start = m.data.byteOffset + m.offset * 8
  return [start, m.rows === 0 || m.columns === 0 ? start : start + ((m.rows - 1) * m.stride + m.columns) * 8]
}

/** True when two matrices share an entry. Two views with the same stride may interleave without sharing one (column blocks of one matrix). */
export function overlaps(a: Matrix, b: Matrix): boolean {
  if (a.data.buffer !== b.data.buffer || a.rows * a.columns === 0 || b.rows * b.columns === 0) return false
  const [startA, endA] = bytes(a)
  const [startB, endB] = bytes(b)
  if (endA <= startB || endB <= startA) return false
  if (a.rows < 2 && b.rows < 2) return true
  if (a.rows > 1 && b.rows > 1 && a.stride !== b.stride) return true
  const stride = a.rows > 1 ? a.stride : b.stride
  const columnShift = ((((startB - startA) / 8) % stride) + stride) % stride
  return columnShift < a.columns || columnShift + b.columns > stride
}

export function checkNoOverlap(routine: string, outputName: string, output: Matrix, inputName: string, input: Matrix): void {
  if (overlaps(output, input))
    throw new LinalgError('aliasing', `${routine}: the result ${outputName} overlaps the input ${inputName}; give it memory of its own`)
}

/** A vector as an n × 1 matrix that is stored contiguously. */
export function column(vector: Float64Array): Matrix {
  return { data: vector, rows: vector.length, columns: 1, offset: 0, stride: 1 }
}

export function throwIfCancelled(options?: CallOptions): void {
  if (options?.signal?.aborted) throw options.signal.reason
}

/** Lets timers, messages and I/O run before the work goes on. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

const entriesBetweenBreaths = 2_000_000

/**
 * Rejects with code `not-finite` and the first bad entry in row order; resolves to the largest magnitude (0 when empty).
 * Breathes and looks for cancellation every couple of milliseconds.
 */
export async function checkFinite(routine: string, name: string, m: Matrix, options?: CallOptions): Promise<number> {
  let largest = 0
  await forEachRow(m, options, (row) => {
    largest = Math.max(largest, largestOfRow(m.data, m.offset + row * m.stride, m.columns))
    if (!(largest < Infinity)) throw notFinite(routine, name, m, row)
  })
  return largest
}

/** Calls `visit` for every row, breathing and looking for cancellation as `checkFinite` does. */
export async function forEachRow(m: Matrix, options: CallOptions | undefined, visit: (row: number) => void): Promise<void> {
  let since = 0
  for (let row = 0; row < m.rows; row++) {
    visit(row)
    since += m.columns
    if (since > entriesBetweenBreaths) {
      since = 0
      await breathe()
      throwIfCancelled(options)
    }
  }
}

function largestOfRow(data: Float64Array, start: number, length: number): number {
  let largest = 0
  let poison = 0
  for (let at = start; at < start + length; at++) {
    const magnitude = Math.abs(data[at])
    if (magnitude > largest) largest = magnitude
    poison += magnitude * 0
  }
  return poison === 0 ? largest : NaN
}

function notFinite(routine: string, name: string, m: Matrix, row: number): LinalgError {
  for (let j = 0; j < m.columns; j++) {
    const value = m.data[m.offset + row * m.stride + j]
    if (!Number.isFinite(value))
      return new LinalgError('not-finite', `${routine}: entry (${row}, ${j}) of ${name} is ${value}; every entry must be a finite number`)
  }
  return new LinalgError('not-finite', `${routine}: row ${row} of ${name} is not finite`)
}
