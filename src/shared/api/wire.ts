// The frames of every transport: a JSON header, then raw little-endian sections, each 8-byte aligned.

/** Layout: u32 header bytes, u32 zero, header (UTF-8 JSON), padding to 8, sections. Typed arrays in the header stand as {"$section": i}. */
export type Frame = ArrayBuffer

export type Message =
  | { type: 'hello'; instance: string }
  | { type: 'request'; id: number; method: string; input: unknown }
  | { type: 'cancel'; id: number }
  | { type: 'response'; id: number; ok: true; data: unknown }
  | { type: 'response'; id: number; ok: false; error: unknown }
  /** `since` and `instance`: the last event seen of which server, to go on from there. */
  | { type: 'subscribe'; id: number; topic: string; params: unknown; since: number | null; instance: string | null }
  | { type: 'unsubscribe'; id: number }
  /** `event` null means reset: events were missed (or this is the first), ask afresh. */
  | { type: 'event'; id: number; sequence: number; event: unknown }

const arrayKinds = { Float64Array, Float32Array, Int32Array, Uint32Array, Uint8Array } as const
type ArrayKind = keyof typeof arrayKinds
type TypedArray = InstanceType<(typeof arrayKinds)[ArrayKind]>

interface SectionHeader {
  kind: ArrayKind
  offset: number
  length: number
}

/** Frames above this are refused on both sides: big things travel as tiles. */
export const maxFrameBytes = 256 * 1024 * 1024

const align = (bytes: number) => (bytes + 7) & ~7

function kindOf(value: unknown): ArrayKind | null {
  for (const kind of Object.keys(arrayKinds) as ArrayKind[]) if (value instanceof arrayKinds[kind]) return kind
  return null
}

/** Packs a message; throws when it is larger than maxFrameBytes or holds a typed array of a kind that is not supported. */
export function encodeFrame(message: Message): Frame {
  const arrays: TypedArray[] = []
  const sections: SectionHeader[] = []
  let bytes = 0
  const body = JSON.stringify(message, (_key, value: unknown) => {
    if (!ArrayBuffer.isView(value)) return value
    const kind = kindOf(value)
    if (!kind) throw new Error(`wire: ${Object.prototype.toString.call(value)} cannot be sent`)
    const array = value as TypedArray
    sections.push({ kind, offset: bytes, length: array.length })
    arrays.push(array)
    bytes += align(array.byteLength)
    return { $section: arrays.length - 1 }
  })
  const header = new TextEncoder().encode(`{"sections":${JSON.stringify(sections)},"message":${body}}`)
  const start = align(8 + header.length)
  if (start + bytes > maxFrameBytes) throw new Error(`wire: a frame of ${start + bytes} bytes is larger than ${maxFrameBytes}`)
  const frame = new ArrayBuffer(start + bytes)
  new DataView(frame).setUint32(0, header.length, true)
  const out = new Uint8Array(frame)
  out.set(header, 8)
  arrays.forEach((array, i) => out.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), start + sections[i].offset))
  return frame
}

/** Unpacks a frame; typed arrays are views into it. Throws on anything malformed. */
export function decodeFrame(frame: Frame): Message {
  if (frame.byteLength < 8 || frame.byteLength > maxFrameBytes) throw new Error(`wire: a frame of ${frame.byteLength} bytes is not valid`)
  const headerLength = new DataView(frame).getUint32(0, true)
  if (8 + headerLength > frame.byteLength) throw new Error('wire: the header is longer than the frame')
  const start = align(8 + headerLength)
  const header = new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(frame, 8, headerLength))
  let sections: SectionHeader[] = []
  const revive = (key: string, value: unknown): unknown => {
    if (value === null || typeof value !== 'object' || !('$section' in value)) return value
    const section = sections[Number(value.$section)]
    const kind = section && Object.hasOwn(arrayKinds, section.kind) ? arrayKinds[section.kind] : undefined
    if (!kind) throw new Error(`wire: ${key} names a section that is not there`)
    const { offset, length } = section
    if (!Number.isInteger(offset) || !Number.isInteger(length) || offset < 0 || length < 0 || offset % 8 !== 0)
      throw new Error('wire: a section is malformed')
    if (start + offset + length * kind.BYTES_PER_ELEMENT > frame.byteLength) throw new Error('wire: a section is longer than the frame')
    return new kind(frame, start + offset, length)
  }
  const plain: unknown = JSON.parse(header)
  if (plain === null || typeof plain !== 'object' || !('sections' in plain) || !('message' in plain) || !Array.isArray(plain.sections))
    throw new Error('wire: the header is malformed')
  sections = plain.sections as SectionHeader[]
  return reviveTree(plain.message, revive) as Message
}

function reviveTree(value: unknown, revive: (key: string, value: unknown) => unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item, i) => reviveTree(item, revive, String(i)))
  if (value === null || typeof value !== 'object') return value
  const revived = revive(key, value)
  if (revived !== value) return revived
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, reviveTree(item, revive, name)]))
}

/** A two-way channel of frames: a MessagePort, a WebSocket, or a pair in memory. */
export interface Connection {
  send(frame: Frame): void
  onFrame(listener: (frame: Frame) => void): void
  /** Called once, when either side closed it or it broke. */
  onClose(listener: () => void): void
  close(): void
}
