// One way to a network's file: recognizes its format by name and content and hands it, open, to `work`.
import { basename, resolve } from 'node:path'
import { NpyError, readZipDirectory, type ZipSource } from '../../shared/npy'
import type { ModelFormat } from '../../shared/models/inspection'
import { fileSource, StorageError, toStorageError, translating, withNpz, type FileSystem } from '../files'
import { badData } from '../formats/data-error'
import { isSamples, readNpzTensors } from './npz'
import { readOnnx } from './onnx'
import { readPytorch } from './pytorch'
import { readSafetensors } from './safetensors'
import type { ModelFile, StatedGraph, Tensor } from './tensors'

interface Contents {
  readonly tensors: readonly Tensor[]
  readonly graph?: StatedGraph
  readonly notes?: readonly string[]
}

const readers: Readonly<Record<ModelFormat, (source: ZipSource, file: string) => Promise<Contents>>> = {
  safetensors: async (source, file) => ({ tensors: await readSafetensors(source, file) }),
  npz: async (source, file) => ({ tensors: await readNpzTensors(source, file) }),
  pytorch: readPytorch,
  onnx: readOnnx
}

const endings: Readonly<Record<string, ModelFormat>> = { safetensors: 'safetensors', npz: 'npz', onnx: 'onnx' }

async function formatOf(source: ZipSource, file: string): Promise<ModelFormat> {
  const start = await source.read(0, Math.min(source.bytes, 9))
  if (start[0] === 0x50 && start[1] === 0x4b) {
    const names = (await readZipDirectory(source)).map(({ name }) => name)
    if (names.some((name) => name === 'data.pkl' || name.endsWith('/data.pkl'))) return 'pytorch'
    if (names.some((name) => name.endsWith('.npy'))) return 'npz'
    throw badData(`${file}: is a zip with neither a PyTorch state dictionary (data.pkl) nor NumPy arrays (.npy) in it`)
  }
  const byName = endings[/\.([a-z]+)$/i.exec(file)?.[1].toLowerCase() ?? '']
  if (byName !== undefined) return byName
  if (/\.(pt|pth)$/i.test(file))
    throw badData(`${file}: is no zip, as PyTorch writes since 1.6; load it there and save its state_dict() with torch.save once more`)
  if (start[8] === 0x7b) return 'safetensors'
  throw badData(`${file}: is no network that is known here; what can be read is .safetensors, .npz, .pt or .pth (a state_dict) and .onnx`)
}

/** The file must stay as it is while `work` reads. Throws StorageError with one sentence. */
export async function withModel<T>(fileSystem: FileSystem, path: string, work: (model: ModelFile) => Promise<T>): Promise<T> {
  const from = resolve(path)
  const name = basename(from)
  const info = await translating(`read ${from}`, () => fileSystem.info(from))
  if (info === null) throw new StorageError('not-found', `there is no file ${from}`)
  if (info.kind !== 'file') throw badData(`${from}: is no file`)
  const file = await translating(`read ${from}`, () => fileSystem.open(from, 'read'))
  try {
    const bytes = await file.bytes()
    const source = fileSource(file, name, bytes)
    const format = await formatOf(source, name)
    const { tensors, graph = null, notes = [] } = await readers[format](source, name)
    return await work({ name, format, bytes, tensors, graph, notes })
  } catch (error) {
    if (error instanceof NpyError) throw badData(error.message)
    throw toStorageError(error, `read ${from}`)
  } finally {
    await file.close()
  }
}

/** Whether a path is taken for a network's: by its ending, or as an .npz whose arrays are weights and no samples. */
export async function isModelPath(fileSystem: FileSystem, path: string): Promise<boolean> {
  if (/\.(safetensors|pt|pth|onnx)$/i.test(path)) return true
  if (!/\.npz$/i.test(path) || (await fileSystem.info(path))?.kind !== 'file') return false
  return withNpz(fileSystem, path, async ({ names }) => !names.some(isSamples)).catch(() => false)
}
