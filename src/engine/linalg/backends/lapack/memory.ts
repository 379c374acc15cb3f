// Work space of the native routines: the embedded backend's memory first (pages already touched), ordinary buffers beyond its 4 GiB.
import { freemem } from 'node:os'
import type { LinalgCore } from '../../core'
import { LinalgError } from '../../interface'

export interface Memory {
  /** Refuses with code `out-of-memory` unless so many numbers, in pieces of at most `largest`, can be had. */
  require(routine: string, numbers: number): void
  take(length: number): Float64Array
  give(array: Float64Array): void
}

export function createMemory(embedded: Pick<LinalgCore, 'allocate' | 'release' | 'availableBytes'>): Memory {
  const fits = (numbers: number): boolean => numbers * 8 <= embedded.availableBytes
  return {
    require(routine, numbers) {
      if (fits(numbers) || numbers * 8 <= freemem()) return
      throw new LinalgError(
        'out-of-memory',
        `${routine}: needs ${gigabytes(numbers * 8)} of work space, ${gigabytes(Math.max(embedded.availableBytes, freemem()))} are free`
      )
    },
    take(length) {
      if (fits(length)) return embedded.allocate(length)
      try {
        return new Float64Array(length)
      } catch {
        throw new LinalgError('out-of-memory', `the system refused ${gigabytes(length * 8)} in one piece`)
      }
    },
    give: (array) => embedded.release(array)
  }
}

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB (${bytes} bytes)`
