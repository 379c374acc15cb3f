// Reads .safetensors: a u64 header length, JSON that says dtype, shape and place of every tensor, raw little-endian entries (huggingface/safetensors, "Format").
import { z } from 'zod'
import type { ZipSource } from '../../shared/npy'
import type { WeightType } from '../../shared/models/inspection'
import { badData, shown } from '../formats/data-error'
import { bytesOfType, decodeTensor, entriesOf, type Tensor } from './tensors'

/** A few hundred bytes a tensor; no chain of layers comes near it. */
const maximumHeader = 16 * 1024 * 1024

const types: Readonly<Record<string, WeightType>> = { F64: 'f64', F32: 'f32', F16: 'f16', BF16: 'bf16' }

const place = z.number().int().nonnegative()
const entrySchema = z.strictObject({ dtype: z.string(), shape: z.array(place).max(32), data_offsets: z.tuple([place, place]) })

interface Entry {
  readonly name: string
  readonly type: WeightType
  readonly shape: readonly number[]
  readonly from: number
  readonly to: number
}

function entryOf(name: string, value: unknown, dataBytes: number, file: string): Entry {
  const what = `${file}: tensor ${shown(name)}`
  const parsed = entrySchema.safeParse(value)
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues
    throw badData(`${what}: ${path.join('.') || 'its entry'} is not as the format wants it (${message})`)
  }
  const { dtype, shape, data_offsets } = parsed.data
  const type = Object.hasOwn(types, dtype) ? types[dtype] : undefined
  if (type === undefined) throw badData(`${what} has dtype ${shown(dtype, 40)}; weights are read as F64, F32, F16 or BF16`)
  const [from, to] = data_offsets
  if (from > to || to > dataBytes) throw badData(`${what}: its bytes ${from} to ${to} do not lie inside the ${dataBytes} bytes of data`)
  const wanted = entriesOf(shape, what) * bytesOfType[type]
  if (to - from !== wanted)
    throw badData(`${what}: shape (${shape.join(', ')}) of ${dtype} takes ${wanted} bytes, its offsets give it ${to - from}`)
  return { name, type, shape, from, to }
}

/** The format has neither overlaps nor bytes that belong to nothing. */
function requireTiling(entries: readonly Entry[], dataBytes: number, file: string): void {
  let end = 0
  let last = 'the header'
  for (const { name, from, to } of [...entries].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from < end) throw badData(`${file}: tensors ${shown(last)} and ${shown(name)} overlap at byte ${from} of the data`)
    if (from > end) throw badData(`${file}: bytes ${end} to ${from} of the data, before tensor ${shown(name)}, belong to no tensor`)
    end = to
    last = name
  }
  if (end !== dataBytes) throw badData(`${file}: bytes ${end} to ${dataBytes} at the end of the data belong to no tensor`)
}

function parseHeader(bytes: Uint8Array, file: string): Record<string, unknown> {
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw badData(`${file}: its header is no JSON; it is damaged or no .safetensors file`)
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw badData(`${file}: its header is no JSON object`)
  return header as Record<string, unknown>
}

/** The tensors in the order of their places. Throws one sentence. */
export async function readSafetensors(source: ZipSource, file: string): Promise<Tensor[]> {
  if (source.bytes < 8) throw badData(`${file}: has ${source.bytes} bytes, too few for a .safetensors file`)
  const start = await source.read(0, 8)
  const words = new DataView(start.buffer, start.byteOffset, 8)
  const headerBytes = words.getUint32(0, true) + words.getUint32(4, true) * 2 ** 32
  if (headerBytes > source.bytes - 8)
    throw badData(
      `${file}: its header claims ${headerBytes} bytes, the file has ${source.bytes - 8} after it; it is truncated or no .safetensors file`
    )
  if (headerBytes > maximumHeader) throw badData(`${file}: a header of ${headerBytes} bytes is longer than the ${maximumHeader} allowed`)
  const header = parseHeader(await source.read(8, headerBytes), file)
  const dataStart = 8 + headerBytes
  const dataBytes = source.bytes - dataStart
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => entryOf(name, value, dataBytes, file))
  requireTiling(entries, dataBytes, file)
  return entries
    .sort((a, b) => a.from - b.from)
    .map(({ name, shape, type, from, to }) => ({
      name,
      shape,
      type,
      read: async () => decodeTensor(type, await source.read(dataStart + from, to - from), `${file}: tensor ${shown(name)}`)
    }))
}
