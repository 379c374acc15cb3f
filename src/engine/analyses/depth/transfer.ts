// Transfer matrices T_l = ∂h_l/∂h_{l−1} = diag(φ'(net_l)) W_lᵀ of one sample: the exponents of their product by sweeps of QR, and norms of partial Jacobians.
import { matrix, multiply, type Linalg, type Matrix } from '../../linalg'
import { fillNormal, randomStream } from '../../random'

/** One site of the chain. */
export interface Transfer {
  /** W_l, inputs × outputs; a view. */
  readonly weights: Matrix
  /** φ'(net_l) of the sample. */
  readonly slopes: Float64Array
}

export interface SweepOptions {
  /** Exponents wanted; at most the narrowest width. */
  readonly count: number
  readonly sweeps: number
  readonly signal: AbortSignal
}

export interface Exponents {
  /** `count` of them, descending, nats a layer; −∞ where the product has no more rank. */
  readonly values: Float64Array
  /** Layers × count: ln of the growth along each direction at each layer; the mean of a column is the exponent. */
  readonly byLayer: Float64Array
  /** Pairs of sweeps, up and down. */
  readonly sweeps: number
  /** Largest change of an exponent in the last pair. */
  readonly change: number
}

/** Exponents that change by less, in nats a layer, stand still. */
const still = 1e-10
/** Columns beyond those wanted: they converge by the gap behind them. */
const extra = 8

/** diag(slopes) on the rows. */
function scaleRows(m: Matrix, slopes: Float64Array): void {
  for (let row = 0; row < m.rows; row++) for (let j = 0; j < m.columns; j++) m.data[row * m.columns + j] *= slopes[row]
}

/** T Q, outputs × columns. */
async function upward(linalg: Linalg, { weights, slopes }: Transfer, q: Matrix, signal: AbortSignal): Promise<Matrix> {
  const result = matrix(weights.columns, q.columns)
  await multiply(linalg, weights, q, result, { transposeA: 'transpose', signal })
  scaleRows(result, slopes)
  return result
}

/** Tᵀ Q, inputs × columns. */
async function downward(linalg: Linalg, { weights, slopes }: Transfer, q: Matrix, signal: AbortSignal): Promise<Matrix> {
  const scaled = matrix(q.rows, q.columns, q.data.slice())
  scaleRows(scaled, slopes)
  const result = matrix(weights.rows, q.columns)
  await multiply(linalg, weights, scaled, result, { signal })
  return result
}

/** ln of R's diagonal; −∞ where it is rounding. */
function logsOf(r: Matrix): Float64Array {
  const diagonal = Float64Array.from({ length: r.columns }, (_, j) => Math.abs(r.data[r.offset + j * (r.stride + 1)]))
  const rounding = 4 * r.columns * 2 ** -52 * diagonal.reduce((most, x) => Math.max(most, x), 0)
  return diagonal.map((x) => (x <= rounding ? -Infinity : Math.log(x)))
}

async function orthonormal(linalg: Linalg, a: Matrix, signal: AbortSignal): Promise<{ q: Matrix; logs: Float64Array }> {
  const { q, r, release } = await linalg.qr(a, { signal })
  try {
    const kept = matrix(a.rows, a.columns)
    for (let row = 0; row < a.rows; row++)
      kept.data.set(q.data.subarray(q.offset + row * q.stride, q.offset + row * q.stride + a.columns), row * a.columns)
    return { q: kept, logs: logsOf(r) }
  } finally {
    release()
  }
}

/** Orthonormal columns to begin with at a layer: all unit vectors where there are as many, else random ones. */
async function firstColumns(linalg: Linalg, width: number, count: number, signal: AbortSignal): Promise<Matrix> {
  const columns = matrix(width, count)
  if (count < width) {
    fillNormal(randomStream(0, 'depth'), columns.data)
    return (await orthonormal(linalg, columns, signal)).q
  }
  for (let i = 0; i < width; i++) columns.data[i * (width + 1)] = 1
  return columns
}

