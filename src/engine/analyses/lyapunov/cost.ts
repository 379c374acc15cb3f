// What following training with its tangent maps costs, before anything is opened: rough, on two cores.
import type { AnalysisOptions } from '../../../shared/analyses/kinds'
import { factsOf } from '../../../shared/spec/optimizers'
import type { RunSpec } from '../../../shared/spec/schema'
import type { AnalysisCost, AnalysisShape } from '../interface'
import { sizesOf, whyDifferences } from './choose'

/** Flops a second of large products, and of the passes of a small net. */
const [large, passes] = [2.5e10, 2e9]
/** Steps between two orthogonalizations, as they come about. */
const usualInterval = 4

export function costOf(
  { parameterCount: size, samples }: AnalysisShape,
  { steps, discard, exponents, tangent, orthogonalizeEvery }: AnalysisOptions<'lyapunov'>,
  spec: RunSpec
): AnalysisCost {
  const { dimension, count } = sizesOf(spec, size, exponents)
  const { kind } = spec.optimizer
  const gradient = (6 * samples * size) / passes + 2e-5
  const decomposition = (30 * size ** 3) / large
  const second = factsOf(spec.optimizer).needs === 'curvature'
  const hessian = (2 * samples * size * size) / large
  const ownStep = gradient + (second ? hessian + decomposition : 0)
  const exact = tangent === 'exact' && whyDifferences(spec) === null
  // Jets of order 2 are worth six gradients, of order 2K + 1 along a curve (2K + 2)(2K + 3)/2.
  const terms = kind === 'series-newton' && 'order' in spec.optimizer ? spec.optimizer.order - 1 : 1
  const vectors = Math.min(count, size)
  const mixed = kind === 'sfn' ? 12 * size : second ? vectors * terms * (2 * terms + 2) * (2 * terms + 3) * 0.5 : 0
  const maps = exact
    ? hessian + (2 * count * size * size) / large + mixed * gradient + (second ? 2 * decomposition : (0.6 * size ** 3) / large)
    : 2 * count * ownStep
  const factorization = (6 * count * count * dimension) / large / (orthogonalizeEvery ?? usualInterval)
  return {
    seconds: 0.2 + (steps + discard) * (ownStep + maps + factorization + 1e-5 + 2e-9 * count * dimension),
    memoryBytes:
      64e6 + 8 * (4 * count * dimension + 2 * count * count + (second ? 8 : 3) * size * size + 3 * Math.min(1000, steps) * count),
    diskBytes: 8 * (3 * count + Math.min(1000, steps) * (count + 1) + 2 * count * dimension)
  }
}
