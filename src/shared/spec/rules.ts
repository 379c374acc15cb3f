// Rules of a run spec that need more than one field, or the expression reader.
import { shown } from './describe'
import { factsOf } from './optimizers'
import type { SpecProblem } from './problem'
import { isFunctionSpec, type Activation, type NetworkSpec, type OptimizerSpec, type RunSpec } from './schema'

type Report = (path: string, message: string) => void

/** Every broken rule of a spec whose fields are right by themselves. */
export async function ruleProblems(spec: RunSpec): Promise<SpecProblem[]> {
  const problems: SpecProblem[] = []
  const report: Report = (path, message) => problems.push({ path, message })
  if (!isFunctionSpec(spec)) networkRules(spec, report)
  evaluationRules(spec, report)
  optimizerRules(spec, report)
  await scheduleRules(spec.optimizer, report)
  return problems
}

function evaluationRules(spec: RunSpec, report: Report) {
  const { everySteps, everyEpochs, histograms } = spec.evaluate
  if (!histograms) return
  if (isFunctionSpec(spec)) report('evaluate.histograms', 'must be false for a function, which has no layers, got true')
  else if (everySteps === null && everyEpochs === null)
    report(
      'evaluate.histograms',
      'needs evaluate.everySteps or evaluate.everyEpochs: there is a line an evaluation, and no evaluation is asked for'
    )
}

function networkRules(spec: NetworkSpec, report: Report) {
  const { layers, outputActivation } = spec.model
  const projection = spec.data.transforms.filter((transform) => transform.kind === 'random-projection').at(-1)
  if (projection && layers[0] !== null && layers[0] !== projection.dim)
    report('model.layers.0', `must be ${projection.dim}, the width that data.transforms give (or null), got ${layers[0]}`)
  const last = layers[layers.length - 1]
  if (spec.data.targets === 'input' && projection && last !== projection.dim)
    report(`model.layers.${layers.length - 1}`, `must be ${projection.dim}, the width of the input that data.targets asks for, got ${last}`)
  if (spec.loss === 'softmax-cross-entropy') {
    if (outputActivation !== null && outputActivation.kind !== 'identity')
      report(
        'model.outputActivation',
        `must be null or {"kind": "identity"} with loss softmax-cross-entropy, got ${shown(outputActivation)}`
      )
    if (last === 1)
      report(
        `model.layers.${layers.length - 1}`,
        'must be at least 2 with loss softmax-cross-entropy (the softmax of one unit is 1 whatever the weights are); take half-sse or mse for one output, got 1'
      )
    if (spec.data.targets === 'input') report('loss', 'must be half-sse or mse where data.targets is "input", got "softmax-cross-entropy"')
  }
}

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

function optimizerRules(spec: RunSpec, report: Report) {
  const { optimizer } = spec
  if ('scope' in optimizer && optimizer.scope === 'unit-blocks' && !isFunctionSpec(spec) && spec.loss === 'softmax-cross-entropy')
    report(
      'optimizer.scope',
      'must be full or layer-blocks with loss softmax-cross-entropy (softmax mixes the output units, so their blocks do not separate), got "unit-blocks"'
    )
  if ('scope' in optimizer && optimizer.scope !== 'full' && isFunctionSpec(spec))
    report('optimizer.scope', `must be full for a function, which has no layers, got ${shown(optimizer.scope)}`)
  if (optimizer.kind === 'fd-newton' && optimizer.mode === 'limit' && optimizer.r !== undefined)
    report('optimizer.r', `must be left out with mode limit (only finite-difference has a step r), got ${shown(optimizer.r)}`)
  if (!isFunctionSpec(spec) && factsOf(optimizer).needs === 'inverse-gradient') inverseRules(spec, report)
}

function inverseRules(spec: NetworkSpec, report: Report) {
  const { kind } = spec.optimizer
  if (spec.loss === 'softmax-cross-entropy') report('loss', `must be half-sse or mse with optimizer ${kind}, got "softmax-cross-entropy"`)
  const hidden = spec.model.layers.length > 2 ? noInverse(spec.model.activation) : null
  const output = noInverse(outputActivationOf(spec))
  if (hidden) report('model.activation', `must be invertible with optimizer ${kind}: ${hidden}`)
  else if (output)
    report(
      spec.model.outputActivation === null ? 'model.activation' : 'model.outputActivation',
      `must be invertible with optimizer ${kind}: ${output}`
    )
}

async function scheduleRules(optimizer: OptimizerSpec, report: Report) {
  await scheduleRule('optimizer.learningRate', optimizer.learningRate, 0, report)
  if ('damping' in optimizer) await scheduleRule('optimizer.damping.value', optimizer.damping.value, Number.MIN_VALUE, report)
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
