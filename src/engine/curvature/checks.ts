// Figures that let a reader judge a spectrum: each compares the matrix or its eigenpairs with an independent path.
import type { SnapshotManifestChecks } from '../../shared/run/schema'
import { matrix, type CallOptions, type Matrix } from '../linalg'
import { isOrdinary, norm, plusScaled, powerOfTwo, type SumOfSquares } from '../linalg/vectors'
import { createPacer } from '../linalg/pacer'
import type { CurvatureBlock, CurvatureKind, Objective } from '../objective'
import { randomStream } from '../random'

/** Sums over all matrices of a block, taken before a decomposition overwrites it. */
export interface MatrixFigures {
  readonly trace: number
  /** ‖H‖_F². */
  readonly squares: SumOfSquares
  /** max |H|. */
  readonly largest: number
}

export async function matrixFigures(block: CurvatureBlock, options: CallOptions = {}): Promise<MatrixFigures> {
  const plain = await figuresScaled(block, 1, options)
  return isOrdinary(plain.squares.sum) ? plain : figuresScaled(block, powerOfTwo(plain.largest), options)
}

/** The figures, squares of the entries divided by `scale`. */
async function figuresScaled(block: CurvatureBlock, scale: number, options: CallOptions): Promise<MatrixFigures> {
  const { data, size, units } = block
  const inverse = 1 / scale
  const pace = createPacer(options.signal)
  let trace = 0
  let squares = 0
  let largest = 0
  for (let row = 0; row < units * size; row++) {
    const from = row * size
    trace += data[from + (row % size)]
    let sum = 0
    for (let at = from; at < from + size; at++) {
      const value = data[at]
      const part = value * inverse
      sum += part * part
      const magnitude = Math.abs(value)
      if (!(magnitude <= largest)) largest = magnitude
    }
    squares += sum
    if (row % 256 === 255) {
      const pause = pace()
      if (pause) await pause
    }
  }
  return { trace, squares: { scale, sum: squares }, largest }
}

type BlockPlace = Pick<CurvatureBlock, 'name' | 'offset' | 'size' | 'units'>

/** An entry of a block and the two parameters it belongs to. */
interface Entry {
  readonly value: number
  readonly row: number
  readonly column: number
}

/** A column of one of a block's (symmetric) matrices. */
export type ColumnReader = (unit: number, column: number) => Float64Array | Promise<Float64Array>

/** Of a block in memory: its rows. */
export const columnsInMemory =
  ({ data, size }: Pick<CurvatureBlock, 'data' | 'size'>): ColumnReader =>
  (unit, column) =>
    data.subarray((unit * size + column) * size, (unit * size + column + 1) * size)

/** `count` entries in different columns: by turns the largest of a random column and a random one (most entries of an output layer's block are zero). */
async function spotEntries(block: BlockPlace, columnOf: ColumnReader, count: number): Promise<Entry[]> {
  const { size, units, offset } = block
  const random = randomStream(0, `entries ${block.name}`)
  const entries: Entry[] = []
  for (let turn = 0; turn < Math.min(count, size * units); turn++) {
    const unit = random.below(units)
    const c = random.below(size)
    let r = random.below(size)
    const column = await columnOf(unit, c)
    if (turn % 2 === 0) for (let row = 0; row < size; row++) if (Math.abs(column[row]) > Math.abs(column[r])) r = row
    // Unit matrices take every units-th parameter; for units = 1 this is offset + r.
    entries.push({ value: column[r], row: offset + r * units + unit, column: offset + c * units + unit })
  }
  return entries
}

/**
 * max error of 20 entries of the Hessian against central differences of the gradient, relative to `largest`. Steps of 10⁻⁵, 10⁻⁶ and 10⁻⁷ are tried until
 * one agrees to 10⁻⁷: a step that carries a sample across a kink of a piecewise-linear activation says nothing about the derivative. Costs 40 to 120 gradients.
 */
export async function finiteDifferenceError(
  objective: Objective,
  parameters: Float64Array,
  block: BlockPlace,
  columnOf: ColumnReader,
  largest: number,
  options: CallOptions = {}
): Promise<number> {
  const [up, down] = [new Float64Array(parameters.length), new Float64Array(parameters.length)]
  const moved = parameters.slice()
  const pace = createPacer(options.signal)
  let worst = 0
  for (const { value, row, column } of await spotEntries(block, columnOf, 20)) {
    let error = Infinity
    for (const step of [1e-5, 1e-6, 1e-7]) {
      const pause = pace()
      if (pause) await pause
      const h = step * Math.max(1, Math.abs(parameters[column]))
      const [above, below] = [parameters[column] + h, parameters[column] - h]
      moved[column] = above
      await objective.gradient(moved, up, { signal: options.signal })
      moved[column] = below
      await objective.gradient(moved, down, { signal: options.signal })
      moved[column] = parameters[column]
      error = Math.min(error, Math.abs((up[row] - down[row]) / (above - below) - value))
      if (error <= 1e-7 * largest) break
    }
    worst = Math.max(worst, error)
  }
  return largest > 0 ? worst / largest : worst
}

