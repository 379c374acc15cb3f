// Rules of a run spec that need more than one field, or the expression reader.
import { shown } from './describe'
import { pathsMeet } from './mend'
import { factsOf } from './optimizers'
import type { SpecProblem } from './problem'
import { isFunctionSpec, type Activation, type NetworkSpec, type RunSpec } from './schema'
import { statedWidth } from './transforms'

type Report = (path: string, message: string) => void

/** A rule, and the places it looks at: where one of these is faulty itself the rule has nothing to say. */
interface Rule<Spec extends RunSpec = RunSpec> {
  readonly reads: readonly string[]
  check(spec: Spec, report: Report): void | Promise<void>
}

/** Every broken rule of a spec; `faulty` names places that are wrong by themselves and hold something made up. */
export async function ruleProblems(spec: RunSpec, faulty: readonly string[] = []): Promise<SpecProblem[]> {
  const problems: SpecProblem[] = []
  const report: Report = (path, message) => problems.push({ path, message })
  const askable = ({ reads }: Pick<Rule, 'reads'>) => !reads.some((place) => faulty.some((fault) => pathsMeet(place, fault)))
  if (!isFunctionSpec(spec)) for (const rule of networkRules.filter(askable)) await rule.check(spec, report)
  for (const rule of rules.filter(askable)) await rule.check(spec, report)
  return problems
}

const networkRules: readonly Rule<NetworkSpec>[] = [
  {
    reads: ['data.transforms', 'data.targets', 'model.layers'],
    check(spec, report) {
      const width = statedWidth(spec.data.transforms)
      if (width === null) return
      const { layers } = spec.model
      const last = layers[layers.length - 1]
      if (layers[0] !== null && layers[0] !== width)
        report('model.layers.0', `must be ${width}, the width that data.transforms give (or null), got ${layers[0]}`)
      if (spec.data.targets === 'input' && last !== width)
        report(`model.layers.${layers.length - 1}`, `must be ${width}, the width of the input that data.targets asks for, got ${last}`)
    }
  },
  {
    reads: ['loss', 'model.outputActivation'],
    check({ loss, model: { outputActivation } }, report) {
      if (loss === 'softmax-cross-entropy' && outputActivation !== null && outputActivation.kind !== 'identity')
        report(
          'model.outputActivation',
          `must be null or {"kind": "identity"} with loss softmax-cross-entropy, got ${shown(outputActivation)}`
        )
    }
  },
  {
    reads: ['loss', 'model.layers'],
    check({ loss, model: { layers } }, report) {
      if (loss === 'softmax-cross-entropy' && layers[layers.length - 1] === 1)
        report(
          `model.layers.${layers.length - 1}`,
          'must be at least 2 with loss softmax-cross-entropy (the softmax of one unit is 1 whatever the weights are); take half-sse or mse for one output, got 1'
        )
    }
  },
  {
    reads: ['model.init', 'model.bias'],
    check({ model: { init, bias } }, report) {
      if (init.kind === 'mean-field-normal' && init.sigmaB !== 0 && !bias)
        report('model.init.sigmaB', `must be 0 where model.bias is false (there are no biases to draw), got ${shown(init.sigmaB)}`)
    }
  },
  {
    reads: ['loss', 'data.targets'],
    check({ loss, data: { targets } }, report) {
      if (loss === 'softmax-cross-entropy' && targets === 'input')
        report('loss', 'must be half-sse or mse where data.targets is "input", got "softmax-cross-entropy"')
    }
  },
  {
    reads: ['optimizer.kind', 'optimizer.layerRates', 'model.layers'],
    check({ optimizer, model: { layers } }, report) {
      if (optimizer.kind !== 'gd' || optimizer.layerRates === null || optimizer.layerRates.length === layers.length - 1) return
      report('optimizer.layerRates', `must have a factor for each of the ${layers.length - 1} layers, got ${optimizer.layerRates.length}`)
    }
  },
  {
    reads: ['loss', 'optimizer.kind'],
    check({ loss, optimizer }, report) {
      if (loss === 'softmax-cross-entropy' && factsOf(optimizer).needs === 'inverse-gradient')
        report('loss', `must be half-sse or mse with optimizer ${optimizer.kind}, got "softmax-cross-entropy"`)
    }
  },
  {
    reads: ['loss', 'optimizer.kind', 'model.layers', 'model.activation', 'model.outputActivation'],
    check(spec, report) {
      if (factsOf(spec.optimizer).needs === 'inverse-gradient') activationRule(spec, report)
    }
  }
]

