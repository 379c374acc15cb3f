// Exact tangent maps of gradient descent, momentum, Nesterov's, Adam and AdamW: the product with the Hessian, then the derivative of the rule, weight by weight.
import type { OptimizerSpec } from '../../../shared/spec/schema'
import type { Matrix } from '../../linalg'
import type { SpecOf } from '../../../shared/spec/optimizers'
import { logDeterminantOfDescent } from './determinant'
import { hessianRows } from './hessian-rows'
import { scratchOf, weightsPart, type StepPoint, type TangentContext, type TangentMap } from './tangent'

/** Changes row `from … from + arrays · P` of `data` to its image; h is the Hessian times the row's weights, from `at` on. */
type RowRule = (data: Float64Array, from: number, h: Float64Array, at: number) => void

interface Family {
  readonly arrays: number
  rule(point: StepPoint): RowRule
  /** ln|det J| less what det(1 − ηH) gives, and whether that is part of it. */
  determinant(point: StepPoint): { readonly rest: number; readonly descends: boolean }
}

/** w' = w − ηg. */
const descent: Family = {
  arrays: 1,
  rule({ learningRate, gradient: { length } }) {
    return (data, from, h, at) => {
      for (let i = 0; i < length; i++) data[from + i] -= learningRate * h[at + i]
    }
  },
  determinant: () => ({ rest: 0, descends: true })
}

/** b' = μb + g; w' = w − ηb', or w − η(g + μb') by Nesterov. */
const withMomentum = (momentum: number, nesterov: boolean): Family => ({
  arrays: 2,
  rule({ learningRate, gradient: { length } }) {
    return (data, from, h, at) => {
      const buffers = from + length
      for (let i = 0; i < length; i++) {
        const buffer = momentum * data[buffers + i] + h[at + i]
        data[buffers + i] = buffer
        data[from + i] -= learningRate * (nesterov ? h[at + i] + momentum * buffer : buffer)
      }
    }
  },
  determinant: ({ gradient: { length } }) => ({ rest: length * Math.log(Math.abs(momentum)), descends: nesterov })
})

/** The rule of src/engine/optimizers/adam.ts differentiated; where v' = 0 the derivative by v' counts as 0. */
const adamFamily = ({ beta1, beta2, epsilon, weightDecay }: SpecOf<'adam' | 'adamw'>, decoupled: boolean): Family => ({
  arrays: 3,
  rule({ before, after, gradient, learningRate }) {
    const { length } = gradient
    const { first, second } = after.optimizer.arrays
    const { count } = after.optimizer.numbers
    const stepSize = learningRate / (1 - beta1 ** count)
    const root = Math.sqrt(1 - beta2 ** count)
    const decay = decoupled ? 0 : weightDecay
    // ∂w'/∂m', ∂w'/∂v', and what v' moves by with g.
    const byFirst = new Float64Array(length)
    const bySecond = new Float64Array(length)
    const square = new Float64Array(length)
    for (let i = 0; i < length; i++) {
      const spread = Math.sqrt(second[i])
      const below = spread / root + epsilon
      byFirst[i] = -stepSize / below
      bySecond[i] = spread === 0 ? 0 : (stepSize * first[i]) / (below * below * 2 * spread * root)
      square[i] = 2 * (1 - beta2) * (gradient[i] + decay * before.parameters[i])
    }
    const kept = decoupled ? 1 - learningRate * weightDecay : 1
    return (data, from, h, at) => {
      const [firsts, seconds] = [from + length, from + 2 * length]
      for (let i = 0; i < length; i++) {
        const moved = h[at + i] + decay * data[from + i]
        const m = beta1 * data[firsts + i] + (1 - beta1) * moved
        const v = beta2 * data[seconds + i] + square[i] * moved
        data[firsts + i] = m
        data[seconds + i] = v
        data[from + i] = kept * data[from + i] + byFirst[i] * m + bySecond[i] * v
      }
    }
  },
  determinant({ gradient: { length }, learningRate }) {
    const kept = decoupled ? Math.log(Math.abs(1 - learningRate * weightDecay)) : 0
    return { rest: length * (Math.log(beta1) + Math.log(beta2) + kept), descends: false }
  }
})

function familyOf(optimizer: OptimizerSpec): Family | null {
  switch (optimizer.kind) {
    case 'gd':
      return descent
    case 'momentum':
      return withMomentum(optimizer.momentum, false)
    case 'nesterov':
      return withMomentum(optimizer.momentum, true)
    case 'adam':
      return adamFamily(optimizer, false)
    case 'adamw':
      return adamFamily(optimizer, true)
    default:
      return null
  }
}

/** Null for other optimizers. */
export function firstOrderTangent({ linalg, parts, signal }: TangentContext): TangentMap | null {
  const family = familyOf(parts.spec.optimizer)
  if (family === null) return null
  const hessian = hessianRows(linalg, signal)
  const scratch = scratchOf(linalg)
  return {
    exact: true,
    arrays: family.arrays,
    notes: [],
    async apply(point: StepPoint, rows: Matrix) {
      const products = await hessian.times(point, weightsPart(rows, point.gradient.length))
      const rule = family.rule(point)
      for (let r = 0; r < rows.rows; r++)
        rule(rows.data, rows.offset + r * rows.stride, products.data, products.offset + r * products.stride)
    },
    async logDeterminant(point) {
      const { rest, descends } = family.determinant(point)
      if (!descends || rest === -Infinity) return rest
      return rest + (await logDeterminantOfDescent(linalg, await hessian.whole(point), point.learningRate, scratch, signal))
    },
    release() {
      hessian.release()
      scratch.release()
    }
  }
}
