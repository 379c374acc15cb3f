// SOAP (Vyas et al. 2024): Adam in the slowly turning eigenbasis of Shampoo's second moments; the rule of the package pytorch-optimizer in double precision.
import { matrix, multiply, type Linalg, type Matrix } from '../linalg'
import { isMatrix, matrixOf, partOf, secondMoment, sides } from './arrays'
import type { OptimizerFactory } from './interface'

/** Columns of `from` in the order of `order`. */
function columnsOf(from: Matrix, order: readonly number[]): Matrix {
  const result = matrix(from.rows, order.length)
  for (let i = 0; i < from.rows; i++)
    order.forEach((j, place) => (result.data[i * order.length + place] = from.data[from.offset + i * from.stride + j]))
  return result
}

const descending = (values: Float64Array): number[] => Array.from(values.keys()).sort((i, j) => values[j] - values[i])

/** Eigenvectors of a symmetric matrix, largest eigenvalue first. */
async function eigenbasis(linalg: Linalg, a: Matrix, signal?: AbortSignal): Promise<Matrix> {
  const { values, vectors, release } = await linalg.eigenSymmetric(a, { signal })
  try {
    return columnsOf(vectors, descending(values))
  } finally {
    release()
  }
}

/** One round of power iteration: the columns of Q by their Rayleigh quotients, then the orthogonal factor of A Q; and the order that they were put in. */
async function turned(linalg: Linalg, a: Matrix, q: Matrix, signal?: AbortSignal): Promise<{ basis: Matrix; order: readonly number[] }> {
  const product = matrix(a.rows, q.columns)
  await multiply(linalg, a, q, product, { signal })
  const quotients = new Float64Array(q.columns)
  for (let i = 0; i < q.rows; i++)
    for (let j = 0; j < q.columns; j++) quotients[j] += q.data[i * q.columns + j] * product.data[i * q.columns + j]
  const order = descending(quotients)
  const factor = await linalg.qr(columnsOf(product, order), { signal })
  try {
    return { basis: columnsOf(factor.q, Array.from(order.keys())), order }
  } finally {
    factor.release()
  }
}

/** op(P) X op(Q) with the bases of both sides; null: the identity. `back` goes out of the basis: P X Qᵀ, otherwise Pᵀ X Q. */
async function project(linalg: Linalg, x: Matrix, sides: readonly (Matrix | null)[], back: boolean, signal?: AbortSignal): Promise<Matrix> {
  let result = x
  const [left, right] = sides
  if (left !== null) {
    const next = matrix(x.rows, x.columns)
    await multiply(linalg, left, result, next, { ...(back ? {} : { transposeA: 'transpose' }), signal })
    result = next
  }
  if (right !== null) {
    const next = matrix(x.rows, x.columns)
    await multiply(linalg, result, right, next, { ...(back ? { transposeB: 'transpose' } : {}), signal })
    result = next
  }
  return result
}

/** Second moments v in the basis of one side, put into the order that its columns were put in. */
function reordered(second: Matrix, side: number, order: readonly number[]): void {
  const before = second.data.slice()
  for (let i = 0; i < second.rows; i++)
    for (let j = 0; j < second.columns; j++)
      second.data[i * second.columns + j] = before[(side === 0 ? order[i] : i) * second.columns + (side === 1 ? order[j] : j)]
}

/**
 * Running means of GGᵀ and GᵀG give each matrix a basis on both sides; Adam's m stays in the weights' own coordinates, its v in the basis. The first step sets the
 * bases up and moves nothing; every `preconditionFrequency` steps they follow by one round of power iteration and QR. Vectors get Adam, unless `precondition1d`.
 */
export const soap: OptimizerFactory<'soap'> = (spec) => ({
  init: (parameterCount) => ({
    arrays: { first: new Float64Array(parameterCount), second: new Float64Array(parameterCount) },
    numbers: { count: 0 }
  }),
  async step(state, { linalg, objective, parameters, gradient, learningRate, signal, onPhase }) {
    const { beta1, beta2, epsilon, weightDecay, preconditionFrequency, maxPreconditionDim, correctBias, normalizeGradient } = spec
    const momentRate = 1 - (spec.shampooBeta ?? beta2)
    /** Steps done that moved something. */
    const count = state.numbers.count
    const first = state.arrays.first.slice()
    const second = state.arrays.second.slice()
    const update = new Float64Array(gradient.length)
    const arrays: Record<string, Float64Array> = { first, second }
    const stepSize = learningRate * (correctBias && count > 0 ? Math.sqrt(1 - beta2 ** count) / (1 - beta1 ** count) : 1)
    onPhase?.('preconditioners')
    for (const array of objective.arrays) {
      const g = matrixOf(array, gradient)
      const sizes = isMatrix(array) ? [g.rows, g.columns] : [spec.precondition1d ? g.rows : Infinity, Infinity]
      const names = sides.map((side) => `${side} ${array.name}`)
      const stored = (kind: string, side: number): Matrix | null => {
        const found = state.arrays[kind + names[side]]
        return found === undefined ? null : matrix(sizes[side], sizes[side], found)
      }
      const bases = [0, 1].map((side) => stored('basis of ', side))
      const v = matrixOf(array, second)
      if (count > 0) {
        const m = matrixOf(array, first)
        const turnedGradient = await project(linalg, g, bases, false, signal)
        for (let i = 0; i < m.data.length; i++) {
          m.data[i] += (1 - beta1) * (g.data[i] - m.data[i])
          v.data[i] += (1 - beta2) * (turnedGradient.data[i] ** 2 - v.data[i])
        }
        const turnedMean = await project(linalg, m, bases, false, signal)
        const divided = matrix(
          g.rows,
          g.columns,
          turnedMean.data.map((value, i) => value / (Math.sqrt(v.data[i]) + epsilon))
        )
        const step = await project(linalg, divided, bases, true, signal)
        let scale = stepSize
        if (normalizeGradient) scale /= Math.sqrt(step.data.reduce((sum, value) => sum + value * value, 0) / step.data.length) + epsilon
        const weights = partOf(array, parameters)
        const change = partOf(array, update)
        for (let i = 0; i < change.length; i++)
          change[i] = -scale * step.data[i] - learningRate * weightDecay * (weights[i] - scale * step.data[i])
      }
      for (const [side, size] of sizes.entries()) {
        if (size > maxPreconditionDim) continue
        const moment = await secondMoment(linalg, g, sides[side], signal)
        const before = stored('', side)
        for (let i = 0; i < moment.data.length; i++)
          moment.data[i] = before === null ? momentRate * moment.data[i] : before.data[i] + momentRate * (moment.data[i] - before.data[i])
        arrays[names[side]] = moment.data
        let basis = bases[side] ?? (await eigenbasis(linalg, moment, signal))
        if (count > 0 && count % preconditionFrequency === 0) {
          const next = await turned(linalg, moment, basis, signal)
          basis = next.basis
          reordered(v, side, next.order)
        }
        arrays[`basis of ${names[side]}`] = basis.data
      }
    }
    return { update, state: { arrays, numbers: { count: count + 1 } }, diagnostics: {} }
  }
})
