// What a pickle is read as, and what a dialect of pickles says: which names it may use and what they mean. All of it is data.
import type { ElementType } from '../../shared/npy'

/** A NumPy element type: kind and width, byte order. */
export interface PickledType {
  readonly kind: 'dtype'
  readonly type: ElementType
  bigEndian: boolean
}

/** An array as pickled; shape and bytes come with BUILD. `bytes` is a view into the file. */
export interface PickledArray {
  readonly kind: 'ndarray'
  type: ElementType
  bigEndian: boolean
  fortranOrder: boolean
  shape: readonly number[]
  bytes: Uint8Array
}

/** Where the entries of PyTorch's tensors lie: an entry of the archive, of which the pickle has the name alone. */
export interface PickledStorage {
  readonly kind: 'storage'
  readonly key: string
  /** As PyTorch calls it: FloatStorage. */
  readonly type: string
  /** Entries. */
  readonly count: number
}

/** A view of a storage; all numbers are entries. */
export interface PickledTensor {
  readonly kind: 'tensor'
  readonly storage: PickledStorage
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
}

export interface PickledGlobal {
  readonly kind: 'global'
  /** Module and name with a dot, in NumPy 1's spelling. */
  readonly name: string
}

export interface PickledTuple {
  readonly kind: 'tuple'
  readonly items: readonly PickleValue[]
}

export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | PickleValue[]
  | Map<string | number, PickleValue>
  | PickledTuple
  | PickledType
  | PickledArray
  | PickledGlobal
  | PickledStorage
  | PickledTensor

export function isKind<Kind extends Extract<PickleValue, { kind: string }>['kind']>(
  value: PickleValue | undefined,
  kind: Kind
): value is Extract<PickleValue, { kind: Kind }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind
}

/** The numbers of a tuple of lengths or strides; null where it is none. */
export const lengths = (value: PickleValue | undefined): number[] | null => {
  if (!isKind(value, 'tuple') || value.items.length > 32) return null
  const numbers = value.items.filter((item): item is number => typeof item === 'number' && Number.isSafeInteger(item) && item >= 0)
  return numbers.length === value.items.length ? numbers : null
}

/** The few names that pickles of one origin may use. `where` begins the sentence of a refusal. */
export interface PickleDialect {
  /** What is allowed, for the sentence that refuses the rest. */
  readonly allows: string
  global(module: string, name: string): PickledGlobal | null
  /** What calling an allowed name with these arguments means. */
  reduce(callable: PickledGlobal, args: readonly PickleValue[], where: string): PickleValue
  /** Gives what was made its state. */
  build(target: PickleValue | undefined, state: PickleValue | undefined, where: string): void
  /** What a persistent id stands for; absent: there are none. */
  persistent?(id: PickleValue, where: string): PickleValue
}
