// The arrays of a dataset by name, and the fingerprint over them: the same data from another archive format has the same fingerprint.
import { createHash } from 'node:crypto'
import type { DatasetSplit } from '../../engine/data/dataset'

export interface NamedArray {
  /** File name without `.npy`: `train-x`, `train-fine`, `train-coarse`, `train-y`, `test-x`, … */
  readonly name: string
  readonly type: '|u1' | '<i4' | '<f8'
  readonly rows: number
  readonly columns: number
  readonly data: Uint8Array | Int32Array | Float64Array
}

function splitArrays(prefix: string, split: DatasetSplit): NamedArray[] {
  const rows = split.count
  const arrays: NamedArray[] = [
    { name: `${prefix}-x`, type: split.x instanceof Uint8Array ? '|u1' : '<f8', rows, columns: split.features, data: split.x }
  ]
  if (split.labels.fine) arrays.push({ name: `${prefix}-fine`, type: '<i4', rows, columns: 1, data: split.labels.fine })
  if (split.labels.coarse) arrays.push({ name: `${prefix}-coarse`, type: '<i4', rows, columns: 1, data: split.labels.coarse })
  if (split.targets)
    arrays.push({ name: `${prefix}-y`, type: '<f8', rows, columns: rows === 0 ? 1 : split.targets.length / rows, data: split.targets })
  return arrays
}

/** All arrays of a dataset in their fixed order: training then test; x, fine, coarse, y. */
export function datasetArrays(train: DatasetSplit, test: DatasetSplit | null): NamedArray[] {
  return [...splitArrays('train', train), ...(test ? splitArrays('test', test) : [])]
}

/** The memory behind an array, without a copy. Little endian, as every platform that runs Node is. */
export function arrayBytes(array: NamedArray['data']): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

const chunkBytes = 8 * 2 ** 20

/** SHA-256 over, for each array in order, the line `name type rows x columns` and the little-endian values. Gives the event loop a turn every 8 MB. */
export async function datasetFingerprint(train: DatasetSplit, test: DatasetSplit | null, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  for (const array of datasetArrays(train, test)) {
    hash.update(`${array.name} ${array.type} ${array.rows}x${array.columns}\n`)
    const bytes = arrayBytes(array.data)
    for (let start = 0; start < bytes.length; start += chunkBytes) {
      hash.update(bytes.subarray(start, start + chunkBytes))
      await new Promise(setImmediate)
      signal?.throwIfAborted()
    }
  }
  return hash.digest('hex')
}
