// Reads the arrays of an .npz as weights: headers first, entries when they are asked for.
import {
  maximumHeaderBytes,
  parseNpy,
  parseNpyHeader,
  readZipDirectory,
  readZipEntry,
  toFloat64,
  zipDataOffset,
  type NpyHeader,
  type ZipEntry,
  type ZipSource
} from '../../shared/npy'
import type { WeightType } from '../../shared/models/inspection'
import { badData, shown } from '../formats/data-error'
import { entriesOf, finite, maximumParameters, type Tensor } from './tensors'

const types: Readonly<Record<string, WeightType>> = { f8: 'f64', f4: 'f32', f2: 'f16' }
/** What a data set's arrays are called. */
export const isSamples = (name: string) => /^x(_train)?$/i.test(name)
const longest = maximumParameters * 8 + maximumHeaderBytes + 12

async function headerOf(source: ZipSource, entry: ZipEntry, what: string): Promise<NpyHeader> {
  if (entry.method === 'deflated') return parseNpyHeader(await readZipEntry(source, entry, longest), what, entry.bytes)
  const start = await source.read(await zipDataOffset(source, entry), Math.min(entry.bytes, maximumHeaderBytes + 12))
  return parseNpyHeader(start, what, entry.bytes)
}

/** The arrays in file order. Throws one sentence. */
export async function readNpzTensors(source: ZipSource, file: string): Promise<Tensor[]> {
  const entries = (await readZipDirectory(source)).filter((entry) => entry.kind === 'file' && entry.name.endsWith('.npy'))
  const samples = entries.find(({ name }) => isSamples(name.slice(0, -4)))
  if (samples !== undefined) throw badData(`${file}: has an array ${samples.name.slice(0, -4)}: it holds samples of a data set, no network`)
  const tensors: Tensor[] = []
  for (const entry of entries) {
    const name = entry.name.slice(0, -4)
    const what = `${file}: array ${shown(name)}`
    const header = await headerOf(source, entry, what)
    const type = types[header.type]
    if (type === undefined) throw badData(`${what} has entries of type ${header.type}; weights are read as float64, float32 or float16`)
    entriesOf(header.shape, what)
    const read = async () => finite(toFloat64(parseNpy(await readZipEntry(source, entry, longest), what)), what)
    tensors.push({ name, shape: header.shape, type, read })
  }
  return tensors
}
