// The registry of optimizers by kind.
import type { OptimizerKind, OptimizerSpec } from '../../shared/spec/schema'
import { adam, adamw } from './adam'
import { ar3 } from './ar3'
import { finiteDifferenceNewton } from './fd-newton'
import { gradientDescent, heavyBall, nesterov } from './gradient-descent'
import type { Optimizer, OptimizerFactory } from './interface'
import { kroneckerFactored } from './k-fac'
import { krylovSaddleFreeNewton } from './krylov'
import { lbfgs } from './l-bfgs'
import { muon } from './muon'
import { dampedNewton, levenbergMarquardt, saddleFreeNewton } from './newton'
import { rmsprop } from './rmsprop'
import { scheduleFreeAdamw } from './schedule-free'
import { seriesNewton } from './series-newton'
import { shampoo } from './shampoo'
import { soap } from './soap'

export type { Optimizer, OptimizerState, SpectrumFigures, StepDiagnostics, StepInput, StepResult } from './interface'

const factories: { readonly [Kind in OptimizerKind]: OptimizerFactory<Kind> } = {
  gd: gradientDescent,
  momentum: heavyBall,
  nesterov,
  rmsprop,
  adam,
  adamw,
  'l-bfgs': lbfgs,
  'damped-newton': dampedNewton,
  'levenberg-marquardt': levenbergMarquardt,
  sfn: saddleFreeNewton,
  'sfn-krylov': krylovSaddleFreeNewton,
  'fd-newton': finiteDifferenceNewton,
  'series-newton': seriesNewton,
  ar3,
  muon,
  shampoo,
  soap,
  'k-fac': kroneckerFactored,
  'schedule-free-adamw': scheduleFreeAdamw
}

/** The optimizer that a spec names, its options bound. Memory it keeps between steps is given back by `dispose`. */
export function createOptimizer(spec: OptimizerSpec): Optimizer {
  // The compiler does not follow that the factory found under the spec's kind takes this spec.
  const factory = factories[spec.kind] as OptimizerFactory<OptimizerKind>
  return factory(spec)
}
