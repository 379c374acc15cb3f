// A paragraph for a paper that says exactly what was run, with its sources: every number in it is from the spec, the status or the dataset.
import type { OptimizerKind } from '../spec/schema'
import { foreignFunctions, isFunctionSpec, type Activation, type NetworkSpec, type OptimizerSpec, type RunSpec } from '../spec/schema'
import { fittingWidths } from '../model/layout'
import { optimizerMethods, type Cite } from './methods-optimizers'
import { references, type ReferenceKey } from './references'
import type { RunMeta, RunStatus } from './schema'
import { snapshotScope, vectorCount } from './snapshot-size'

export interface MethodsInput {
  readonly spec: RunSpec
  readonly meta: Pick<RunMeta, 'name' | 'lineage' | 'hashes'>
  readonly status: Pick<
    RunStatus,
    'step' | 'state' | 'parameterCount' | 'recordedOptimizer' | 'backend' | 'versions' | 'numericsChangedAtStep'
  >
  /** Null where it is not known any more. */
  readonly dataset: { readonly title: string; readonly trainCount: number; readonly testCount: number; readonly partial: boolean } | null
}

export interface Methods {
  readonly paragraph: string
  /** In the order in which they are cited. */
  readonly references: readonly string[]
  /** Both, as it is copied. */
  readonly text: string
}

const datasetSources: Readonly<Record<string, ReferenceKey>> = {
  'cifar-100': 'krizhevsky2009',
  'cifar-10': 'krizhevsky2009',
  mnist: 'lecun1998',
  mnist10: 'lecun1998',
  'fashion-mnist': 'xiao2017'
}

function dataSentences({ spec, meta, dataset }: MethodsInput & { spec: NetworkSpec }, cite: Cite): string[] {
  const { data } = spec
  const id = typeof data.dataset === 'string' ? data.dataset : data.dataset.path
  const source = Object.hasOwn(datasetSources, id) ? ` (${cite(datasetSources[id])})` : ''
  const fingerprint = meta.hashes.dataset === null ? '' : `, SHA-256 ${meta.hashes.dataset.slice(0, 12)}…`
  const count = (limit: number | null, all: number | undefined, what: string) => {
    if (limit !== null && (all === undefined || limit < all))
      return `the first ${limit}${all === undefined ? '' : ` of the ${all}`} ${what} samples`
    return all === undefined ? `all ${what} samples` : `all ${all} ${what} samples`
  }
  const training = count(data.trainLimit, dataset?.trainCount, 'training')
  const testing = dataset?.testCount === 0 ? 'no test samples' : count(data.testLimit, dataset?.testCount, 'test')
  const part = dataset?.partial ? ' (a part of the official set)' : ''
  const { validation } = data
  const apart =
    validation === null
      ? ''
      : `; ${validation < 1 ? `a fraction of ${validation} of the training samples` : `${validation} of the training samples`}, drawn by the seed, ${validation === 1 ? 'was' : 'were'} split off for validation and not trained on`
  const targets = data.targets === 'input' ? '; the targets are the inputs themselves' : ''
  const coarse = data.labels === 'coarse' ? ' with its coarse labels' : ''
  const sentences = [
    `The data are ${dataset?.title ?? id}${source}${coarse}${part}${fingerprint}: ${training} and ${testing}${apart}${targets}.`
  ]
  const transforms = data.transforms.map((transform) => {
    if (transform.kind === 'affine')
      return `divided by ${transform.divide}${transform.subtract === 0 ? '' : ` and ${transform.subtract} subtracted`}`
    if (transform.kind === 'resize')
      return `resized to ${transform.height} × ${transform.width} pixels (${transform.filter === 'area' ? 'area average' : 'bilinear interpolation'})${transform.colour === 'grey' ? ' and one channel (ITU-R BT.601 luma)' : ''}`
    return transform.matrix === null
      ? `projected on ${transform.dim} dimensions by a matrix of independent normal entries with variance 1/(input width), drawn from the seed`
      : `projected on ${transform.dim} dimensions by a given matrix`
  })
  if (transforms.length > 0) sentences.push(`The inputs were ${transforms.join(', then ')}.`)
  return sentences
}

function activationText(activation: Activation): string {
  return activation.kind === 'leaky-relu'
    ? `leaky ReLU of slope ${activation.slope}`
    : activation.kind === 'relu'
      ? 'ReLU'
      : activation.kind
}

