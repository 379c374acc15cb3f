// A snapshot that is being made: its folder under another name, with the matrices that are written before they are decomposed.
import { join } from 'node:path'
import { partialEnding, translating, type FileSystem } from '../files'
import { streamArray, type ArraySource, type Precision } from './stream'

export interface DraftPlace {
  readonly fileSystem: FileSystem
  /** The snapshot's final path. */
  readonly path: string
  readonly precision: Precision
}

export interface SnapshotDraft {
  /** Where the files are until the snapshot is whole. */
  readonly folder: string
  /** Names of the blocks whose matrices have been written. */
  readonly matrices: ReadonlySet<string>
  /** Makes the folder, at the first call; what an earlier attempt left there goes. Throws StorageError. */
  open(): Promise<void>
  /** Writes a block's matrix, units × size × size; its memory may be used again afterwards. May be tried again after a failure. Throws StorageError. */
  matrix(block: { readonly name: string; readonly size: number; readonly units: number }, pieces: ArraySource['pieces']): Promise<void>
  discard(): Promise<void>
}

/** Name of a block's file of this kind. */
export function blockFile(kind: string, block: string): string {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(block)) throw new Error(`snapshot: block name "${block}" is no part of a file name`)
  return `${kind}.${block}.npy`
}

/** Nothing is on disk before the first `open` or `matrix`. */
export function draftSnapshot({ fileSystem, path, precision }: DraftPlace): SnapshotDraft {
  const folder = path + partialEnding
  const matrices = new Set<string>()
  let made = false
  const open = async () => {
    if (made) return
    await translating(`write ${path}`, async () => {
      await fileSystem.remove(folder)
      await fileSystem.makeNewFolder(folder)
    })
    made = true
  }
  return {
    folder,
    matrices,
    open,
    async matrix({ name, size, units }, pieces) {
      await open()
      const shape = units === 1 ? [size, size] : [units, size, size]
      await streamArray(fileSystem, join(folder, blockFile('hessian', name)), { shape, pieces }, precision)
      matrices.add(name)
    },
    discard: async () => (made ? fileSystem.remove(folder) : undefined)
  }
}
