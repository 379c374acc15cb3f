// Reads PyTorch's state dictionaries (.pt, .pth; the zip that torch.save writes since 1.6): tensors only, nothing executed.
import { readZipDirectory, readZipEntry, type ZipEntry, type ZipSource } from '../../shared/npy'
import type { WeightType } from '../../shared/models/inspection'
import { badData, shown } from '../formats/data-error'
import { readPickle } from '../formats/pickle'
import { torchDialect } from '../formats/pickle-torch'
import { isKind, type PickledTensor, type PickleValue } from '../formats/pickle-values'
import { bytesOfType, decodeTensor, entriesOf, maximumParameters, type Tensor } from './tensors'

const maximumPickle = 64 * 1024 * 1024
const limits = { instructions: 2_000_000, stack: 200_000, memo: 1_000_000 }
const longest = maximumParameters * 8

const types: Readonly<Record<string, WeightType>> = {
  DoubleStorage: 'f64',
  FloatStorage: 'f32',
  HalfStorage: 'f16',
  BFloat16Storage: 'bf16'
}
/** Where training scripts keep the state dictionary among other things. */
const usualKeys = ['state_dict', 'model_state_dict', 'model']

type Dictionary = Map<string | number, PickleValue>

const holdsTensors = (dictionary: Dictionary) => [...dictionary.values()].some((item) => isKind(item, 'tensor'))

function stateDictionary(value: PickleValue, file: string): { state: Dictionary; notes: string[] } {
  if (!(value instanceof Map)) throw badData(`${file}: holds no dictionary; save model.state_dict()`)
  if (holdsTensors(value)) return { state: value, notes: [] }
  for (const key of usualKeys) {
    const inner = value.get(key)
    if (inner instanceof Map && holdsTensors(inner))
      return { state: inner, notes: [`its "${key}" is taken; what is beside it is left out`] }
  }
  throw badData(`${file}: holds no tensors, neither itself nor as ${usualKeys.join(', ')}; save model.state_dict()`)
}

function gather(storage: Float64Array, { offset, shape, strides }: PickledTensor, count: number): Float64Array {
  const result = new Float64Array(count)
  const place = shape.map(() => 0)
  let from = offset
  for (let to = 0; to < count; to++) {
    result[to] = storage[from]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]
      if (++place[axis] < shape[axis]) break
      from -= strides[axis] * shape[axis]
      place[axis] = 0
    }
  }
  return result
}

interface Archive {
  readonly source: ZipSource
  readonly entries: ReadonlyMap<string, ZipEntry>
  /** Of the archive's folder, "/" included. */
  readonly root: string
  readonly file: string
}

function tensorOf(name: string, value: PickleValue, { source, entries, root, file }: Archive): Tensor {
  const what = `${file}: tensor ${shown(name)}`
  if (!isKind(value, 'tensor'))
    throw badData(`${file}: ${shown(name)} is no tensor; a chain of dense layers has weights and biases and nothing else`)
  const { storage, shape } = value
  const type = types[storage.type]
  if (type === undefined) throw badData(`${what} is kept as ${storage.type}; weights are read as ${Object.keys(types).join(', ')}`)
  const entry = entries.get(`${root}data/${storage.key}`)
  if (entry === undefined) throw badData(`${what}: its entries (data/${shown(storage.key)}) are not in the archive`)
  const wanted = storage.count * bytesOfType[type]
  if (entry.bytes !== wanted)
    throw badData(
      `${what}: ${storage.count} entries of ${storage.type} take ${wanted} bytes, data/${shown(storage.key)} has ${entry.bytes}`
    )
  const count = entriesOf(shape, what)
  return {
    name,
    shape,
    type,
    read: async () => gather(decodeTensor(type, await readZipEntry(source, entry, longest), what), value, count)
  }
}

/** The tensors of a state dictionary in its order. Throws one sentence. */
export async function readPytorch(source: ZipSource, file: string): Promise<{ tensors: Tensor[]; notes: string[] }> {
  const listed = await readZipDirectory(source)
  const pickles = listed.filter(({ name }) => name === 'data.pkl' || name.endsWith('/data.pkl'))
  if (pickles.length !== 1) throw badData(`${file}: has ${pickles.length} data.pkl in it, must have one`)
  const root = pickles[0].name.slice(0, -'data.pkl'.length)
  const entries = new Map(listed.map((entry) => [entry.name, entry]))
  if (listed.some(({ name }) => name === `${root}constants.pkl` || name.startsWith(`${root}code/`)))
    throw badData(`${file}: is a TorchScript program, which is not read; save model.state_dict() with torch.save`)
  const order = entries.get(`${root}byteorder`)
  if (
    order !== undefined &&
    Buffer.from(await readZipEntry(source, order, 100))
      .toString('latin1')
      .trim() !== 'little'
  )
    throw badData(`${file}: was written big-endian, which is not read`)
  const pickle = readPickle(await readZipEntry(source, pickles[0], maximumPickle), `${file}: ${pickles[0].name}`, limits, torchDialect)
  const { state, notes } = stateDictionary(pickle, file)
  const archive = { source, entries, root, file }
  return { tensors: [...state].map(([name, value]) => tensorOf(String(name), value, archive)), notes }
}