/** Most eigenvectors whose residual is looked at; of more, so many are taken at equal distances, the first and the last among them. */
const residualVectors = 256

/**
 * max ‖Hv − λv‖ / max|λ| over eigenvectors (columns of `vectors`, size × k, with their `values`), Hv from the product code: a vector of a layer's
 * block is zero elsewhere, and the block's rows of the product are compared. Costs two to three gradients a vector.
 */
export async function residualError(
  objective: Objective,
  parameters: Float64Array,
  block: Pick<CurvatureBlock, 'offset' | 'size'>,
  kind: CurvatureKind,
  vectors: Matrix,
  values: Float64Array,
  scale: number,
  options: CallOptions = {}
): Promise<number> {
  const { offset, size } = block
  const multiply = await objective.products(parameters, kind, { signal: options.signal })
  const count = Math.min(vectors.columns, residualVectors)
  const chosen = Array.from({ length: count }, (_, i) => (count === 1 ? 0 : Math.round((i * (vectors.columns - 1)) / (count - 1))))
  const pace = createPacer(options.signal)
  let worst = 0
  for (let from = 0; from < count; from += 8) {
    const pause = pace()
    if (pause) await pause
    const group = chosen.slice(from, from + 8)
    const rows = matrix(group.length, objective.parameterCount)
    group.forEach((column, r) => {
      for (let i = 0; i < size; i++) rows.data[r * rows.columns + offset + i] = vectors.data[vectors.offset + i * vectors.stride + column]
    })
    const products = await multiply(rows, { signal: options.signal })
    group.forEach((column, r) => {
      const start = r * rows.columns + offset
      const product = products.data.subarray(start, start + size)
      worst = Math.max(worst, norm(plusScaled(product, -values[column], rows.data.subarray(start, start + size))))
    })
    options.onProgress?.((from + group.length) / count)
  }
  return scale > 0 ? worst / scale : worst
}

/** |a − b| relative to scale, absolute when the scale is zero. */
const relative = (a: number, b: number, scale: number): number => (scale > 0 ? Math.abs(a - b) / scale : Math.abs(a - b))

/** What eigenvalues alone let one check: trace(H) = Σλ relative to Σ|λ|, ‖H‖_F² = Σλ² relative to Σλ². */
export function spectrumChecks(
  figures: Pick<MatrixFigures, 'trace' | 'squares'>,
  eigenvalues: Float64Array
): Pick<SnapshotManifestChecks, 'trace' | 'frobenius'> {
  let sum = 0
  let magnitudes = 0
  let squares = 0
  const { scale, sum: entries } = figures.squares
  for (const value of eigenvalues) {
    sum += value
    magnitudes += Math.abs(value)
    squares += (value / scale) * (value / scale)
  }
  return { trace: relative(figures.trace, sum, magnitudes), frobenius: relative(entries, squares, squares) }
}

export interface CheckedSpectrum {
  /** All eigenvalues of the block (of all units), null when there are none. */
  readonly eigenvalues: Float64Array | null
  /** Columns are eigenvectors; `vectorValues` are their eigenvalues. */
  readonly vectors: Matrix | null
  readonly vectorValues: Float64Array | null
}

/** All checks of one block. `figures` and `finiteDifference` come from before the decomposition, which may have overwritten the block. */
export async function snapshotChecks(
  objective: Objective,
  parameters: Float64Array,
  block: Pick<CurvatureBlock, 'offset' | 'size' | 'asymmetry'>,
  kind: CurvatureKind,
  spectrum: CheckedSpectrum,
  before: { readonly figures: MatrixFigures; readonly finiteDifference: number | null },
  options: CallOptions = {}
): Promise<SnapshotManifestChecks> {
  const { figures, finiteDifference } = before
  const { eigenvalues, vectors, vectorValues } = spectrum
  const sums = eigenvalues === null ? { trace: null, frobenius: null } : spectrumChecks(figures, eigenvalues)
  const scale = largestOf(eigenvalues ?? vectorValues)
  const residual =
    vectors === null || vectorValues === null || vectors.columns === 0
      ? null
      : await residualError(objective, parameters, block, kind, vectors, vectorValues, scale, options)
  const symmetry = block.asymmetry === undefined ? null : relative(block.asymmetry, 0, figures.largest)
  return { symmetry, ...sums, residual, finiteDifference }
}

function largestOf(values: Float64Array | null): number {
  let largest = 0
  for (const value of values ?? []) largest = Math.max(largest, Math.abs(value))
  return largest
}
