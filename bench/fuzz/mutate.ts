// Damages files as disks, networks and enemies do: flipped bits, lying numbers, missing, repeated, foreign pieces. Seeded, so that every case can be made again.
import type { RandomGenerator } from '../../src/engine/random'

const nasty = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]

/** A damaged copy of one of the seeds. */
export function mutate(random: RandomGenerator, seeds: readonly Uint8Array[]): Uint8Array {
  let bytes = Buffer.from(seeds[random.below(seeds.length)])
  for (let count = 1 + random.below(4); count > 0; count--) bytes = damage(random, bytes, seeds)
  return bytes
}

function damage(random: RandomGenerator, from: Buffer<ArrayBuffer>, seeds: readonly Uint8Array[]): Buffer<ArrayBuffer> {
  const bytes = Buffer.from(from)
  const { length } = bytes
  if (length === 0) return Buffer.from([random.below(256)])
  // Headers are where lies pay: half of the cases hit the first 600 bytes.
  const at = random.below(random.below(2) === 0 ? Math.min(length, 600) : length)
  const span = Math.min(length - at, 1 + random.below(random.below(4) === 0 ? 4096 : 16))
  switch (random.below(9)) {
    case 0:
      bytes[at] ^= 1 << random.below(8)
      return bytes
    case 1:
      bytes[at] = random.below(256)
      return bytes
    case 2:
      return Buffer.from(bytes.subarray(0, at))
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + span)])
    case 4:
      return Buffer.concat([bytes.subarray(0, at + span), bytes.subarray(at)])
    case 5: {
      const noise = Buffer.from(Array.from({ length: span }, () => random.below(256)))
      return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)])
    }
    case 6: {
      const other = seeds[random.below(seeds.length)]
      const start = random.below(other.length + 1)
      return Buffer.concat([bytes.subarray(0, at), other.subarray(start, start + span), bytes.subarray(at)])
    }
    case 7: {
      if (length < 4) return bytes
      const place = Math.min(at, length - 4)
      const value = nasty[random.below(nasty.length)]
      if (random.below(2) === 0) bytes.writeUInt32LE(value, place)
      else bytes.writeUInt32BE(value, place)
      return bytes
    }
    default: {
      // Digits of text headers (shapes, octal sizes, CSV cells).
      const digit = bytes.subarray(at).findIndex((byte) => byte >= 0x30 && byte <= 0x39)
      if (digit >= 0) bytes[at + digit] = 0x30 + random.below(10)
      return bytes
    }
  }
}
