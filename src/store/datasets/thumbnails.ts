// Samples as small pictures for lists: pixels interleaved as a canvas wants them, read by seeking.
import { StorageError } from '../files'
import { badData } from '../formats/data-error'
import type { Workspace } from '../workspace'
import { openBuiltIn } from './built-in'
import type { Dataset, DatasetSplit } from '../../engine/data/dataset'
import type { DatasetManifest } from '../../shared/datasets/schema'
import { installedManifest, readInstalledRows } from './installed'

export interface Thumbnails {
  readonly width: number
  readonly height: number
  /** 1 (grey) or 3 (red, green, blue). */
  readonly channels: number
  /** Picture after picture, row by row, the channels of a pixel together. */
  readonly pixels: Uint8Array
  /** Names of the pictures' fine classes; empty text where there are none. */
  readonly labels: string[]
}

/** Values as bytes: bytes stay, real numbers go from their least (0) to their greatest (255). */
function asBytes(x: DatasetSplit['x']): Uint8Array {
  if (x instanceof Uint8Array) return x
  let least = Infinity
  let greatest = -Infinity
  for (const value of x) {
    least = Math.min(least, value)
    greatest = Math.max(greatest, value)
  }
  const scale = greatest > least ? 255 / (greatest - least) : 0
  return Uint8Array.from(x, (value) => Math.round((value - least) * scale))
}

/** Feature vectors become pictures of one row. */
function pictures(manifest: DatasetManifest, split: DatasetSplit): Thumbnails {
  const [channels, height, width] = manifest.shape.length === 3 ? manifest.shape : [1, 1, split.features]
  if (channels !== 1 && channels !== 3) throw badData(`dataset ${manifest.id}: pictures of ${channels} channels are not shown; 1 or 3 are`)
  const bytes = asBytes(split.x)
  const area = width * height
  const pixels = new Uint8Array(bytes.length)
  for (let n = 0; n < split.count; n++)
    for (let c = 0; c < channels; c++)
      for (let p = 0; p < area; p++) pixels[(n * area + p) * channels + c] = bytes[(n * channels + c) * area + p]
  const names = manifest.labels.fine
  const labels = Array.from({ length: split.count }, (_, n) => (names && split.labels.fine ? names[split.labels.fine[n]] : ''))
  return { width, height, channels, pixels, labels }
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
  const { fine } = split.labels
  return {
    x,
    count: indices.length,
    features: split.features,
    labels: { fine: fine ? take(fine, 1, new Int32Array(indices.length)) : null, coarse: null },
    targets: null
  }
}

/** Pictures of the given samples of an opened dataset. Throws for an index that is none. */
export function datasetThumbnails(dataset: Dataset, part: 'train' | 'test', indices: readonly number[]): Thumbnails {
  const split = part === 'train' ? dataset.train : dataset.test
  if (split === null) throw badData(`dataset ${dataset.manifest.id} has no test samples`)
  return pictures(dataset.manifest, chosen(split, indices))
}

/** Pictures of `count` samples from `offset` on (fewer at the end), read from disk without loading the rest. Throws `not-found`. */
export async function readThumbnails(
  workspace: Workspace,
  id: string,
  part: 'train' | 'test',
  offset: number,
  count: number
): Promise<Thumbnails> {
  const range = (total: number) => Math.max(0, Math.min(count, total - offset))
  const builtIn = await openBuiltIn(id)
  if (builtIn) {
    const split = part === 'train' ? builtIn.train : builtIn.test
    const rows = range(split?.count ?? 0)
    return datasetThumbnails(
      builtIn,
      split ? part : 'train',
      Array.from({ length: rows }, (_, i) => offset + i)
    )
  }
  const manifest = await installedManifest(workspace, id)
  if (manifest === null) throw new StorageError('not-found', `no dataset ${id} is installed`)
  const rows = range(manifest.counts[part])
  return pictures(manifest, await readInstalledRows(workspace, manifest, part, rows > 0 ? offset : 0, rows))
}
