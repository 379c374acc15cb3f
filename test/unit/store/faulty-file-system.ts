// A real file system that fails on purpose: at the n-th operation, by a system error or as if the process had been killed there.
import type { FileSystem, OpenFile } from '../../../src/store'

export class Killed extends Error {}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code })
}

export interface Faults {
  /** Called before each operation; throws to make it fail. `half` does half of a write before it fails. */
  readonly before: (operation: string, path: string) => 'go' | 'half' | Error
  /** False: nothing is synced, which makes tests fast and hides nothing from a kill that the machine survives. */
  readonly sync?: boolean
  readonly platform?: NodeJS.Platform
  readonly waited?: number[]
  readonly freeBytes?: () => number | null
}

/** Wraps every operation. */
export function faultyFileSystem(real: FileSystem, faults: Faults): FileSystem {
  const guard = async <T>(operation: string, path: string, work: () => Promise<T>): Promise<T> => {
    const verdict = faults.before(operation, path)
    if (verdict instanceof Error) throw verdict
    return work()
  }
  const wrapFile = (file: OpenFile, path: string): OpenFile => ({
    async write(bytes, position) {
      const verdict = faults.before('write', path)
      if (verdict === 'half') {
        await file.write(bytes.subarray(0, bytes.length >> 1), position)
        throw systemError('ENOSPC')
      }
      if (verdict instanceof Killed) await file.write(bytes.subarray(0, bytes.length >> 1), position).catch(() => undefined)
      if (verdict instanceof Error) throw verdict
      return file.write(bytes, position)
    },
    read: (into, position) => guard('read', path, () => file.read(into, position)),
    bytes: () => guard('bytes', path, () => file.bytes()),
    truncate: (bytes) => guard('truncate', path, () => file.truncate(bytes)),
    sync: () => guard('sync', path, () => (faults.sync === false ? Promise.resolve() : file.sync())),
    // Closed whatever happens, so that no descriptor is leaked by a "kill".
    close: () => file.close()
  })
  return {
    platform: faults.platform ?? real.platform,
    open: (path, mode) => guard(`open-${mode}`, path, async () => wrapFile(await real.open(path, mode), path)),
    readFile: (path) => guard('readFile', path, () => real.readFile(path)),
    info: (path) => guard('info', path, () => real.info(path)),
    isLink: (path) => guard('isLink', path, () => real.isLink(path)),
    list: (path) => guard('list', path, () => real.list(path)),
    makeFolder: (path) => guard('makeFolder', path, () => real.makeFolder(path)),
    makeNewFolder: (path) => guard('makeNewFolder', path, () => real.makeNewFolder(path)),
    rename: (from, to) => guard('rename', to, () => real.rename(from, to)),
    linkNew: (from, to) => guard('link', to, () => real.linkNew(from, to)),
    remove: (path) => guard('remove', path, () => real.remove(path)),
    syncFolder: (path) => guard('syncFolder', path, () => (faults.sync === false ? Promise.resolve() : real.syncFolder(path))),
    freeBytes: async (path) => (faults.freeBytes ? faults.freeBytes() : real.freeBytes(path)),
    async wait(milliseconds) {
      if (faults.waited) faults.waited.push(milliseconds)
      else await real.wait(milliseconds)
    }
  }
}

/** Counts operations; from the n-th on everything is dead. */
export function killedAt(n: number): Faults & { count(): number; last(): string } {
  let count = 0
  let last = ''
  return {
    sync: false,
    before(operation, path) {
      if (count >= n) return new Killed(`killed at ${last}`)
      count++
      last = `${operation} ${path}`
      return count >= n ? new Killed(`killed at ${last}`) : 'go'
    },
    count: () => count,
    last: () => last
  }
}
