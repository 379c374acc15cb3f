// Reads event files without any code of the writer: TFRecords, CRC-32C bit by bit, protobuf by its wire types.

/** Bit by bit, by the definition of RFC 3720. */
export function crc32cByBits(bytes: Uint8Array): number {
  let c = 0xffffffffn
  for (const byte of bytes) {
    c ^= BigInt(byte)
    for (let bit = 0; bit < 8; bit++) c = c & 1n ? (c >> 1n) ^ 0x82f63b78n : c >> 1n
  }
  return Number(c ^ 0xffffffffn)
}

const masked = (bytes: Uint8Array) => {
  const crc = BigInt(crc32cByBits(bytes))
  return Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn)
}

type Field = number | bigint | Buffer
type Message = Map<number, Field[]>

function message(bytes: Buffer): Message {
  const fields: Message = new Map()
  let at = 0
  const varint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const key = Number(varint())
    const [field, type] = [key >> 3, key & 7]
    let value: Field
    if (type === 0) value = varint()
    else if (type === 1) value = bytes.readDoubleLE((at += 8) - 8)
    else if (type === 5) value = bytes.readFloatLE((at += 4) - 4)
    else if (type === 2) {
      const length = Number(varint())
      value = bytes.subarray(at, (at += length))
    } else throw new Error(`wire type ${type}`)
    if (at > bytes.length) throw new Error('a field goes past the end')
    fields.set(field, [...(fields.get(field) ?? []), value])
  }
  return fields
}

const doubles = (bytes: Buffer) => Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(8 * i))
const one = (fields: Message, field: number) => fields.get(field)?.[0]

export interface ReadHistogram {
  readonly min: number
  readonly max: number
  readonly num: number
  readonly sum: number
  readonly sumSquares: number
  readonly edges: number[]
  readonly counts: number[]
}
export interface ReadEvent {
  readonly wallTime: number
  readonly step: number
  readonly version: string | null
  readonly scalars: Map<string, number>
  readonly histograms: Map<string, ReadHistogram>
}

export function readEvents(file: Buffer): ReadEvent[] {
  const events: ReadEvent[] = []
  for (let at = 0; at < file.length;) {
    const length = Number(file.readBigUInt64LE(at))
    if (file.readUInt32LE(at + 8) !== masked(file.subarray(at, at + 8))) throw new Error('checksum of a length')
    const content = file.subarray(at + 12, at + 12 + length)
    if (file.readUInt32LE(at + 12 + length) !== masked(content)) throw new Error('checksum of a record')
    at += 16 + length
    const event = message(content)
    const scalars = new Map<string, number>()
    const histograms = new Map<string, ReadHistogram>()
    for (const summary of (event.get(5) ?? []) as Buffer[])
      for (const bytes of (message(summary).get(1) ?? []) as Buffer[]) {
        const value = message(bytes)
        const tag = (one(value, 1) as Buffer).toString('utf8')
        const simple = one(value, 2)
        if (simple !== undefined) scalars.set(tag, simple as number)
        const histo = one(value, 5)
        if (histo === undefined) continue
        const fields = message(histo as Buffer)
        const [min, max, num, sum, sumSquares] = [1, 2, 3, 4, 5].map((field) => one(fields, field) as number)
        histograms.set(tag, {
          min,
          max,
          num,
          sum,
          sumSquares,
          edges: doubles(one(fields, 6) as Buffer),
          counts: doubles(one(fields, 7) as Buffer)
        })
      }
    events.push({
      wallTime: one(event, 1) as number,
      step: Number(one(event, 2) ?? 0),
      version: (one(event, 3) as Buffer | undefined)?.toString('utf8') ?? null,
      scalars,
      histograms
    })
  }
  return events
}
