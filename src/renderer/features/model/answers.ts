// What is said of a network from elsewhere, as the spec that is edited: what of it is still open, how it is checked, and the import it makes.
import type { ModelImport, ModelInspection, ModelQuestion } from '../../../shared/models/inspection'
import { networkFields, type Field } from '../../../shared/spec/fields'
import type { SpecProblem } from '../../../shared/spec/problem'
import { isObject, readNumeral, valueAt, withoutDefaults } from '../new-run/spec-edit'
import { textOfSpecs } from '../new-run/spec-text'

const open = '?'

/** The spec to begin with: what the file leaves open is left out, but for the output activation, of which nothing said would be an answer. */
export function firstText(found: ModelInspection): string {
  const spec = withoutDefaults(networkFields, found.spec)
  if (!isObject(spec)) return '{}'
  const { loss, data, model } = spec
  const known = (members: unknown, kept: string[] = []) =>
    isObject(members) ? Object.fromEntries(Object.entries(members).filter(([key, value]) => value !== open || kept.includes(key))) : {}
  return textOfSpecs([{ ...known(spec), ...(loss === open ? {} : { loss }), data: known(data), model: known(model, ['outputActivation']) }])
}

const isAnswered = (value: unknown) => isObject(value) && value.kind !== undefined

/** A net of one layer has no hidden units, so no activation that its output could share. */
const hasHidden = (found: ModelInspection) => found.layers.length > 1

const datasetOf = (spec: unknown): ModelImport['dataset'] | null => {
  const dataset = valueAt(spec, ['data', 'dataset'])
  const path = valueAt(dataset, ['path'])
  if (typeof path === 'string' && path.trim() !== '') return { path: path.trim() }
  return typeof dataset === 'string' && dataset.trim() !== '' ? dataset.trim() : null
}

const questionNames: Readonly<Record<ModelQuestion, string>> = {
  order: 'the order of the layers',
  activation: 'the activation',
  outputActivation: 'the output activation',
  loss: 'the loss'
}

/** What must still be said, in the words of a sentence. */
export function openQuestions(found: ModelInspection, spec: unknown, order: readonly string[] | null): string[] {
  const at = (...path: string[]) => valueAt(spec, path)
  const isOpen: Readonly<Record<ModelQuestion, boolean>> = {
    order: order === null,
    activation: !isAnswered(at('model', 'activation')),
    outputActivation: at('loss') !== 'softmax-cross-entropy' && at('model', 'outputActivation') === open,
    loss: at('loss') === undefined
  }
  return [
    ...found.asked.filter((question) => isOpen[question]).map((question) => questionNames[question]),
    ...(datasetOf(spec) === null ? ['the data'] : [])
  ]
}

/** The fields that are asked, and those of the data. */
export function askedFields(found: ModelInspection): {
  readonly network: readonly [Field, readonly string[]][]
  readonly data: readonly Field[]
} {
  const group = (key: string) => {
    const field = networkFields.find((one) => one.key === key)
    return field?.shape.type === 'group' ? field.shape.fields : []
  }
  const inModel = (key: string) => group('model').find((one) => one.key === key)
  const loss = networkFields.find(({ key }) => key === 'loss')
  const output = inModel('outputActivation')
  const fields: Readonly<Record<ModelQuestion, Field | undefined>> = {
    order: undefined,
    activation: inModel('activation'),
    outputActivation: output && { ...output, nullable: hasHidden(found), required: true },
    loss
  }
  return {
    network: found.asked.flatMap((question): [Field, readonly string[]][] => {
      const field = fields[question]
      return field ? [[field, question === 'loss' ? ['loss'] : ['model', question]]] : []
    }),
    data: ['dataset', 'targets', 'trainLimit', 'transforms'].flatMap((key) => group('data').find((one) => one.key === key) ?? [])
  }
}

/** For the check: the weights need not be there, and what is open is no fault yet. */
export function checkable(spec: unknown): unknown {
  if (!isObject(spec) || datasetOf(spec) === null) return null
  const model = isObject(spec.model) ? spec.model : {}
  const identity = { kind: 'identity' }
  return {
    ...spec,
    loss: spec.loss ?? 'mse',
    model: {
      ...model,
      activation: isAnswered(model.activation) ? model.activation : identity,
      outputActivation: model.outputActivation === open ? null : (model.outputActivation ?? null),
      init: { kind: 'fan-sum-normal' }
    }
  }
}

/** What is drawn: "?" where something is open. */
export function drawable(spec: unknown): unknown {
  const model = valueAt(spec, ['model'])
  if (!isObject(spec) || !isObject(model)) return spec
  const unknown = { kind: open }
  const output = model.outputActivation
  const { loss } = spec
  return {
    ...spec,
    model: {
      ...model,
      activation: isAnswered(model.activation) ? model.activation : unknown,
      ...(output === open ? { outputActivation: loss === 'softmax-cross-entropy' ? null : unknown } : {})
    }
  }
}

/** The number that the loss must be; null where none is given. Throws one sentence. */
export function expectedLoss(text: string): number | null {
  if (text.trim() === '') return null
  const read = readNumeral(text.trim())
  if (typeof read === 'string') throw new Error(`must be a number such as 0.125, got ${text.trim().slice(0, 40)}`)
  return read
}

interface Wish {
  readonly order: readonly string[] | null
  readonly expect: string
  readonly name: string
}

/** null while something is open. */
export function importOf(found: ModelInspection, spec: unknown, { order, expect, name }: Wish): ModelImport | null {
  const dataset = datasetOf(spec)
  if (dataset === null || openQuestions(found, spec, order).length > 0) return null
  const at = (...path: string[]) => valueAt(spec, path) as never
  const asked = (question: ModelQuestion) => found.asked.includes(question)
  const output = at('model', 'outputActivation') as unknown
  const isSoftmax = at('loss') === 'softmax-cross-entropy'
  // "As the hidden layers" is said to the workbench as what these have.
  const outputActivation = isAnswered(output) ? output : isSoftmax ? undefined : at('model', 'activation')
  const all = {
    path: found.path,
    dataset,
    transforms: at('data', 'transforms'),
    targets: at('data', 'targets'),
    trainLimit: at('data', 'trainLimit'),
    order: found.orders.length > 1 && order !== null ? [...order] : undefined,
    activation: asked('activation') ? at('model', 'activation') : undefined,
    outputActivation: asked('outputActivation') ? outputActivation : undefined,
    loss: asked('loss') ? at('loss') : undefined,
    expectLoss: expectedLoss(expect) ?? undefined,
    name: name.trim() === '' ? undefined : name.trim()
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as unknown as ModelImport
}

const shownFields = [
  'data.dataset',
  'data.targets',
  'data.trainLimit',
  'data.transforms',
  'model.activation',
  'model.outputActivation',
  'loss'
]
/** Faults that stand at no field that is shown. */
export const faultsElsewhere = (problems: readonly SpecProblem[]) =>
  problems.filter(({ path }) => !shownFields.some((shown) => path === shown || path.startsWith(`${shown}.`)))