function decaySentences({ regularization: { l2 } }: RunSpec): string[] {
  return l2 === 0
    ? []
    : [
        `Weight decay ½ · l2 · ‖w‖² with l2 = ${l2}, over all parameters and added once whatever the batch, is part of what was minimized, of gradients and of curvature, and of no validation or test figure.`
      ]
}

function modelSentences({ spec, status, meta }: MethodsInput & { spec: NetworkSpec }): string[] {
  const { model, loss } = spec
  const count = status.parameterCount
  const widths = count === null ? null : fittingWidths(model, count)
  const layers = (widths ?? model.layers).map((width) => width ?? 'inputs').join(' → ')
  const output = model.outputActivation ?? (loss === 'softmax-cross-entropy' ? { kind: 'identity' as const } : model.activation)
  const size = count === null ? '' : `P = ${count} parameters, `
  const { init } = model
  const start =
    init.kind === 'fan-sum-normal'
      ? `drawn from a normal distribution of standard deviation 1/(inputs + outputs) layer by layer${model.bias ? ', biases 0' : ''}`
      : init.kind === 'fan-in-normal'
        ? `drawn from a normal distribution of standard deviation ${init.gain}/√inputs layer by layer${model.bias ? ', biases 0' : ''}`
        : init.kind === 'mean-field-normal'
          ? `drawn from a normal distribution of standard deviation ${init.sigmaW}/√inputs layer by layer${model.bias ? (init.sigmaB === 0 ? ', biases 0' : `, biases of standard deviation ${init.sigmaB}`) : ''}`
          : init.kind === 'npz'
            ? 'given by a file'
            : `those of run ${init.run} after step ${init.step}`
  const hash = meta.hashes.weights === null ? '' : ` (SHA-256 ${meta.hashes.weights.slice(0, 12)}…)`
  const losses = {
    'half-sse': 'half the sum of squared errors over the outputs and the samples of the batch',
    mse: 'the mean squared error over the outputs and the samples of the batch',
    'softmax-cross-entropy': 'the cross-entropy of the softmax of the outputs, the mean over the samples of the batch'
  }
  return [
    `The network is fully connected, ${layers} (${size}${model.bias ? 'with' : 'without'} biases), with ${activationText(model.activation)} units and ${activationText(output)} outputs; its start weights were ${start}${hash}.`,
    `The loss is ${losses[loss]}.`,
    ...decaySentences(spec)
  ]
}

function describeOptimizer(spec: OptimizerSpec, cite: Cite): string {
  const describe = optimizerMethods[spec.kind] as (spec: OptimizerSpec, cite: Cite) => string
  return describe(spec, cite)
}

const secondOrder: ReadonlySet<OptimizerKind> = new Set(['sfn', 'damped-newton', 'levenberg-marquardt', 'series-newton', 'ar3'])

function trainingSentences({ spec, status }: MethodsInput, cite: Cite): string[] {
  const { budget } = spec
  const limits = [
    budget.steps === null ? [] : [`${budget.steps} step${budget.steps === 1 ? '' : 's'}`],
    budget.epochs === null ? [] : [`${budget.epochs} epoch${budget.epochs === 1 ? '' : 's'}`],
    budget.seconds === null ? [] : [`${budget.seconds} seconds of steps`],
    budget.targetLoss === null ? [] : [`a batch loss of ${budget.targetLoss}`]
  ].flat()
  const batch = isFunctionSpec(spec)
    ? null
    : spec.batch.size === null
      ? 'Each step used all training samples (full batch).'
      : `Each step used a batch of ${spec.batch.size} samples, ${spec.batch.shuffle ? 'in an order shuffled anew every epoch' : 'in the order of the data'}.`
  const ended =
    status.state === 'done'
      ? `${status.step} step${status.step === 1 ? ' was' : 's were'} done`
      : `${status.step} steps have been done (${status.state})`
  return [
    `It was trained by ${describeOptimizer(spec.optimizer, cite)}.`,
    ...(batch === null ? [] : [batch]),
    `The budget was ${limits.join(' or ')}; ${ended}.`
  ]
}

