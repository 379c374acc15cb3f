// What the machine's memory gives: the C library's memset on one thread, the yardstick of everything that fills a large matrix.
import koffi from 'koffi'

const libraries: Partial<Record<NodeJS.Platform, string>> = { linux: 'libc.so.6', darwin: 'libSystem.B.dylib', win32: 'msvcrt.dll' }

/** Fills an array with zero bytes by `memset` on this thread; null where the C library is not found. */
export function findMemset(): ((array: Float64Array) => void) | null {
  try {
    const memset = koffi.load(libraries[process.platform] ?? 'libc.so').func('memset', 'void *', ['void *', 'int', 'size_t'])
    return (array) => void memset(array, 0, array.byteLength)
  } catch {
    return null
  }
}