const rules: readonly Rule[] = [
  {
    reads: ['optimizer.kind'],
    check(spec, report) {
      const { kind } = spec.optimizer
      if (isFunctionSpec(spec) && factsOf(spec.optimizer).needs === 'network')
        report(
          'optimizer.kind',
          `must be one that steps vectors for a function (${kind} goes by the matrices of a network's layers), got ${shown(kind)}`
        )
    }
  },
  {
    reads: ['regularization', 'optimizer.kind'],
    check({ regularization: { l2 }, optimizer }, report) {
      if (l2 > 0 && factsOf(optimizer).needs === 'inverse-gradient')
        report(
          'regularization.l2',
          `must be 0 with optimizer ${optimizer.kind} (its inverse of the gradient map knows the loss alone, without weight decay), got ${shown(l2)}`
        )
    }
  },
  {
    reads: ['evaluate'],
    check(spec, report) {
      const { everySteps, everyEpochs, histograms } = spec.evaluate
      if (!histograms) return
      if (isFunctionSpec(spec)) report('evaluate.histograms', 'must be false for a function, which has no layers, got true')
      else if (everySteps === null && everyEpochs === null)
        report(
          'evaluate.histograms',
          'needs evaluate.everySteps or evaluate.everyEpochs: there is a line an evaluation, and no evaluation is asked for'
        )
    }
  },
  {
    reads: ['optimizer.kind', 'optimizer.scope', 'loss'],
    check(spec, report) {
      const { optimizer } = spec
      if (!('scope' in optimizer)) return
      if (optimizer.scope === 'unit-blocks' && !isFunctionSpec(spec) && spec.loss === 'softmax-cross-entropy')
        report(
          'optimizer.scope',
          'must be full or layer-blocks with loss softmax-cross-entropy (softmax mixes the output units, so their blocks do not separate), got "unit-blocks"'
        )
      if (optimizer.scope !== 'full' && isFunctionSpec(spec))
        report('optimizer.scope', `must be full for a function, which has no layers, got ${shown(optimizer.scope)}`)
    }
  },
  {
    reads: ['optimizer.kind', 'optimizer.mode', 'optimizer.r'],
    check(spec, report) {
      const { optimizer } = spec
      if (optimizer.kind !== 'fd-newton') return
      const { mode, r } = optimizer
      if (mode !== 'finite-difference' && r !== undefined)
        report('optimizer.r', `must be left out with mode ${mode} (only finite-difference has a step r), got ${shown(r)}`)
      if (mode === 'joint' && isFunctionSpec(spec))
        report(
          'optimizer.mode',
          'must be limit or finite-difference for a function, which has no layers to join (its inverse gradient is that of all variables), got "joint"'
        )
    }
  },
  {
    reads: ['optimizer.kind', 'optimizer.learningRate'],
    check: ({ optimizer }, report) => scheduleRule('optimizer.learningRate', optimizer.learningRate, 0, report)
  },
  {
    reads: ['optimizer.kind', 'optimizer.damping.value', 'optimizer.damping.adapt'],
    check({ optimizer }, report) {
      if (!('damping' in optimizer)) return
      // A series is not bounded by its damping but by its guard; only what adapts a damping needs one to begin with.
      const low = optimizer.kind === 'series-newton' && optimizer.damping.adapt !== 'levenberg' ? 0 : Number.MIN_VALUE
      return scheduleRule('optimizer.damping.value', optimizer.damping.value, low, report)
    }
  }
]

/** Activation of the output layer, with the defaults of the contract. */
export function outputActivationOf(spec: NetworkSpec): Activation {
  return spec.model.outputActivation ?? (spec.loss === 'softmax-cross-entropy' ? { kind: 'identity' } : spec.model.activation)
}

/** Why an activation has no inverse; null when it has one. */
function noInverse(activation: Activation): string | null {
  if (activation.kind === 'relu') return 'relu has no inverse (it maps every negative input to 0)'
  if (activation.kind === 'leaky-relu' && activation.slope <= 0) return `leaky-relu with slope ${activation.slope} has no inverse`
  return null
}

function activationRule(spec: NetworkSpec, report: Report) {
  const { kind } = spec.optimizer
  const hidden = spec.model.layers.length > 2 ? noInverse(spec.model.activation) : null
  const output = noInverse(outputActivationOf(spec))
  if (hidden) report('model.activation', `must be invertible with optimizer ${kind}: ${hidden}`)
  else if (output)
    report(
      spec.model.outputActivation === null ? 'model.activation' : 'model.outputActivation',
      `must be invertible with optimizer ${kind}: ${output}`
    )
}

/** A number at least `low`, or an expression in t and epoch that reads and gives such a number at the first step. */
async function scheduleRule(path: string, value: number | string, low: number, report: Report) {
  const wanted = low > 0 ? 'a number > 0' : 'a number ≥ 0'
  if (typeof value === 'number') {
    if (!(value >= low && Number.isFinite(value))) report(path, `must be ${wanted}, got ${shown(value)}`)
    return
  }
  const { compile } = await import('../expression')
  try {
    const first = compile(value, ['t', 'epoch'])([1, 0])
    if (!(first >= low && Number.isFinite(first)))
      report(path, `must be ${wanted}, got ${shown(value)}, which is ${first} at the first step`)
  } catch (error) {
    report(
      path,
      `must be ${wanted}, got ${shown(value)} (nor is it an expression in t and epoch: ${error instanceof Error ? error.message : 'it cannot be read'})`
    )
  }
}
