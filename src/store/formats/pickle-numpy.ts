// The few callables a data pickle may name, as data: NumPy's array reconstruction, dtypes, scalars and the bytes codec. Nothing is looked up or run.
import { decodeArray, elementTypes, itemBytes, type ElementType, type NpyData } from '../../shared/npy'
import { badData, shown } from './data-error'
import { isKind, lengths, type PickleDialect, type PickledArray, type PickledGlobal, type PickleValue } from './pickle-values'

const allowed = new Set([
  'numpy.core.multiarray._reconstruct',
  'numpy.core.multiarray.scalar',
  'numpy.core.numeric._frombuffer',
  'numpy.ndarray',
  'numpy.dtype',
  '_codecs.encode'
])

/** The allowed callable of this name, or null. NumPy 2 moved `numpy.core` to `numpy._core`. */
function allowedGlobal(module: string, name: string): PickledGlobal | null {
  const spelled = `${module.replace(/^numpy\._core(?=\.)/, 'numpy.core')}.${name}`
  return allowed.has(spelled) ? { kind: 'global', name: spelled } : null
}

const text = (value: PickleValue | undefined): string | null =>
  typeof value === 'string' ? value : value instanceof Uint8Array && value.length < 100 ? Buffer.from(value).toString('latin1') : null

/** The bytes of a string whose characters are bytes, as Python 3 pickles bytes for Python 2. */
function latin1Bytes(value: string, where: string): Uint8Array {
  const bytes = new Uint8Array(value.length)
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code > 255) throw badData(`${where}: a string to be encoded as latin1 holds character U+${code.toString(16)}`)
    bytes[i] = code
  }
  return bytes
}

function elementType(name: string | null, where: string): ElementType {
  const plain = name === 'bool' ? 'b1' : name?.replace(/^[<>|=]/, '')
  const type = elementTypes.find((candidate) => candidate === plain)
  if (!type) throw badData(`${where}: NumPy type ${name === null ? '(no name)' : `"${shown(name)}"`} is not allowed; plain numbers are`)
  return type
}

function checkedArray(array: PickledArray, where: string): PickledArray {
  const count = array.shape.reduce((product, length) => product * length, 1)
  const expected = count * itemBytes(array.type)
  if (array.bytes.length !== expected)
    throw badData(
      `${where}: an array of shape (${array.shape.join(', ')}) and type ${array.type} needs ${expected} bytes, but has ${array.bytes.length}`
    )
  return array
}

/** What calling an allowed callable with these arguments means. Throws for arguments that NumPy would not have written. */
function reduce(callable: PickledGlobal, args: readonly PickleValue[], where: string): PickleValue {
  const refuse = () => badData(`${where}: ${callable.name} with arguments that a NumPy array does not have`)
  switch (callable.name) {
    case 'numpy.core.multiarray._reconstruct': {
      if (!isKind(args[0], 'global') || args[0].name !== 'numpy.ndarray') throw refuse()
      return { kind: 'ndarray', type: 'b1', bigEndian: false, fortranOrder: false, shape: [0], bytes: new Uint8Array(0) }
    }
    case 'numpy.dtype': {
      const name = text(args[0])
      return { kind: 'dtype', type: elementType(name, where), bigEndian: name?.startsWith('>') ?? false }
    }
    case '_codecs.encode': {
      if (typeof args[0] !== 'string' || text(args[1]) !== 'latin1') throw refuse()
      return latin1Bytes(args[0], where)
    }
    case 'numpy.core.multiarray.scalar': {
      const [type, bytes] = args
      if (!isKind(type, 'dtype') || !(bytes instanceof Uint8Array) || bytes.length !== itemBytes(type.type)) throw refuse()
      return decodeArray({ ...type, fortranOrder: false, shape: [] }, bytes, where)[0]
    }
    case 'numpy.core.numeric._frombuffer': {
      const [bytes, type, , order] = args
      const shape = lengths(args[2])
      if (!(bytes instanceof Uint8Array) || !isKind(type, 'dtype') || !shape) throw refuse()
      return checkedArray(
        { kind: 'ndarray', type: type.type, bigEndian: type.bigEndian, fortranOrder: text(order) === 'F', shape, bytes },
        where
      )
    }
    default:
      throw badData(`${where}: ${callable.name} cannot be called`)
  }
}

/** BUILD: gives a reconstructed array its contents, or a dtype its byte order. */
function build(target: PickleValue | undefined, state: PickleValue | undefined, where: string): void {
  if (isKind(target, 'dtype') && isKind(state, 'tuple')) {
    target.bigEndian = text(state.items[1]) === '>'
    if (state.items[2] !== null || state.items[3] !== null) throw badData(`${where}: structured NumPy types are not allowed`)
    return
  }
  if (isKind(target, 'ndarray') && isKind(state, 'tuple')) {
    const [, , type, fortran, bytes] = state.items
    const shape = lengths(state.items[1])
    if (shape && isKind(type, 'dtype') && typeof fortran !== 'object' && bytes instanceof Uint8Array) {
      Object.assign(target, { type: type.type, bigEndian: type.bigEndian, fortranOrder: Boolean(fortran), shape, bytes })
      checkedArray(target, where)
      return
    }
  }
  throw badData(`${where}: only NumPy arrays and dtypes may be built, with the state that NumPy writes`)
}

/** An array's elements in C order; shares the file's memory where it can. */
export function arrayElements(array: PickledArray, where: string): NpyData {
  return decodeArray(array, array.bytes, where)
}

/** Pickles of NumPy arrays and plain values. */
export const numpyDialect: PickleDialect = { allows: 'only NumPy arrays are', global: allowedGlobal, reduce, build }