function curvatureSentences({ spec, status }: MethodsInput, cite: Cite): string[] {
  const { snapshots, optimizer } = spec
  const sentences: string[] = []
  if (secondOrder.has(optimizer.kind))
    sentences.push('The curvature of every step was assembled in full from the analytic second derivatives, not sampled or approximated.')
  if (snapshots.everySteps !== null) {
    const scope = snapshotScope(spec, status.parameterCount ?? 0)
    const of =
      scope === 'full'
        ? 'of the exact Hessian'
        : `of the exact Hessian by ${scope === 'layer-blocks' ? 'layers' : 'layers and output units'}`
    const vectors =
      snapshots.eigenvectors === 'all'
        ? ' and all eigenvectors'
        : snapshots.eigenvectors > 0
          ? ` and ${vectorCount({ size: snapshots.eigenvectors, units: 1 }, snapshots.eigenvectors)} extreme eigenvectors a block`
          : ''
    sentences.push(
      `All eigenvalues ${of}${vectors} were stored every ${snapshots.everySteps} step${snapshots.everySteps === 1 ? '' : 's'}, on the batch of the following step, in ${snapshots.precision}; each spectrum was checked against the matrix's trace and Frobenius norm, by residuals ‖Hv − λv‖ with products that do not use the matrix (${cite('pearlmutter1994')}), and by central differences of the gradient.`
    )
  }
  return sentences
}

function machineSentence({ spec, status, meta }: MethodsInput, cite: Cite): string {
  const { backend, versions } = status
  const programs = Object.entries(versions).map(
    ([name, version]) => `${name === 'saddlescope' ? 'Saddlescope' : name === 'node' ? 'Node.js' : name} ${version}`
  )
  const on = backend === null ? '' : ` on ${backend.description} with ${backend.threads} thread${backend.threads === 1 ? '' : 's'}`
  const changed = status.numericsChangedAtStep === null ? '' : `, another linear algebra before step ${status.numericsChangedAtStep}`
  const lineage = meta.lineage === null ? '' : ` The run was started from run ${meta.lineage.run} after step ${meta.lineage.step}.`
  return `All arithmetic was in double precision (float64)${on}${changed}, in ${programs.join(', ') || 'Saddlescope'}; random numbers are from xoshiro128** (${cite('blackman2021')}), seed ${spec.seed}.${lineage}`
}

const isForeign = ({ spec }: MethodsInput) => isFunctionSpec(spec) && foreignFunctions.includes(spec.problem.function)
const isRecorded = ({ status }: MethodsInput) => status.backend?.kind === 'recorded'

/** Of a run that another program made: only what that program said, for the settings in the spec were none of its own. */
function foreignSentences(input: MethodsInput, cite: Cite): string[] {
  const { spec, status } = input
  const what = isFunctionSpec(spec)
    ? ['What was minimized is not known to Saddlescope.']
    : [...dataSentences({ ...input, spec }, cite), ...modelSentences({ ...input, spec })]
  if (!isRecorded(input)) return [...what, 'The run came from elsewhere; nothing was trained here.']
  const said = status.recordedOptimizer ?? spec.optimizer.kind
  const by =
    said === 'not said'
      ? 'its optimizer was not said'
      : `its optimizer was ${said}, as that program called it, with settings that only it can tell`
  const versions = Object.entries(status.versions).map(([name, version]) => `${name} ${version}`)
  return [
    ...what,
    `The run was recorded while another program trained (${status.backend?.description}); ${by}.`,
    `${status.step} step${status.step === 1 ? ' was' : 's were'} recorded${status.state === 'done' ? '' : ` (${status.state})`}, with ${versions.join(', ')}.`
  ]
}

/** What was run, as prose. Pure. */
export function methodsOf(input: MethodsInput): Methods {
  const cited: ReferenceKey[] = []
  const cite: Cite = (...keys) => {
    for (const key of keys) if (!cited.includes(key)) cited.push(key)
    return keys.map((key) => references[key].cited).join('; ')
  }
  const { spec } = input
  const what = () =>
    isFunctionSpec(spec)
      ? [
          `The function minimized is ${spec.problem.function}${spec.problem.start === null ? '' : `, from (${spec.problem.start.join(', ')})`}.`,
          ...decaySentences(spec)
        ]
      : [...dataSentences({ ...input, spec }, cite), ...modelSentences({ ...input, spec })]
  const own = () => [...what(), ...trainingSentences(input, cite), ...curvatureSentences(input, cite), machineSentence(input, cite)]
  const paragraph = (isForeign(input) || isRecorded(input) ? foreignSentences(input, cite) : own()).join(' ')
  const list = cited.map((key) => references[key].full)
  return {
    paragraph,
    references: list,
    text: list.length === 0 ? `${paragraph}\n` : `${paragraph}\n\nReferences\n${list.map((one) => `- ${one}`).join('\n')}\n`
  }
}
