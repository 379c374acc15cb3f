// What a file would be imported as, told by its name and, for a zip, by the list of what is in it.
import { NpyError, readZipDirectory } from '../../shared/npy'

/** `part`: one of several files that make a data set together, such as MNIST's. */
export type FileKind = 'run' | 'table' | 'dataset' | 'part'

const isZip = (name: string) => /\.(zip|saddlescope)$/i.test(name)

/** By the name alone; null where the content has to be asked. */
function kindByName(name: string): FileKind | null {
  if (isZip(name)) return null
  if (/\.npy$/i.test(name)) return 'run'
  if (/\.(csv|tsv|txt)$/i.test(name) && !/batches\.meta\.txt$|label_names\.txt$/i.test(name)) return 'table'
  if (/\.(npz|tar|tgz|tar\.gz)$/i.test(name)) return 'dataset'
  return 'part'
}

/** Throws one sentence for a zip that cannot be read. */
export async function fileKind(file: Pick<File, 'name' | 'size' | 'slice'>): Promise<FileKind> {
  const byName = kindByName(file.name)
  if (byName !== null) return byName
  const read = async (offset: number, length: number) => new Uint8Array(await file.slice(offset, offset + length).arrayBuffer())
  try {
    const entries = await readZipDirectory({ name: file.name, bytes: file.size, read })
    return entries.some(({ name }) => name === 'spec.json' || name.endsWith('/spec.json')) ? 'run' : 'dataset'
  } catch (error) {
    throw error instanceof NpyError ? error : new Error(`${file.name}: cannot be read`)
  }
}

/** A data set to be imported: one file, or several that belong together. */
export interface FileGroup<Entry> {
  readonly kind: 'table' | 'dataset'
  readonly files: readonly Entry[]
}

/** Tables and archives by themselves; all the rest is parts of one set. */
export function groupDatasets<Entry>(
  found: readonly { readonly kind: Exclude<FileKind, 'run'>; readonly entry: Entry }[]
): FileGroup<Entry>[] {
  const single = found.flatMap(({ kind, entry }) => (kind === 'part' ? [] : [{ kind, files: [entry] }]))
  const parts = found.flatMap(({ kind, entry }) => (kind === 'part' ? [entry] : []))
  return parts.length === 0 ? single : [...single, { kind: 'dataset', files: parts }]
}
