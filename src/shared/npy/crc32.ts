// CRC-32 (ISO 3309, the polynomial of zip and gzip), four bytes at a time.

const tables = (() => {
  const all = [new Uint32Array(256), new Uint32Array(256), new Uint32Array(256), new Uint32Array(256)]
  for (let n = 0; n < 256; n++) {
    let c = n
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
    all[0][n] = c >>> 0
  }
  for (let n = 0; n < 256; n++) for (let k = 1; k < 4; k++) all[k][n] = (all[k - 1][n] >>> 8) ^ all[0][all[k - 1][n] & 255]
  return all
})()

/** CRC-32 of `bytes`, going on from `previous` (0 at the start). */
export function crc32(bytes: Uint8Array, previous = 0): number {
  const [t0, t1, t2, t3] = tables
  let c = ~previous
  let k = 0
  for (; k + 4 <= bytes.length; k += 4) {
    c ^= bytes[k] | (bytes[k + 1] << 8) | (bytes[k + 2] << 16) | (bytes[k + 3] << 24)
    c = t3[c & 255] ^ t2[(c >>> 8) & 255] ^ t1[(c >>> 16) & 255] ^ t0[c >>> 24]
  }
  for (; k < bytes.length; k++) c = t0[(c ^ bytes[k]) & 255] ^ (c >>> 8)
  return ~c >>> 0
}
