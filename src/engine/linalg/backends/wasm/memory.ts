// The allocator of the shared memory: a first-fit free list by address. Freed memory is kept and reused, since first touch is dear.
import { LinalgError, type MemoryCount } from '../../interface'
import { firstFreeAddress } from './control'
import { createMemory, pageBytes, type SharedMemory } from './webassembly'
import { messageOf } from '../../../../shared/format/message-of'

const alignment = 64

export interface Allocator {
  readonly memory: SharedMemory
  /** Bytes of the largest block that could still be handed out. */
  available(): number
  /** Address of `bytes` bytes (zeroed when asked). Throws `out-of-memory`, saying what for and how much. */
  allocate(bytes: number, purpose: string, zeroed?: boolean): number
  /** All of the blocks or none: throws `out-of-memory` with the sum before anything is allocated. */
  allocateAll(bytes: readonly number[], purpose: string): number[]
  /** Gives a block back; false when the address is not one of ours. */
  release(address: number): boolean
  /** Blocks handed out and given back so far, and the bytes that are held. */
  count(): MemoryCount
  /** A view of `length` numbers. */
  view(address: number, length: number): Float64Array
  /** Address of an array that lies in this memory, otherwise −1. */
  addressOf(array: Float64Array): number
}

interface Gap {
  start: number
  end: number
}

const gigabytes = (bytes: number) => (bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${(bytes / 1e6).toFixed(1)} MB`)

function reserve(): ReturnType<typeof createMemory> {
  try {
    return createMemory(Math.ceil(firstFreeAddress / pageBytes))
  } catch (error) {
    const reason = messageOf(error)
    throw new LinalgError('backend', `the wasm backend found no address space for a shared memory of 64 MiB or more: ${reason}`)
  }
}

export function createAllocator(): Allocator {
  const { memory, maximumPages } = reserve()
  const mostBytes = maximumPages * pageBytes
  /** Free blocks below `end`, by address; neighbours are merged. */
  const gaps: Gap[] = []
  const used = new Map<number, number>()
  /** Every buffer object this memory has had: growing makes a new one over the same bytes. */
  const buffers = new WeakSet<ArrayBufferLike>([memory.buffer])
  let end = firstFreeAddress
  let allocations = 0
  let heldBytes = 0
  /** Memory from here on was never handed out, so it is zero. */
  let untouched = firstFreeAddress

  const rounded = (bytes: number) => Math.max(alignment, Math.ceil(bytes / alignment) * alignment)

  function grow(to: number): boolean {
    const pages = Math.ceil(to / pageBytes) - memory.buffer.byteLength / pageBytes
    try {
      if (pages > 0) memory.grow(pages)
    } catch {
      return false
    }
    buffers.add(memory.buffer)
    return true
  }

  function take(bytes: number): number {
    const size = rounded(bytes)
    let index = gaps.findIndex((gap) => gap.end - gap.start >= size)
    if (index < 0) {
      const last = gaps.length > 0 && gaps[gaps.length - 1].end === end ? gaps[gaps.length - 1] : null
      const start = last ? last.start : end
      if (start + size > mostBytes || !grow(start + size)) return -1
      if (last) last.end = start + size
      else gaps.push({ start, end: start + size })
      end = start + size
      index = gaps.length - 1
    }
    const gap = gaps[index]
    const address = gap.start
    gap.start += size
    if (gap.start === gap.end) gaps.splice(index, 1)
    used.set(address, size)
    allocations++
    heldBytes += size
    return address
  }

  function release(address: number): boolean {
    const size = used.get(address)
    if (size === undefined) return false
    used.delete(address)
    heldBytes -= size
    let index = gaps.findIndex((gap) => gap.start > address)
    if (index < 0) index = gaps.length
    gaps.splice(index, 0, { start: address, end: address + size })
    if (index + 1 < gaps.length && gaps[index].end === gaps[index + 1].start) {
      gaps[index].end = gaps[index + 1].end
      gaps.splice(index + 1, 1)
    }
    if (index > 0 && gaps[index - 1].end === gaps[index].start) {
      gaps[index - 1].end = gaps[index].end
      gaps.splice(index, 1)
    }
    return true
  }

  function available(): number {
    const last = gaps.length > 0 && gaps[gaps.length - 1].end === end ? gaps[gaps.length - 1].start : end
    return gaps.reduce((most, gap) => Math.max(most, gap.end - gap.start), mostBytes - last)
  }

  function refuse(bytes: number, purpose: string): never {
    throw new LinalgError(
      'out-of-memory',
      `${purpose} needs ${bytes} bytes (${gigabytes(bytes)}) of the wasm backend's memory, which has ${available()} (${gigabytes(available())}) left of ${mostBytes / 2 ** 30} GiB`
    )
  }

  function allocateAll(bytes: readonly number[], purpose: string): number[] {
    const addresses: number[] = []
    for (const size of bytes) {
      const address = take(size)
      if (address < 0) {
        addresses.forEach(release)
        refuse(
          bytes.reduce((sum, one) => sum + one, 0),
          purpose
        )
      }
      addresses.push(address)
    }
    for (let index = 0; index < addresses.length; index++) untouched = Math.max(untouched, addresses[index] + rounded(bytes[index]))
    return addresses
  }

  // The engine also makes a new buffer object some time after a growth, without our asking: every one that is handed out must be known.
  const view = (address: number, length: number) => {
    const { buffer } = memory
    buffers.add(buffer)
    return new Float64Array(buffer, address, length)
  }

  return {
    memory,
    available,
    allocateAll,
    release,
    view,
    count: () => ({ allocations, releases: allocations - used.size, heldBytes }),
    allocate(bytes, purpose, zeroed = false) {
      const fresh = untouched
      const [address] = allocateAll([bytes], purpose)
      if (zeroed && address < fresh) new Uint8Array(memory.buffer, address, Math.min(bytes, fresh - address)).fill(0)
      return address
    },
    addressOf: (array) => (buffers.has(array.buffer) ? array.byteOffset : -1)
  }
}
