// A file system in whose midst something else happens.
import { realFileSystem, type FileSystem } from '../../../src/store'

/** The n-th operation, counted from 0, waits for `between`. */
export function interrupted(n: number, between: () => Promise<unknown>): { fileSystem: FileSystem; count: () => number } {
  let count = 0
  const fileSystem = new Proxy(realFileSystem, {
    get(target, name: keyof FileSystem) {
      const method = target[name]
      if (typeof method !== 'function') return method
      return async (...words: unknown[]) => {
        if (count++ === n) await between()
        return (method as (...all: unknown[]) => unknown)(...words)
      }
    }
  })
  return { fileSystem, count: () => count }
}
