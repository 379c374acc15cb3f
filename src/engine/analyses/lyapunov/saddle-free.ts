// The exact tangent map of saddle-free Newton: |H|⁻¹ differentiated by Daleckiĭ and Kreĭn's formula, with third derivatives along P pairs of vectors.
import { matrix, multiply, type Matrix } from '../../linalg'
import { column } from '../../linalg/matrix'
import type { CurvatureBlock } from '../../objective'
import { dampedInverse } from '../../optimizers/damped-inverse'
import type { DampingKind } from '../../../shared/spec/schema'
import { thirdDerivativesAlong } from './mixed'
import { scratchOf, type StepPoint, type TangentContext, type TangentMap } from './tangent'
import { throughMatrix } from './whole'

/** (|a| − |b|)/(a − b), and its limit. */
function slopeOfMagnitude(a: number, b: number): number {
  if (a >= 0 && b >= 0 && a + b > 0) return 1
  if (a <= 0 && b <= 0 && a + b < 0) return -1
  return a === 0 && b === 0 ? 0 : (Math.abs(a) - Math.abs(b)) / (a - b)
}

/** Divided difference of 1/f, the magnitude that the rule divides by. */
function slopeOfDivisor(rule: DampingKind, a: number, b: number, damping: number): number {
  switch (rule) {
    case 'abs-of-shifted':
      return slopeOfMagnitude(a + damping, b + damping)
    case 'shifted-abs':
      return slopeOfMagnitude(a, b)
    case 'clamp': {
      const [free, other] = [Math.abs(a) > damping, Math.abs(b) > damping]
      if (!free && !other) return 0
      if (free && other) return slopeOfMagnitude(a, b)
      return (Math.max(Math.abs(a), damping) - Math.max(Math.abs(b), damping)) / (a - b)
    }
    case 'shifted':
      return 1
  }
}

/** F_ab of the rule's inverse f: (f(a) − f(b))/(a − b), f' on the diagonal, without cancellation. */
export const dividedDifference = (rule: DampingKind, a: number, b: number, damping: number): number =>
  -slopeOfDivisor(rule, a, b, damping) * dampedInverse(rule, a, damping) * dampedInverse(rule, b, damping)

/** J = 1 − ηQ(f(Λ)ΛQᵀ + D) with row a of D = T₃[q_a, Q(F_a ∘ Qᵀg)]. */
export function saddleFreeTangent(context: TangentContext): TangentMap | null {
  const { linalg, parts, signal } = context
  const { optimizer } = parts.spec
  if (optimizer.kind !== 'sfn') return null
  const rule = optimizer.damping.kind
  const scratch = scratchOf(linalg)
  let blocks: CurvatureBlock[] | undefined
  let of: StepPoint | null = null

  /** Q, and A with J = 1 − ηQA. */
  const factors = async (point: StepPoint) => {
    const { objective, before, gradient, damping } = point
    const size = gradient.length
    const [vectors, inner] = [scratch.matrix('vectors', size, size), scratch.matrix('inner', size, size)]
    if (of === point) return { vectors, inner }
    blocks = await objective.curvature(before.parameters, { scope: 'full', kind: 'hessian', reuse: blocks, signal })
    const whole = matrix(size, size, blocks[0].data)
    const eigen = await linalg.eigenSymmetric(whole, { signal, overwrite: true })
    const values = eigen.values.slice()
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) vectors.data[i * size + j] = eigen.vectors.data[eigen.vectors.offset + i * eigen.vectors.stride + j]
    eigen.release()
    const components = column(new Float64Array(size))
    await multiply(linalg, vectors, column(gradient), components, { transposeA: 'transpose', signal })
    const [weights, partners, own] = ['weights', 'partners', 'own'].map((name) => scratch.matrix(name, size, size))
    for (let a = 0; a < size; a++)
      for (let b = 0; b < size; b++) {
        weights.data[a * size + b] = dividedDifference(rule, values[a], values[b], damping) * components.data[b]
        own.data[a * size + b] = vectors.data[b * size + a]
      }
    await multiply(linalg, weights, vectors, partners, { transposeB: 'transpose', signal })
    await thirdDerivativesAlong(objective, before.parameters, own, partners, inner, signal)
    for (let a = 0; a < size; a++) {
      const factor = values[a] * dampedInverse(rule, values[a], damping)
      for (let i = 0; i < size; i++) inner.data[a * size + i] += factor * own.data[a * size + i]
    }
    of = point
    return { vectors, inner }
  }
  const apply = async (point: StepPoint, rows: Matrix) => {
    const size = point.gradient.length
    const { vectors, inner } = await factors(point)
    const [components, moved] = ['components', 'moved'].map((name) => scratch.matrix(name, rows.rows, size))
    await multiply(linalg, rows, inner, components, { transposeB: 'transpose', signal })
    await multiply(linalg, components, vectors, moved, { transposeB: 'transpose', signal })
    for (let r = 0; r < rows.rows; r++)
      for (let i = 0; i < size; i++) rows.data[rows.offset + r * rows.stride + i] -= point.learningRate * moved.data[r * size + i]
  }
  return throughMatrix(context, apply, () => {
    for (const { data } of blocks ?? []) linalg.release(data)
    blocks = undefined
    scratch.release()
  })
}
