// Sizes in bytes as people write them: decimal units.

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
/** A size as a spec writes it: "20 GB". */
export const writtenBytes = /^(\d+(?:\.\d+)?) ?(B|kB|MB|GB|TB)$/

/** "20 GB" → 20e9. Throws for anything else. */
export function parseBytes(text: string): number {
  const found = writtenBytes.exec(text)
  if (!found) throw new Error(`"${text}" is not a size such as "20 GB"`)
  return Number(found[1]) * 1000 ** units.indexOf(found[2])
}
