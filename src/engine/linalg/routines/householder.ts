// Blocked Householder QR, with or without column pivoting: panels in plain loops, everything else in matrix products.
import type { Transpose } from '../interface'
import { block, type Matrix } from '../matrix'
import { compactFactor, factorizePanel, type Columns, type PanelFactor } from './panel'
import { copyScaled, type Work } from './work'

export interface HouseholderFactor {
  /** The given matrix: R on and above the diagonal (columns in pivoted order); what is below has no meaning. */
  readonly r: Matrix
  /** Column `order[j]` of A stands at place j. */
  readonly order: Int32Array
  /** C ← Qᵀ C in place of C (m × any). */
  applyTransposed(c: Matrix): Promise<void>
  /** C ← Q C. */
  apply(c: Matrix): Promise<void>
  /** The first `columns` columns of Q (m × columns), as scratch of the work. */
  formQ(columns: number): Promise<Matrix>
}

/** Factorizations of fewer flops are done as a single panel. */
const smallFlops = 2e7
const panelWidth = 32
/** Rows of the random sketch beyond the panel's width. */
const oversampling = 8

export const qrFlops = (m: number, n: number): number => 2 * n * n * (m - n / 3)

interface Block {
  readonly from: number
  readonly width: number
  readonly v: Matrix
  readonly t: Matrix
}

/**
 * A P = Q R in place of a tall contiguous scratch matrix (m ≥ n). Pivots of large matrices are chosen a panel at a time from a random sketch of what is
 * left (Martinsson, Quintana-Ortí, Heavner & van de Geijn 2017; here the sketch is made anew for every panel), then ordered within the panel by
 * length; small matrices are pivoted classically. The sketch's signs come from a fixed seed: the same matrix gives the same bits.
 */
export async function householder(work: Work, a: Matrix, pivot: boolean): Promise<HouseholderFactor> {
  const [m, n] = [a.rows, a.columns]
  const order = Int32Array.from({ length: n }, (_, index) => index)
  const whole = qrFlops(m, n) <= smallFlops
  const width = whole ? Math.max(1, n) : m > 20_000 ? 8 : panelWidth
  const reflectors = work.take(m, n)
  const blocks: Block[] = []
  const random = signs(0x9e3779b9)
  for (let from = 0; from < n; from += width) {
    const count = Math.min(width, n - from)
    const rest = n - from - count
    if (pivot && rest > 0) await choosePivots(work, a, from, count, order, random)
    const panel = factorizePanel(readColumns(a, from, count), pivot)
    if (pivot) reorder(a, order, from, panel.order)
    const done = storePanel(work, a, reflectors, from, panel)
    blocks.push(done)
    if (rest > 0) await applyBlock(work, done, block(a, from, from + count, m - from, rest), 'transpose')
    await work.advance(2 * count * (m - from) * (2 * rest + count))
  }
  const backwards = blocks.slice().reverse()
  const applyAll = async (inOrder: readonly Block[], c: Matrix, transposeT: Transpose): Promise<void> => {
    for (const one of inOrder) {
      await applyBlock(work, one, block(c, one.from, 0, m - one.from, c.columns), transposeT)
      await work.advance(4 * one.width * (m - one.from) * c.columns)
    }
  }
  return {
    r: a,
    order,
    applyTransposed: (c) => applyAll(blocks, c, 'transpose'),
    apply: (c) => applyAll(backwards, c, 'none'),
    formQ: (columns) => formQ(work, m, columns, backwards)
  }
}

function readColumns(a: Matrix, from: number, count: number): Columns {
  const rows = a.rows - from
  const columns = Array.from({ length: count }, () => new Float64Array(rows))
  for (let i = 0; i < rows; i++) {
    const start = a.offset + (from + i) * a.stride + from
    for (let j = 0; j < count; j++) columns[j][i] = a.data[start + j]
  }
  return columns
}

/** Writes R into the matrix and V (explicit zeros and ones) into the reflectors. */
function storePanel(work: Work, a: Matrix, reflectors: Matrix, from: number, panel: PanelFactor): Block {
  const width = panel.columns.length
  const rows = a.rows - from
  for (let i = 0; i < rows; i++) {
    const inA = a.offset + (from + i) * a.stride + from
    const inV = (from + i) * reflectors.stride + from
    for (let j = 0; j < width; j++) {
      if (i <= j) a.data[inA + j] = panel.columns[j][i]
      reflectors.data[inV + j] = i > j ? panel.columns[j][i] : i === j ? 1 : 0
    }
  }
  const t = work.take(width, width)
  t.data.set(compactFactor(panel))
  return { from, width, v: block(reflectors, from, from, rows, width), t }
}

