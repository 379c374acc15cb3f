// Samples as small pictures for lists: pixels interleaved as a canvas wants them, read by seeking; of all samples or of some classes alone.
import type { Thumbnails } from '../../shared/datasets/inspection'
import type { DatasetManifest } from '../../shared/datasets/schema'
import { StorageError } from '../files'
import { badData } from '../formats/data-error'
import type { Workspace } from '../workspace'
import { openBuiltIn } from './built-in'
import type { Dataset, DatasetLabels, DatasetSplit } from '../../engine/data/dataset'
import { installedManifest, readInstalledLabels, readInstalledRows } from './installed'
import { datasetStatistics } from './statistics'

type Range = readonly [least: number, greatest: number]

/** Values as bytes: bytes stay, real numbers go from the least (0) to the greatest (255) of the range; what lies outside of it is cut. */
function asBytes(x: DatasetSplit['x'], range: Range | null): Uint8Array {
  if (x instanceof Uint8Array) return x
  const [least, greatest] = range ?? [0, 0]
  const scale = greatest > least ? 255 / (greatest - least) : 0
  return Uint8Array.from(x, (value) => Math.max(0, Math.min(255, Math.round((value - least) * scale))))
}

/** Feature vectors become pictures of one row. */
function pictures(manifest: Pick<DatasetManifest, 'id' | 'shape' | 'labels'>, split: DatasetSplit, range: Range | null): Thumbnails {
  const [channels, height, width] = manifest.shape.length === 3 ? manifest.shape : [1, 1, split.features]
  if (channels !== 1 && channels !== 3) throw badData(`dataset ${manifest.id}: pictures of ${channels} channels are not shown; 1 or 3 are`)
  const bytes = asBytes(split.x, range)
  const area = width * height
  const pixels = new Uint8Array(bytes.length)
  for (let n = 0; n < split.count; n++)
    for (let c = 0; c < channels; c++)
      for (let p = 0; p < area; p++) pixels[(n * area + p) * channels + c] = bytes[(n * channels + c) * area + p]
  const names = manifest.labels.fine
  const labels = Array.from({ length: split.count }, (_, n) => (names && split.labels.fine ? names[split.labels.fine[n]] : ''))
  return { width, height, channels, pixels, labels, range: split.x instanceof Uint8Array ? null : range }
}

function chosen(split: DatasetSplit, indices: readonly number[]): DatasetSplit {
  const bad = indices.find((index) => !Number.isInteger(index) || index < 0 || index >= split.count)
  if (bad !== undefined) throw badData(`sample ${bad}: must be from 0 to ${split.count - 1}`)
  const take = <T extends Uint8Array | Float64Array | Int32Array>(from: T, width: number, into: T): T => {
    indices.forEach((index, place) => into.set(from.subarray(index * width, (index + 1) * width), place * width))
    return into
  }
  const size = indices.length * split.features
  const x =
    split.x instanceof Uint8Array
      ? take(split.x, split.features, new Uint8Array(size))
      : take(split.x, split.features, new Float64Array(size))
  const { fine, coarse } = split.labels
  const labels = (all: Int32Array | null) => (all ? take(all, 1, new Int32Array(indices.length)) : null)
  return { x, count: indices.length, features: split.features, labels: { fine: labels(fine), coarse: labels(coarse) }, targets: null }
}

/** Pictures of the given samples of an opened dataset. `range`: of its real values, the black and the white one. Throws for an index that is none. */
export function datasetThumbnails(
  dataset: { readonly manifest: Pick<DatasetManifest, 'id' | 'shape' | 'labels'> } & Pick<Dataset, 'train' | 'test'>,
  part: 'train' | 'test',
  indices: readonly number[],
  range: Range | null = null
): Thumbnails {
  const split = part === 'train' ? dataset.train : dataset.test
  if (split === null) throw badData(`dataset ${dataset.manifest.id} has no test samples`)
  return pictures(dataset.manifest, chosen(split, indices), range)
}

