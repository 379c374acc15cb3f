// Files that NumPy, pandas and Python's csv module wrote, read by our readers: equal to what their own reader gives, refused, or different, which is a fault.
import { NpyError, parseNpy } from '../../src/shared/npy'

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