/** C ← (I − V op(T) Vᵀ) C: one block of Q, or its transpose. */
async function applyBlock(work: Work, { v, t, width }: Block, c: Matrix, transposeT: Transpose): Promise<void> {
  const [inner, scaled] = [work.take(width, c.columns), work.take(width, c.columns)]
  await work.core.gemm(v, c, inner, { ...work.options, transposeA: 'transpose' })
  await work.core.gemm(t, inner, scaled, { ...work.options, transposeA: transposeT })
  await work.core.gemm(v, scaled, c, { ...work.options, alpha: -1, beta: 1 })
  work.drop(inner)
  work.drop(scaled)
}

/** The leading columns of H_1 H_2 ⋯, from the last block back to the first. */
async function formQ(work: Work, m: number, columns: number, backwards: readonly Block[]): Promise<Matrix> {
  const q = work.take(m, columns)
  for (let j = 0; j < columns; j++) q.data[j * columns + j] = 1
  for (const one of backwards) {
    const { from, width } = one
    if (from >= columns) continue
    await applyBlock(work, one, block(q, from, from, m - from, columns - from), 'none')
    await work.advance(4 * width * (m - from) * (columns - from))
  }
  return q
}

/** Brings the `count` most independent of the remaining columns to the front, judged by a sketch S·A of count + 8 random combinations of the remaining rows. */
async function choosePivots(work: Work, a: Matrix, from: number, count: number, order: Int32Array, random: () => number): Promise<void> {
  const left = block(a, from, from, a.rows - from, a.columns - from)
  const sketchRows = Math.min(count + oversampling, left.rows)
  const combine = work.take(sketchRows, left.rows)
  for (let index = 0; index < combine.data.length; index++) combine.data[index] = random()
  const sketch = work.take(sketchRows, left.columns)
  await work.core.gemm(combine, left, sketch, work.options)
  const chosen = factorizePanel(readColumns(sketch, 0, sketch.columns), true, count).order.slice(0, count)
  work.drop(combine)
  work.drop(sketch)
  const places = Array.from({ length: left.columns }, (_, index) => index)
  chosen.forEach((index, place) => {
    const at = places.indexOf(index)
    swapColumns(a, order, from + place, from + at)
    ;[places[place], places[at]] = [places[at], places[place]]
  })
}

function swapColumns(a: Matrix, order: Int32Array, i: number, j: number): void {
  if (i === j) return
  ;[order[i], order[j]] = [order[j], order[i]]
  for (let row = 0; row < a.rows; row++) {
    const start = a.offset + row * a.stride
    const kept = a.data[start + i]
    a.data[start + i] = a.data[start + j]
    a.data[start + j] = kept
  }
}

/** Applies a panel's own pivoting to the rows of R above it (the panel itself is written afterwards) and to the order. */
function reorder(a: Matrix, order: Int32Array, from: number, panelOrder: readonly number[]): void {
  const old = order.slice(from, from + panelOrder.length)
  panelOrder.forEach((index, place) => (order[from + place] = old[index]))
  for (let row = 0; row < from; row++) {
    const start = a.offset + row * a.stride + from
    const kept = a.data.slice(start, start + panelOrder.length)
    panelOrder.forEach((index, place) => (a.data[start + place] = kept[index]))
  }
}

/** Random signs by xorshift (Marsaglia 2003); not for statistics. */
function signs(seed: number): () => number {
  let state = seed | 0
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state < 0 ? -1 : 1
  }
}

/** The upper triangle of R's first `rank` rows as an explicit rank × columns matrix. */
export function upperTrapezoid(work: Work, r: Matrix, rank: number): Matrix {
  const upper = work.take(rank, r.columns)
  for (let i = 0; i < rank; i++)
    upper.data.set(r.data.subarray(r.offset + i * r.stride + i, r.offset + i * r.stride + r.columns), i * r.columns + i)
  return upper
}

/** Rᵀ of the leading rank × rank block: lower triangular. */
export async function leadingTransposed(work: Work, r: Matrix, rank: number): Promise<Matrix> {
  const upper = upperTrapezoid(work, { ...r, columns: rank }, rank)
  const lower = work.take(rank, rank)
  await copyScaled(work, upper, lower, 1, true)
  work.drop(upper)
  return lower
}
