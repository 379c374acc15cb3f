// An initializer of an .onnx graph as a tensor: type and length checked, entries decoded when they are asked for.
import type { WeightType } from '../../shared/models/inspection'
import { badData, shown } from '../formats/data-error'
import type { OnnxTensor } from './onnx-proto'
import { bytesOfType, decodeTensor, entriesOf, type Tensor } from './tensors'

/** TensorProto.DataType. */
const types: Readonly<Record<number, WeightType>> = { 1: 'f32', 10: 'f16', 11: 'f64', 16: 'bf16' }
const otherTypes = [
  '',
  '',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  '',
  '',
  'uint32',
  'uint64',
  'complex64',
  'complex128'
]

/** Halves that are written as varints, as the bytes they are. */
function halves(packed: Uint8Array, count: number, what: string): Uint8Array {
  const bytes = new Uint8Array(2 * count)
  let at = 0
  for (let k = 0; k < count; k++) {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = packed[at++]
      if (byte === undefined || shift > 14) throw badData(`${what}: its entries are no ${count} numbers of 16 bits`)
      value |= (byte & 127) << shift
      if (byte < 128) break
    }
    bytes[2 * k] = value & 255
    bytes[2 * k + 1] = value >> 8
  }
  if (at !== packed.length) throw badData(`${what}: has more entries than its shape`)
  return bytes
}

/** Throws one sentence for what is not read, or does not hold what its shape says. */
export function onnxTensor(tensor: OnnxTensor, file: string): Tensor {
  const { name, dims, dataType } = tensor
  const what = `${file}: tensor ${shown(name)}`
  if (tensor.external) throw badData(`${what} lies in another file (external data), which is not read; save the model as one file`)
  const type = types[dataType]
  if (type === undefined)
    throw badData(`${what} has entries of type ${otherTypes[dataType] || dataType}; weights are read as double, float, float16 or bfloat16`)
  if (dims.length > 32 || dims.some((length) => !Number.isSafeInteger(length) || length < 0))
    throw badData(`${what} has shape (${shown(dims.join(', '))}), which is none`)
  const count = entriesOf(dims, what)
  const given = tensor.raw ?? (type === 'f32' ? tensor.floats : type === 'f64' ? tensor.doubles : null)
  if (given !== null && given.length !== count * bytesOfType[type])
    throw badData(`${what}: shape (${dims.join(', ')}) takes ${count * bytesOfType[type]} bytes, it has ${given.length}`)
  const packed = bytesOfType[type] === 2 ? tensor.integers : null
  if (given === null && (packed === null || packed.length < count))
    throw badData(`${what}: has no entries, or fewer than its shape (${dims.join(', ')})`)
  return {
    name,
    shape: dims,
    type,
    read: async () => decodeTensor(type, given === null ? halves(packed ?? new Uint8Array(0), count, what) : Uint8Array.from(given), what)
  }
}
