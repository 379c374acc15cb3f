// The registry of optimizers by kind.
import type { OptimizerSpec } from '../../shared/spec/schema'
import { adam, adamw } from './adam'
import { finiteDifferenceNewton } from './fd-newton'
import { gradientDescent, heavyBall, nesterov } from './gradient-descent'
import type { Optimizer } from './interface'
import { krylovSaddleFreeNewton } from './krylov'
import { lbfgs } from './l-bfgs'
import { dampedNewton, levenbergMarquardt, saddleFreeNewton } from './newton'
import { rmsprop } from './rmsprop'

export type { Optimizer, OptimizerState, SpectrumFigures, StepDiagnostics, StepInput, StepResult } from './interface'

/** The optimizer that a spec names, its options bound. Memory it keeps between steps is given back by `dispose`. */
export function createOptimizer(spec: OptimizerSpec): Optimizer {
  switch (spec.kind) {
    case 'gd':
      return gradientDescent(spec)
    case 'momentum':
      return heavyBall(spec)
    case 'nesterov':
      return nesterov(spec)
    case 'rmsprop':
      return rmsprop(spec)
    case 'adam':
      return adam(spec)
    case 'adamw':
      return adamw(spec)
    case 'l-bfgs':
      return lbfgs(spec)
    case 'damped-newton':
      return dampedNewton(spec)
    case 'levenberg-marquardt':
      return levenbergMarquardt(spec)
    case 'sfn':
      return saddleFreeNewton(spec)
    case 'fd-newton':
      return finiteDifferenceNewton(spec)
    case 'sfn-krylov':
      return krylovSaddleFreeNewton(spec)
  }
}
