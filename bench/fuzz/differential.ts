// Files that NumPy, pandas and Python's csv module wrote, read by our readers: equal to what their own reader gives, refused, or different, which is a fault.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CsvOptions } from '../../src/shared/datasets/schema'
import { NpyError, parseNpy } from '../../src/shared/npy'
import { realFileSystem, StorageError } from '../../src/store/files'
import { readDatasetSource, type DatasetSource } from '../../src/store/datasets'

export type Outcome =
  | { readonly kind: 'equal' }
  | { readonly kind: 'refused'; readonly sentence: string }
  | { readonly kind: 'different'; readonly how: string }

/** A .npy file and what NumPy reads from it. */
export interface NpyCase {
  readonly writer: string
  readonly variant: string
  /** Base64. */
  readonly file: string
  readonly shape: readonly number[]
  /** Base64 of doubles in C order; null for what must be refused. */
  readonly values: string | null
}

/** Doubles out of base64. */
export function doublesOf(base64: string): Float64Array {
  return new Float64Array(new Uint8Array(Buffer.from(base64, 'base64')).buffer)
}

/** The first place where two lists of numbers are not the same number (NaN is NaN, −0 is not 0), or null. */
export function firstDifference(found: ArrayLike<number>, expected: ArrayLike<number>): string | null {
  if (found.length !== expected.length) return `has ${found.length} entries, must have ${expected.length}`
  for (let k = 0; k < found.length; k++) if (!Object.is(found[k], expected[k])) return `entry ${k} is ${found[k]}, must be ${expected[k]}`
  return null
}

export function compareNpy({ variant, file, shape, values }: NpyCase): Outcome {
  try {
    const array = parseNpy(new Uint8Array(Buffer.from(file, 'base64')), variant)
    if (values === null) return { kind: 'different', how: 'was read, must be refused' }
    if (array.shape.join() !== shape.join()) return { kind: 'different', how: `has shape (${array.shape}), must be (${shape})` }
    const how = firstDifference(array.data, doublesOf(values))
    return how === null ? { kind: 'equal' } : { kind: 'different', how }
  } catch (error) {
    if (error instanceof NpyError) return { kind: 'refused', sentence: error.message }
    throw error
  }
}

/** A table and what its writer's own reader gives. */
export interface CsvCase {
  readonly writer: string
  readonly variant: string
  /** Base64. */
  readonly file: string
  readonly options: CsvOptions
  /** Input columns. */
  readonly columns: number
  /** Base64 of doubles, row by row. */
  readonly inputs: string
  /** Base64 of doubles, or texts: one a sample. */
  readonly target: { readonly numbers: string } | { readonly texts: readonly string[] }
}

/** What our reader made of the targets: class names, or values. */
function targetsOf({ description, train }: DatasetSource): readonly (string | number)[] {
  const names = description.labels.fine
  return names && train.labels.fine ? Array.from(train.labels.fine, (place) => names[place]) : [...(train.targets ?? [])]
}

/** Reads the case as the file `table.csv` below `folder`. */
export async function compareCsv({ file, options, columns, inputs, target }: CsvCase, folder: string): Promise<Outcome> {
  const path = join(folder, 'table.csv')
  writeFileSync(path, Buffer.from(file, 'base64'))
  let source: DatasetSource
  try {
    source = await readDatasetSource(realFileSystem, path, { csv: options })
  } catch (error) {
    if (error instanceof StorageError) return { kind: 'refused', sentence: error.message }
    throw error
  }
  const different = (how: string): Outcome => ({ kind: 'different', how })
  const { train } = source
  if (train.features !== columns) return different(`has ${train.features} inputs, must have ${columns}`)
  const how = firstDifference(train.x, doublesOf(inputs))
  if (how !== null) return different(`inputs: ${how}`)
  const found = targetsOf(source)
  const expected = 'texts' in target ? target.texts : doublesOf(target.numbers)
  const wrong =
    'texts' in target
      ? found.findIndex((one, k) => String(one) !== expected[k])
      : firstDifference(found.map(Number), doublesOf(target.numbers))
  if (found.length !== expected.length) return different(`has ${found.length} samples, must have ${expected.length}`)
  return wrong === null || wrong === -1
    ? { kind: 'equal' }
    : different(`target: ${typeof wrong === 'number' ? `sample ${wrong} is ${found[wrong]}, must be ${expected[wrong]}` : wrong}`)
}
