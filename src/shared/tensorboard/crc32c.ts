// CRC-32C (Castagnoli; RFC 3720, B.4), and the masked form in which TFRecord files keep it.

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? 0x82f63b78 ^ (c >>> 1) : c >>> 1
  return c >>> 0
})

export function crc32c(bytes: Uint8Array): number {
  let c = 0xffff_ffff
  for (const byte of bytes) c = table[(c ^ byte) & 255] ^ (c >>> 8)
  return ~c >>> 0
}

/** Rotated by 15 bits and moved by a constant (TensorFlow, lib/hash/crc32c.h): a checksum of data that holds checksums stays a check. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
