// From a dataset and a run's data spec to what the training loop eats: transformed inputs and targets as matrices of doubles.
import { matrix, type Matrix } from '../../engine/linalg/matrix'
import type { CallOptions } from '../../engine/linalg'
import type { TrainingData } from '../../engine/training/interface'
import type { DataSpec } from '../../shared/spec/schema'
import { badData } from '../formats/data-error'
import type { Dataset, DatasetSplit } from '../../engine/data/dataset'
import { readyTransforms, transformedInputs, type ProjectionLinalg, type ReadyTransform } from '../../engine/data/transforms'
import { splitOff, validationRows } from '../../engine/data/split'
import { classNames, dataWidths } from './widths'

export interface PrepareOptions extends CallOptions {
  /** The run's seed: projections come from its stream `projection`, the samples split off from `validation`; nothing else uses them. */
  readonly seed: number
  /** Matrices (in × dim) that the spec names by path, already loaded. */
  readonly matrices?: Readonly<Record<string, Matrix>>
  /** Does the projections' products. */
  readonly linalg: ProjectionLinalg
}

export interface PreparedData extends TrainingData {
  /** The projections used, in the order of the transforms: for the run's record, and to prepare other samples alike. */
  readonly projections: readonly Matrix[]
}

/** Row r is 1 at its label and 0 elsewhere. */
function oneHot(labels: Int32Array, classes: number): Matrix {
  const targets = matrix(labels.length, classes)
  for (let row = 0; row < labels.length; row++) targets.data[row * classes + labels[row]] = 1
  return targets
}

/** The samples' targets: the set's own values where it has such, else one-hot rows of the labels. */
function splitTargets(
  dataset: Dataset,
  split: DatasetSplit,
  count: number,
  spec: DataSpec
): { targets: Matrix; labels: Int32Array | null } {
  const width = dataset.manifest.targets
  if (width !== null && split.targets) return { targets: matrix(count, width, split.targets.slice(0, count * width)), labels: null }
  const names = classNames(dataset.manifest, spec)
  const labels = split.labels[spec.labels]?.slice(0, count)
  if (!names || !labels) throw badData(`dataset ${dataset.manifest.id}: no ${spec.labels} labels`)
  return { targets: oneHot(labels, names.length), labels }
}

async function prepareSplit(
  dataset: Dataset,
  split: DatasetSplit,
  limit: number | null,
  spec: DataSpec,
  transforms: readonly ReadyTransform[],
  linalg: ProjectionLinalg,
  options: CallOptions
): Promise<TrainingData['train']> {
  const count = limit === null ? split.count : Math.min(limit, split.count)
  const inputs = await transformedInputs(split, count, transforms, linalg, options)
  // Outputs that imitate the inputs are no classes: there is no accuracy.
  if (spec.targets === 'input') return { inputs, targets: inputs, labels: null }
  return { inputs, ...splitTargets(dataset, split, count, spec) }
}

/**
 * The first `trainLimit` and `testLimit` samples in file order. Affine transforms are x / divide − subtract; random projections
 * randn(in, dim) / √in. `targets: one-hot` gives one-hot rows of the labels asked for, or the set's real-valued targets where it has
 * such; `input` the transformed inputs themselves (the same matrix). `validation` splits samples off those first `trainLimit`. Throws one
 * sentence when labels or matrices are missing, or a side of the split is empty.
 */
export async function prepareData(dataset: Dataset, spec: DataSpec, options: PrepareOptions): Promise<PreparedData> {
  const answer = dataWidths(dataset.manifest, spec)
  if ('problems' in answer) throw badData(`${answer.problems[0].path}: ${answer.problems[0].message}`)
  const transforms = readyTransforms(spec.transforms, dataset.manifest.shape, options.seed, options.matrices ?? {})
  const projections = transforms.flatMap((transform) => (transform.kind === 'projection' ? [transform.matrix] : []))
  const { linalg } = options
  const { trainCount, validationCount, testCount } = answer.widths
  const all = trainCount + validationCount
  const share = all / (all + testCount)
  const part = (from: number, length: number): CallOptions => ({
    signal: options.signal,
    onProgress: (fraction) => options.onProgress?.(from + length * fraction)
  })
  const samples = await prepareSplit(dataset, dataset.train, spec.trainLimit, spec, transforms, linalg, part(0, share))
  const test =
    dataset.test && dataset.test.count > 0
      ? await prepareSplit(dataset, dataset.test, spec.testLimit, spec, transforms, linalg, part(share, 1 - share))
      : null
  if (validationCount === 0) return { train: samples, validation: null, test, projections }
  return { ...splitOff(samples, validationRows(all, validationCount, options.seed)), test, projections }
}
