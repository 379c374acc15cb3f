// Does the model fit the data? Answered from the manifest alone, before anything is loaded.
import type { DataSpec, ModelSpec } from '../../shared/spec/schema'
import { sizeOf, transformedShape, TransformFault } from '../../shared/spec/transforms'
import { validationCount, validationFault } from '../../shared/spec/validation'
import type { DatasetManifest } from '../../shared/datasets/schema'

/** A fault in a spec: dotted path and one sentence. */
export interface DataProblem {
  readonly path: string
  readonly message: string
}

/** What a network meets after the transforms. */
export interface DataWidths {
  readonly inputs: number
  readonly outputs: number
  /** Samples that are trained on: without those split off. */
  readonly trainCount: number
  readonly validationCount: number
  readonly testCount: number
}

type DataShape = Pick<DatasetManifest, 'id' | 'shape' | 'labels' | 'targets' | 'counts'>

/** Names of the classes asked for, or null when the targets are real-valued. Throws the problem when the set has no such labels. */
export function classNames(manifest: DataShape, spec: Pick<DataSpec, 'labels' | 'targets'>): readonly string[] | null {
  return manifest.targets === null ? manifest.labels[spec.labels] : null
}

/** Widths and counts that this data spec gives with this dataset, or the faults that keep it from doing so. */
export function dataWidths(manifest: DataShape, spec: DataSpec): { widths: DataWidths } | { problems: DataProblem[] } {
  let inputs: number
  try {
    inputs = sizeOf(transformedShape(manifest.shape, spec.transforms))
  } catch (error) {
    if (error instanceof TransformFault) return { problems: [{ path: error.path, message: error.reason }] }
    throw error
  }
  const names = classNames(manifest, spec)
  const limited = (count: number, limit: number | null) => (limit === null ? count : Math.min(count, limit))
  const samples = limited(manifest.counts.train, spec.trainLimit)
  const fault = validationFault(samples, spec.validation)
  if (fault !== null) return { problems: [{ path: 'data.validation', message: fault }] }
  const apart = validationCount(samples, spec.validation)
  const counts = {
    trainCount: samples - apart,
    validationCount: apart,
    testCount: limited(manifest.counts.test, spec.testLimit)
  }
  if (spec.targets === 'input') return { widths: { inputs, outputs: inputs, ...counts } }
  const outputs = manifest.targets ?? names?.length ?? null
  if (outputs !== null) return { widths: { inputs, outputs, ...counts } }
  const others = (['fine', 'coarse'] as const).filter((kind) => manifest.labels[kind] !== null)
  const message =
    others.length > 0
      ? `dataset ${manifest.id} has no ${spec.labels} labels; use ${others.join(' or ')}`
      : `dataset ${manifest.id} has neither labels nor target values; use "targets": "input"`
  return { problems: [{ path: others.length > 0 ? 'data.labels' : 'data.targets', message }] }
}

/** Every way in which the model's first and last width miss the data; empty when they meet. */
export function checkModelAgainstData(
  spec: { readonly data: DataSpec; readonly model: Pick<ModelSpec, 'layers'> },
  manifest: DataShape
): DataProblem[] {
  const answer = dataWidths(manifest, spec.data)
  if ('problems' in answer) return answer.problems
  const { inputs, outputs } = answer.widths
  const { layers } = spec.model
  const problems: DataProblem[] = []
  if (layers[0] !== null && layers[0] !== inputs)
    problems.push({
      path: 'model.layers.0',
      message: `the input layer has ${layers[0]} units, but dataset ${manifest.id} gives ${inputs} inputs after its transforms`
    })
  const last = layers.length - 1
  if (layers[last] !== outputs) {
    const what =
      spec.data.targets === 'input' ? 'targets (the inputs)' : manifest.targets === null ? `${spec.data.labels} classes` : 'target values'
    problems.push({
      path: `model.layers.${last}`,
      message: `the output layer has ${layers[last]} units, but dataset ${manifest.id} has ${outputs} ${what}`
    })
  }
  return problems
}
