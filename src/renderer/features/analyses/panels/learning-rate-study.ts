// The study of the largest Lyapunov exponent over the learning rate, made from a run and an analysis of it. Pure.
import type { AnalysisManifest } from '../../../../shared/analyses/manifest'
import type { RunSpec } from '../../../../shared/spec/schema'
import { withoutDefaults } from '../../new-run/spec-edit'
import { fieldsFor } from '../../new-run/spec-text'

/** So many times below and above the run's own. */
const reach = 10
const points = 9

/** Why there is none, one sentence; null where there is. */
export function learningRateFault({ optimizer }: RunSpec): string | null {
  const { learningRate } = optimizer
  if (typeof learningRate === 'string')
    return `The learning rate of this run is the schedule ${learningRate}, which no axis can scale: start from a run with a number.`
  return learningRate > 0 ? null : 'The learning rate of this run is 0: there is nothing around it.'
}

const rounded = (value: number) => Number(value.toPrecision(6))

/** A JSON study: the exponent is taken where the analysis took it, at the start or after the last step. */
export function learningRateStudy(spec: RunSpec, { step, options }: Pick<AnalysisManifest, 'step' | 'options'>): object {
  const rate = Number(spec.optimizer.learningRate)
  // As many exponents as before: the first axis alone may be a weight that nothing moves, such as that of a pixel which is always black.
  const own = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null))
  return {
    schemaVersion: 1,
    name: `Largest exponent over the learning rate: ${spec.name}`.slice(0, 100),
    base: withoutDefaults(fieldsFor(spec), spec),
    axes: [{ path: 'optimizer.learningRate', from: rounded(rate / reach), to: rounded(rate * reach), count: points, scale: 'log' }],
    seeds: 1,
    analyse: [{ kind: 'lyapunov', at: step === 0 ? 'start' : 'last', options: own }],
    select: { metric: 'lyapunov.largest', goal: 'min', at: 'last' },
    parallel: 1
  }
}