/** Which samples to show: `count` from `offset` on, of all or of those of some classes; or those that are named, in their order. */
export interface ThumbnailsRequest {
  readonly samples?: readonly number[]
  readonly offset: number
  readonly count: number
  readonly only?: { readonly labels: 'fine' | 'coarse'; readonly classes: readonly number[] }
}

export interface FoundThumbnails extends Thumbnails {
  /** Places of the shown samples in their part, from 0. */
  readonly samples: number[]
  /** Samples that match, shown or not. */
  readonly matched: number
}

const span = (from: number, to: number) => Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)

/** Places of the wanted samples among `total`, and how many match. */
function places(
  total: number,
  labels: DatasetLabels | null,
  { offset, count, only, samples }: ThumbnailsRequest
): { samples: number[]; matched: number } {
  if (samples) {
    const bad = samples.find((sample) => sample >= total)
    if (bad !== undefined)
      throw new StorageError('bad-input', `samples: there is no sample ${bad}, they are counted from 0 to ${total - 1}`)
    return { samples: [...samples], matched: samples.length }
  }
  if (!only) return { samples: span(offset, Math.min(total, offset + count)), matched: total }
  const wanted = new Set(only.classes)
  const matching: number[] = []
  labels?.[only.labels]?.forEach((label, place) => {
    if (wanted.has(label)) matching.push(place)
  })
  return { samples: matching.slice(offset, offset + count), matched: matching.length }
}

/** Rows in runs of neighbours: one read for each. */
async function installedSamples(
  workspace: Workspace,
  manifest: DatasetManifest,
  part: 'train' | 'test',
  samples: readonly number[]
): Promise<DatasetSplit> {
  const first = samples[0] ?? 0
  const together = samples.every((sample, i) => sample === first + i)
  if (together) return readInstalledRows(workspace, manifest, part, first, samples.length)
  const single: DatasetSplit[] = []
  for (const sample of samples) single.push(await readInstalledRows(workspace, manifest, part, sample, 1))
  const { features, x } = single[0]
  const all = x instanceof Uint8Array ? new Uint8Array(samples.length * features) : new Float64Array(samples.length * features)
  single.forEach((one, place) => all.set(one.x, place * features))
  const labels = (kind: 'fine' | 'coarse') => (single[0].labels[kind] ? Int32Array.from(single, (one) => one.labels[kind]?.[0] ?? 0) : null)
  return { x: all, count: samples.length, features, labels: { fine: labels('fine'), coarse: labels('coarse') }, targets: null }
}

/** Black and white of a set of real numbers: the least and the greatest of all its training samples, so that every page is drawn alike. */
async function rangeOf(workspace: Workspace, { id, dtype }: Pick<DatasetManifest, 'id' | 'dtype'>): Promise<Range | null> {
  if (dtype === 'uint8') return null
  const { values } = await datasetStatistics(workspace, id)
  return [values.from, values.to]
}

/** Pictures of samples, read from disk without loading the rest. Throws `not-found`. */
export async function readThumbnails(
  workspace: Workspace,
  id: string,
  part: 'train' | 'test',
  request: ThumbnailsRequest
): Promise<FoundThumbnails> {
  const builtIn = await openBuiltIn(id)
  if (builtIn) {
    const split = builtIn[part]
    const found = places(split?.count ?? 0, split?.labels ?? null, request)
    const range = await rangeOf(workspace, builtIn.manifest)
    return { ...found, ...datasetThumbnails(builtIn, split ? part : 'train', found.samples, range) }
  }
  const manifest = await installedManifest(workspace, id)
  if (manifest === null) throw new StorageError('not-found', `no dataset ${id} is installed`)
  const total = manifest.counts[part]
  const labels = request.only && total > 0 ? await readInstalledLabels(workspace, manifest, part) : null
  const found = places(total, labels, request)
  const split = await installedSamples(workspace, manifest, total > 0 ? part : 'train', found.samples)
  return { ...found, ...pictures(manifest, split, await rangeOf(workspace, manifest)) }
}
