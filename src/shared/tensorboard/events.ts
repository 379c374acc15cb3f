// TensorBoard's event files: protobuf messages (tensorflow/core/util/event.proto, framework/summary.proto) as TFRecords with masked CRC32C.
import { joinedBytes } from '../format/joined-bytes'
import type { Histogram } from '../run/schema'
import { maskedCrc32c } from './crc32c'

export interface ScalarEntry {
  readonly tag: string
  /** Kept as float32: so the format has it. */
  readonly value: number
}
export interface HistogramEntry {
  readonly tag: string
  readonly histogram: Histogram
}
export interface StepEvent {
  readonly step: number
  /** Seconds since 1970, UTC. */
  readonly wallTime: number
  readonly scalars: readonly ScalarEntry[]
  readonly histograms: readonly HistogramEntry[]
}

const encoder = new TextEncoder()
const wire = { varint: 0, double: 1, bytes: 2, float: 5 } as const

/** Base 128, lowest digits first; by division, since steps may exceed 32 bits. */
function varint(value: number): Uint8Array {
  const digits: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) digits.push((rest % 128) | 128)
  return Uint8Array.from([...digits, rest])
}

const key = (field: number, type: number) => varint(field * 8 + type)
const bytesField = (field: number, content: Uint8Array) => joinedBytes([key(field, wire.bytes), varint(content.length), content])
const textField = (field: number, text: string) => bytesField(field, encoder.encode(text))
const wholeField = (field: number, value: number) => joinedBytes([key(field, wire.varint), varint(value)])

function littleEndian(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length)
  const view = new DataView(bytes.buffer)
  values.forEach((value, i) => view.setFloat64(8 * i, value, true))
  return bytes
}
const doubleField = (field: number, value: number) => joinedBytes([key(field, wire.double), littleEndian([value])])
function floatField(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value, true)
  return joinedBytes([key(field, wire.float), bytes])
}

/** HistogramProto: sums from mean and deviation, right edges of the bins, counts. */
function histogramMessage({ count, from, to, counts, min, max, mean, std }: Histogram): Uint8Array {
  const width = (to - from) / counts.length
  const edges = counts.map((_, i) => (i === counts.length - 1 ? to : from + (i + 1) * width))
  return joinedBytes([
    doubleField(1, min),
    doubleField(2, max),
    doubleField(3, count),
    doubleField(4, mean * count),
    doubleField(5, count * (std * std + mean * mean)),
    bytesField(6, littleEndian(edges)),
    bytesField(7, littleEndian(counts))
  ])
}

const scalarValue = ({ tag, value }: ScalarEntry) => bytesField(1, joinedBytes([textField(1, tag), floatField(2, value)]))
const histogramValue = ({ tag, histogram }: HistogramEntry) =>
  bytesField(1, joinedBytes([textField(1, tag), bytesField(5, histogramMessage(histogram))]))

/** Length, its checksum, content, its checksum. */
function record(content: Uint8Array): Uint8Array {
  const length = new Uint8Array(8)
  new DataView(length.buffer).setBigUint64(0, BigInt(content.length), true)
  const checksum = (bytes: Uint8Array) => {
    const four = new Uint8Array(4)
    new DataView(four.buffer).setUint32(0, maskedCrc32c(bytes), true)
    return four
  }
  return joinedBytes([length, checksum(length), content, checksum(content)])
}

/** The record that every event file begins with. */
export const versionRecord = (wallTime: number): Uint8Array =>
  record(joinedBytes([doubleField(1, wallTime), textField(3, 'brain.Event:2')]))

export const stepRecord = ({ step, wallTime, scalars, histograms }: StepEvent): Uint8Array =>
  record(
    joinedBytes([
      doubleField(1, wallTime),
      wholeField(2, step),
      bytesField(5, joinedBytes([...scalars.map(scalarValue), ...histograms.map(histogramValue)]))
    ])
  )
