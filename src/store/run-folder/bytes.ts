// Sizes as people write them.

/** "20 GB" → 20e9 (decimal units). Throws for anything else. */
export function parseBytes(text: string): number {
  const found = /^(\d+(?:\.\d+)?) ?(B|kB|MB|GB|TB)$/.exec(text)
  if (!found) throw new Error(`"${text}" is not a size such as "20 GB"`)
  return Number(found[1]) * 1000 ** ['B', 'kB', 'MB', 'GB', 'TB'].indexOf(found[2])
}
