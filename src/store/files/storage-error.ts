// How the disk, data from outside and requests about them fail, as one type with a code for programs and one sentence for people.

/**
 * `disk-full` ENOSPC/EDQUOT · `denied` EACCES/EPERM/EROFS · `vanished` the folder or drive is gone · `io` the device failed ·
 * `locked` another process works on the run · `damaged` a file is not what its manifest says · `not-found`, `conflict`, `bad-input` the request
 * was wrong · `bad-data` a file from outside is not what it should be · `too-large` it is more than is read · `unavailable` the network fails ·
 * `other-backend` the recorded numerics are not available here.
 */
export type StorageCode =
  | 'disk-full'
  | 'denied'
  | 'vanished'
  | 'io'
  | 'locked'
  | 'damaged'
  | 'not-found'
  | 'conflict'
  | 'bad-input'
  | 'bad-data'
  | 'too-large'
  | 'unavailable'
  | 'other-backend'

export class StorageError extends Error {
  override readonly name = 'StorageError'
  constructor(
    readonly code: StorageCode,
    message: string,
    readonly systemCode: string | null = null
  ) {
    // Messages quote what files hold: control and invisible characters become `?`, and long ones are cut.
    super(message.replace(/\p{C}/gu, '?').slice(0, 600))
  }
  /** True when trying again later can help: the run pauses instead of failing. */
  get retryable(): boolean {
    return this.code === 'disk-full' || this.code === 'denied' || this.code === 'vanished' || this.code === 'io'
  }
}

const codes: Readonly<Record<string, readonly [StorageCode, string]>> = {
  ENOSPC: ['disk-full', 'the disk is full'],
  EDQUOT: ['disk-full', 'the disk quota is used up'],
  EFBIG: ['disk-full', 'the file system does not hold a file this large'],
  EACCES: ['denied', 'permission denied'],
  EPERM: ['denied', 'operation not permitted'],
  EROFS: ['denied', 'the file system is read-only'],
  EBUSY: ['denied', 'the file is in use by another program'],
  ENOENT: ['vanished', 'no such file or folder'],
  ENOTDIR: ['vanished', 'a part of the path is not a folder'],
  ENODEV: ['vanished', 'the drive is gone'],
  ENXIO: ['vanished', 'the drive is gone'],
  ESTALE: ['vanished', 'the network drive is gone'],
  EIO: ['io', 'the drive reports an input/output error']
}

/** The `code` Node puts on a system error, or null. */
export function systemCodeOf(error: unknown): string | null {
  if (error instanceof StorageError) return error.systemCode
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}

/** Translates an error of the operating system; anything else is returned as it is. `doing` reads like "write /w/runs/a/status.json". */
export function toStorageError(error: unknown, doing: string): unknown {
  if (error instanceof StorageError) return error
  const systemCode = systemCodeOf(error)
  if (systemCode === null) return error
  const [code, why] = codes[systemCode] ?? ['io', error instanceof Error ? error.message : systemCode]
  return new StorageError(code, `cannot ${doing}: ${why} (${systemCode})`, systemCode)
}

/** Runs `work`, translating its errors. */
export async function translating<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toStorageError(error, doing)
  }
}
