// The user's own data: samples and targets from anywhere, put together by one rule; and the .npz with arrays x and y (and x_test, y_test).
import { basename } from 'node:path'
import { bytesSource, openNpz, toFloat64, type NpyArray } from '../../shared/npy'
import type { FileSystem } from '../files'
import { badData, shown } from '../formats/data-error'
import type { DatasetDescription, DatasetSource, DatasetSplit } from '../../engine/data/dataset'
import { readWhole } from './file-set'
import { idFromName } from './import-idx'
import { checkLabels } from './installed'

/** Class numbers beyond it are taken for values. */
export const classLimit = 10_000

const finite = (values: Float64Array, where: string): Float64Array => {
  const bad = values.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) throw badData(`${where}: entry ${bad} is ${values[bad]}; only finite numbers can be trained on`)
  return values
}

/** Shape of one sample: images as [channels, height, width], everything else flat. */
function sampleShape(shape: readonly number[], where: string): { shape: number[]; channelsLast: boolean } {
  const [, a, b, c] = shape
  if (shape.some((length) => length === 0)) throw badData(`${where}: has shape (${shape.join(', ')}), which holds no numbers`)
  if (shape.length === 2) return { shape: [a], channelsLast: false }
  if (shape.length === 3) return { shape: [1, a, b], channelsLast: false }
  if (shape.length === 4) {
    if (a === 1 || a === 3) return { shape: [a, b, c], channelsLast: false }
    if (c === 1 || c === 3) return { shape: [c, a, b], channelsLast: true }
  }
  throw badData(
    `${where}: has shape (${shape.join(', ')}); must be (samples, features), (samples, height, width) or images with 1 or 3 channels`
  )
}

/** (height, width, channel) to (channel, height, width), sample by sample. */
function channelsFirst<T extends Uint8Array | Float64Array>(x: T, into: T, count: number, shape: readonly number[]): T {
  const [channels, height, width] = shape
  const area = height * width
  for (let n = 0; n < count; n++)
    for (let p = 0; p < area; p++) for (let c = 0; c < channels; c++) into[(n * channels + c) * area + p] = x[(n * area + p) * channels + c]
  return into
}

export interface OwnSplit {
  readonly split: Omit<DatasetSplit, 'labels' | 'targets'>
  readonly shape: number[]
  readonly y: NpyArray | null
  readonly where: string
}

export function readSamples(x: NpyArray, y: NpyArray | null, where: string): OwnSplit {
  const { shape, channelsLast } = sampleShape(x.shape, where)
  const count = x.shape[0]
  const features = shape.reduce((product, length) => product * length, 1)
  if (y && (y.shape.length === 0 || y.shape.length > 2 || y.shape[0] !== count))
    throw badData(`${where}: has ${count} samples, but y has shape (${y.shape.join(', ')}); must be (${count},) or (${count}, outputs)`)
  let data: Uint8Array | Float64Array
  if (x.data instanceof Uint8Array) data = channelsLast ? channelsFirst(x.data, new Uint8Array(x.data.length), count, shape) : x.data
  else {
    const values = finite(toFloat64(x), where)
    data = channelsLast ? channelsFirst(values, new Float64Array(values.length), count, shape) : values
  }
  return { split: { x: data, count, features }, shape, y, where }
}

function greatest(values: ArrayLike<number>): number {
  let top = 0
  for (let i = 0; i < values.length; i++) top = Math.max(top, values[i])
  return top
}

/** True when y is one column of whole numbers from 0 up, few enough to be classes. */
function areClasses(parts: readonly OwnSplit[]): boolean {
  return parts.every(
    ({ y }) =>
      y !== null &&
      (y.shape.length === 1 || y.shape[1] === 1) &&
      y.data.every((value) => Number.isInteger(value) && value >= 0 && value < classLimit)
  )
}

/**
 * Puts labels or targets to the samples. One rule: whole numbers 0 … 9999 in one column are classes, anything else are values. `classNames` are names of
 * classes that y numbers, null where there are none, or `values` where the rule is not to be asked.
 */
export function assemble(
  name: string,
  parts: readonly [OwnSplit] | readonly [OwnSplit, OwnSplit],
  classNames: readonly string[] | null | 'values'
): DatasetSource {
  const [first] = parts
  for (const part of parts) {
    if (part.split.features !== first.split.features)
      throw badData(`${part.where}: has ${part.split.features} features a sample, but the training samples have ${first.split.features}`)
    if ((part.y === null) !== (first.y === null)) throw badData(`${part.where}: y is given for one part only`)
  }
  const classes = classNames !== 'values' && areClasses(parts)
  const outputs = first.y === null || classes ? null : (first.y.shape[1] ?? 1)
  let names = classNames === 'values' ? null : classNames
  if (classes && names === null) {
    const largest = Math.max(...parts.map(({ y }) => (y === null ? 0 : greatest(y.data))))
    names = Array.from({ length: largest + 1 }, (_, i) => String(i))
  }
  const splits = parts.map(({ split, y, where }): DatasetSplit => {
    if (y === null) return { ...split, labels: { fine: null, coarse: null }, targets: null }
    if (!classes || names === null) {
      if ((y.shape[1] ?? 1) !== outputs)
        throw badData(`${where}: y has ${y.shape[1] ?? 1} columns, but the training samples have ${outputs}`)
      return { ...split, labels: { fine: null, coarse: null }, targets: finite(toFloat64(y), `${where} (y)`) }
    }
    const fine = Int32Array.from(y.data)
    checkLabels(fine, names.length, where)
    return { ...split, labels: { fine, coarse: null }, targets: null }
  })
  // One type for both parts: bytes only when both are.
  const bytes = splits.every((split) => split.x instanceof Uint8Array)
  const alike = splits.map((split) => (bytes || split.x instanceof Float64Array ? split : { ...split, x: Float64Array.from(split.x) }))
  const description: DatasetDescription = {
    id: idFromName(name),
    title: name.slice(0, 200),
    source: 'imported by the user',
    licence: 'not known',
    shape: first.shape,
    dtype: bytes ? 'uint8' : 'float64',
    counts: { train: alike[0].count, test: alike[1]?.count ?? 0 },
    partial: false,
    labels: { fine: classes && names ? [...names] : null, coarse: null },
    targets: outputs,
    checks: []
  }
  return { description, train: alike[0], test: alike[1] ?? null }
}

/** Arrays `x` and `y`, or `x_train` and `y_train`; test samples in `x_test` and `y_test`; y may be missing. */
export async function importNpz(fileSystem: FileSystem, path: string): Promise<DatasetSource> {
  const name = basename(path)
  const npz = await openNpz(bytesSource(await readWhole(fileSystem, path), name))
  const find = (...keys: string[]) => keys.find((key) => npz.names.includes(key)) ?? null
  const part = async (xKey: string | null, yKey: string | null): Promise<OwnSplit | null> =>
    xKey === null ? null : readSamples(await npz.read(xKey), yKey === null ? null : await npz.read(yKey), `${name}: ${xKey}`)
  const train = await part(find('x', 'x_train', 'X'), find('y', 'y_train', 'Y'))
  if (train === null)
    throw badData(`${name}: has no array x (or x_train); it has ${shown(npz.names.slice(0, 20).join(', '), 300) || 'none'}`)
  const test = await part(find('x_test'), find('y_test'))
  return assemble(name, test ? [train, test] : [train], null)
}
