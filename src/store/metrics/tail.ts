// Follows a file that grows while others write it: only what was appended is read; one that was cut, replaced or removed is begun anew.
import { Mutex } from 'async-mutex'
import { systemCodeOf, translating, type FileSystem } from '../files'

export interface Tail {
  /** Feeds what was appended since the last call. Calls take turns. Throws StorageError. */
  catchUp(): Promise<void>
}

export interface TailReader {
  /** The file is another than before, or shorter: what was fed of it no longer holds. */
  restart(): void
  /** The memory is used again for the next piece. */
  feed(bytes: Uint8Array): void
}

const pieceBytes = 256 * 1024
/** So many of the last bytes that were read are compared before more is read: a file that was cut and written on again differs there. */
const comparedBytes = 4096

function endOf(before: Uint8Array, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (bytes.length >= comparedBytes) return bytes.slice(-comparedBytes)
  const kept = before.subarray(Math.max(0, before.length + bytes.length - comparedBytes))
  const end = new Uint8Array(kept.length + bytes.length)
  end.set(kept)
  end.set(bytes, kept.length)
  return end
}

/** `lastBytes`: a first reading begins at most that far before the end, for those who want the newest only. */
export function fileTail(fileSystem: FileSystem, path: string, reader: TailReader, lastBytes = Infinity): Tail {
  let position = 0
  let compared = new Uint8Array(0)
  let identity: number | null = null
  let modified = 0
  const turn = new Mutex()

  function begin() {
    if (identity === null && position === 0) return
    position = 0
    compared = new Uint8Array(0)
    identity = null
    reader.restart()
  }

  async function read(): Promise<void> {
    const info = await fileSystem.info(path)
    if (!info) return begin()
    if (info.bytes < position || (identity !== null && info.identity !== identity)) begin()
    if (identity !== null && info.bytes === position && info.modified === modified) return undefined
    const file = await fileSystem.open(path, 'read').catch((error: unknown) => {
      if (systemCodeOf(error) === 'ENOENT') return null
      throw error
    })
    if (!file) return begin()
    try {
      const last = new Uint8Array(compared.length)
      await file.read(last, position - last.length)
      if (!last.every((byte, k) => byte === compared[k])) begin()
      if (identity === null) position = Math.max(0, info.bytes - lastBytes)
      identity = info.identity
      modified = info.modified
      const piece = new Uint8Array(pieceBytes)
      for (let count = await file.read(piece, position); count > 0; count = await file.read(piece, position)) {
        const bytes = piece.subarray(0, count)
        position += count
        compared = endOf(compared, bytes)
        reader.feed(bytes)
      }
    } finally {
      await file.close()
    }
  }

  return { catchUp: () => turn.runExclusive(() => translating(`read ${path}`, read)) }
}
