// The arrays of a network's file: what is known of each before anything of it is read, and its entries as doubles.
import { decodeArray, type NpyData } from '../../shared/npy'
import type { ModelFormat, WeightType } from '../../shared/models/inspection'
import type { Activation } from '../../shared/spec/schema'
import { badData, shown } from '../formats/data-error'

export interface Tensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly type: WeightType
  /** Entries in C order. Only while the file is open. */
  read(): Promise<Float64Array>
}

/** A layer as a graph states it. */
export interface StatedLayer {
  readonly weight: Tensor
  readonly bias: Tensor | null
  readonly transposed: boolean
  readonly activation: Activation
}

/** The layers from the inputs to the outputs, where the file has a graph and not only arrays. */
export interface StatedGraph {
  readonly layers: readonly StatedLayer[]
  /** A softmax stands at the end. */
  readonly softmax: boolean
}

/** A network's file, opened. */
export interface ModelFile {
  /** The file's own, without folders: begins every sentence about it. */
  readonly name: string
  readonly format: ModelFormat
  readonly bytes: number
  readonly tensors: readonly Tensor[]
  readonly graph: StatedGraph | null
  readonly notes: readonly string[]
}

/** More is not looked at exactly; it also bounds what is read of a file. */
export const maximumParameters = 50_000_000

export const bytesOfType: Readonly<Record<WeightType, number>> = { f64: 8, f32: 4, f16: 2, bf16: 2 }

const npyTypes = { f64: 'f8', f32: 'f4', f16: 'f2' } as const

/** Entries of a shape; refused where it is not one of an array that is read. */
export function entriesOf(shape: readonly number[], what: string): number {
  const count = shape.reduce((product, length) => product * length, 1)
  if (!(count <= maximumParameters))
    throw badData(`${what}: shape (${shown(shape.join(', '))}) has more than the ${maximumParameters} entries that are read`)
  return count
}

/** Little-endian entries as doubles, each the same value to the bit. */
export function decodeTensor(type: WeightType, bytes: Uint8Array, what: string): Float64Array {
  const count = bytes.length / bytesOfType[type]
  let values: NpyData
  if (type === 'bf16') {
    // The upper half of a single.
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const words = Uint32Array.from({ length: count }, (_, k) => view.getUint16(2 * k, true) << 16)
    values = new Float32Array(words.buffer)
  } else values = decodeArray({ type: npyTypes[type], bigEndian: false, fortranOrder: false, shape: [count] }, bytes, what)
  return finite(values instanceof Float64Array ? values : Float64Array.from(values), what)
}

export function finite(values: Float64Array, what: string): Float64Array {
  const bad = values.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) throw badData(`${what}: entry ${bad} is ${values[bad]}, must be finite`)
  return values
}
