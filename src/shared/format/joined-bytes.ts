// Pieces of bytes, one after the other.

export function joinedBytes(parts: Iterable<Uint8Array>): Uint8Array<ArrayBuffer> {
  const all = [...parts]
  const whole = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of all) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
