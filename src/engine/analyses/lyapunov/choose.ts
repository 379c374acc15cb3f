// Which tangent map a run's optimizer has, and why not the exact one where it has none.
import type { OptimizerKind, RunSpec } from '../../../shared/spec/schema'
import { isFunctionSpec } from '../../../shared/spec/schema'
import { createOptimizer } from '../../optimizers'
import { differenceTangent } from './difference'
import { firstOrderTangent } from './first-order'
import { newtonTangent } from './newton'
import { saddleFreeTangent } from './saddle-free'
import type { TangentContext, TangentMap } from './tangent'

/** Numbers of the state in units of P: the weights, and every array that the optimizer keeps. */
export const stateArrays = ({ optimizer }: RunSpec): number => 1 + Object.keys(createOptimizer(optimizer).init(1).arrays).length

/** Numbers of the state, and exponents that are asked for of them. */
export function sizesOf(
  spec: RunSpec,
  parameterCount: number,
  exponents: 'all' | number
): { readonly dimension: number; readonly count: number } {
  const dimension = stateArrays(spec) * parameterCount
  return { dimension, count: exponents === 'all' ? dimension : Math.min(exponents, dimension) }
}

/** Why a step's tangent map is not known exactly, half a sentence; null where it is. */
export function whyDifferences(spec: RunSpec): string | null {
  const { optimizer } = spec
  switch (optimizer.kind) {
    case 'gd':
      return optimizer.layerRates === null ? null : 'its layers have rates of their own'
    case 'momentum':
    case 'nesterov':
    case 'adam':
    case 'adamw':
      return null
    case 'damped-newton':
    case 'sfn': {
      const whole = optimizer.scope === 'full' || (!isFunctionSpec(spec) && spec.model.layers.length === 2)
      if (optimizer.damping.adapt !== 'none') return 'its damping is adapted'
      if (optimizer.curvatureBatch !== null) return 'its curvature has a batch of its own'
      return whole || isFunctionSpec(spec) ? null : `its curvature is taken by ${optimizer.scope}`
    }
    case 'series-newton':
      if (optimizer.saddleFree) return 'saddle-free terms are not differentiated here'
      if (optimizer.summation !== 'taylor') return 'it sums by Padé approximants'
      return optimizer.damping.adapt === 'none' ? null : 'its damping is adapted'
    default:
      return `${optimizer.kind} has no exact one here`
  }
}

/** What keeps an optimizer's state from being weights and vectors of their length from the first step on. */
const otherStates: Partial<Record<OptimizerKind, string>> = {
  'l-bfgs': 'a growing memory of earlier steps',
  muon: 'means of the biases alone',
  shampoo: 'matrices of second moments',
  soap: 'matrices of second moments and their bases',
  'k-fac': 'running means of Kronecker factors',
  'schedule-free-adamw': 'a second set of weights from its first step on, and their mean'
}

/** One sentence where the state cannot be followed at all; null where it can. */
export function stateRefusal({ optimizer: { kind } }: RunSpec): string | null {
  const kept = otherStates[kind]
  return kept === undefined
    ? null
    : `${kind} keeps ${kept}, so its step is no map of a state of fixed size made of weights and vectors like them; take a run of another optimizer`
}

export function tangentMap(context: TangentContext, tangent: 'exact' | 'difference', r: number | null): TangentMap {
  const { spec } = context.parts
  const byDifferences = (): TangentMap => differenceTangent(context, stateArrays(spec), r)
  if (tangent === 'difference' || whyDifferences(spec) !== null) return byDifferences()
  return firstOrderTangent(context) ?? newtonTangent(context) ?? saddleFreeTangent(context) ?? byDifferences()
}
