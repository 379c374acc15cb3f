// Memory outside of every ArrayBuffer, for matrices larger than the embedded memory (4 GiB) or a buffer of Electron (2 GiB): mapped by the system in huge pages, reached by address and copied in and out.
import { readFileSync } from 'node:fs'
import koffi from 'koffi'
import { LinalgError } from '../../interface'
import { requireBytes } from '../../refusals'
import { adviseHugePages } from './huge-pages'

/** `length` doubles at `address`; whoever holds it gives it back. */
export interface NativeMemory {
  readonly address: number
  readonly length: number
  /** Copies `source` to the place `at`, in doubles. */
  write(at: number, source: Float64Array): void
  /** Copies from the place `at` into all of `target`. */
  read(at: number, target: Float64Array): void
  release(): void
}

interface System {
  readonly map: (address: number, bytes: number, protection: number, flags: number, file: number, offset: number) => number
  readonly unmap: (address: number, bytes: number) => number
  readonly copyIn: (to: number, from: Float64Array, bytes: number) => number
  readonly copyOut: (to: Float64Array, from: number, bytes: number) => number
}

/** Linux: PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE. */
const [readWrite, privateAnonymous] = [3, 0x4022]

let system: System | null = null

function openSystem(): System {
  if (process.platform !== 'linux')
    throw new LinalgError('backend', `matrices beyond the embedded memory are worked on under Linux so far, not under ${process.platform}`)
  const library = koffi.load(null)
  system ??= {
    map: library.func('mmap', 'uintptr_t', ['uintptr_t', 'size_t', 'int', 'int', 'int', 'int64_t']),
    unmap: library.func('munmap', 'int', ['uintptr_t', 'size_t']),
    copyIn: library.func('memcpy', 'uintptr_t', ['uintptr_t', 'double *', 'size_t']),
    copyOut: library.func('memcpy', 'uintptr_t', ['double *', 'uintptr_t', 'size_t'])
  }
  return system
}

function firstNumber(file: string): number | null {
  try {
    const found = /\d+/.exec(readFileSync(file, 'latin1'))
    return found ? Number(found[0]) : null
  } catch {
    return null
  }
}

/** What the control group of this process may still take; Infinity without a limit. Both versions of the interface, as mounted in a container. */
function groupBytes(): number {
  for (const [limit, used] of [
    ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory.current'],
    ['/sys/fs/cgroup/memory/memory.limit_in_bytes', '/sys/fs/cgroup/memory/memory.usage_in_bytes']
  ]) {
    const [most, now] = [firstNumber(limit), firstNumber(used)]
    if (most !== null && now !== null) return Math.max(0, most - now)
  }
  return Infinity
}

/** Bytes that the system gives without swapping: MemAvailable, within the limit of the control group. */
export function nativeBytes(): number {
  const found = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'latin1'))
  return Math.min(found ? Number(found[1]) * 1024 : 0, groupBytes())
}

/** Zeroed doubles. Throws LinalgError: `backend` elsewhere than under Linux, `out-of-memory` with needed and available bytes. */
export function allocateNative(what: string, length: number): NativeMemory {
  const { map, unmap, copyIn, copyOut } = openSystem()
  const bytes = 8 * length
  requireBytes(what, bytes, nativeBytes())
  const address = Number(map(0, bytes, readWrite, privateAnonymous, -1, 0))
  // MAP_FAILED is −1 as an unsigned number.
  if (!(address > 0 && address < 2 ** 53)) throw new LinalgError('out-of-memory', `${what}: the system refused ${bytes} bytes`)
  adviseHugePages(address, bytes)
  let held = true
  const placeOf = (at: number, count: number) => {
    if (!held || !(at >= 0 && at + count <= length))
      throw new RangeError(`native memory: ${count} numbers from ${at} do not lie inside its ${length}`)
    return address + 8 * at
  }
  return {
    address,
    length,
    write: (at, source) => void copyIn(placeOf(at, source.length), source, source.byteLength),
    read: (at, target) => void copyOut(target, placeOf(at, target.length), target.byteLength),
    release() {
      if (held) unmap(address, bytes)
      held = false
    }
  }
}