const largestChange = (now: Float64Array, before: Float64Array, count: number) => {
  let most = 0
  for (let i = 0; i < count; i++) if (now[i] !== before[i]) most = Math.max(most, Math.abs(now[i] - before[i]))
  return most
}

/**
 * Lyapunov exponents through depth: ln of the singular values of T_L ⋯ T_1 over L, without ever forming the product. One pass of QR from below is not
 * enough; sweeping down with the transposes and up again is subspace iteration on AᵀA, and the triangular factors become diagonal. It begins at the
 * narrowest layer: what the product can carry goes through there, so that with as many columns as that has units nothing is lost.
 */
export async function chainExponents(
  linalg: Linalg,
  chain: readonly Transfer[],
  { count, sweeps, signal }: SweepOptions
): Promise<Exponents> {
  const widths = [chain[0].weights.rows, ...chain.map(({ weights }) => weights.columns)]
  const narrow = widths.reduce((best, width, l) => (width < widths[best] ? l : best), 0)
  const columns = Math.min(widths[narrow], count + extra)
  const layers = chain.length
  let q = await firstColumns(linalg, widths[narrow], columns, signal)
  const down = async (from: number) => {
    for (let l = from - 1; l >= 0; l--) q = (await orthonormal(linalg, await downward(linalg, chain[l], q, signal), signal)).q
  }
  await down(narrow)
  let before = new Float64Array(columns).fill(Number.NaN)
  for (let sweep = 1; ; sweep++) {
    signal.throwIfAborted()
    const logs: Float64Array[] = []
    for (const transfer of chain) {
      const step = await orthonormal(linalg, await upward(linalg, transfer, q, signal), signal)
      q = step.q
      logs.push(step.logs)
    }
    const means = before.map((_, i) => logs.reduce((sum, layer) => sum + layer[i], 0) / layers)
    const change = largestChange(means, before, count)
    if (change <= still || sweep === sweeps) return { ...descending(means, logs, count), sweeps: sweep, change }
    before = means
    await down(layers)
  }
}

function descending(means: Float64Array, logs: readonly Float64Array[], count: number): Pick<Exponents, 'values' | 'byLayer'> {
  const order = Array.from(means, (_, i) => i)
    .sort((a, b) => (means[a] === means[b] ? a - b : means[b] - means[a]))
    .slice(0, count)
  const byLayer = new Float64Array(logs.length * count)
  logs.forEach((layer, l) => order.forEach((place, i) => (byLayer[l * count + i] = layer[place])))
  return { values: Float64Array.from(order, (place) => means[place]), byLayer }
}

/** T_L ⋯ T_1 as it is: singular values far below the largest are lost in its rounding. */
export async function productOf(linalg: Linalg, chain: readonly Transfer[], signal: AbortSignal): Promise<Matrix> {
  const width = chain[0].weights.rows
  let product = matrix(width, width)
  for (let i = 0; i < width; i++) product.data[i * (width + 1)] = 1
  for (const transfer of chain) product = await upward(linalg, transfer, product, signal)
  return product
}

/** ‖∂net_l/∂net_1‖²_F / N_l of l = 1 … L; `chain[0]` is layer 1, whose weights do not count. */
export async function jacobianNorms(linalg: Linalg, chain: readonly Transfer[], signal: AbortSignal): Promise<Float64Array> {
  const width = chain[0].weights.columns
  let partial = matrix(width, width)
  for (let i = 0; i < width; i++) partial.data[i * (width + 1)] = 1
  const norms = new Float64Array(chain.length)
  norms[0] = 1
  for (let l = 1; l < chain.length; l++) {
    scaleRows(partial, chain[l - 1].slopes)
    const next = matrix(chain[l].weights.columns, width)
    await multiply(linalg, chain[l].weights, partial, next, { transposeA: 'transpose', signal })
    norms[l] = next.data.reduce((sum, x) => sum + x * x, 0) / next.rows
    partial = next
  }
  return norms
}
