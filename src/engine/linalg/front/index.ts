// The front: checks operands, ranges and options once for every backend, completes a backend by the shared routines, and hands out results that own their memory.
import type { Backend } from '../core'
import { LinalgError, type Linalg } from '../interface'
import { checkCount } from './checks'
import { eigenproblems } from './eigenproblems'
import { factorizations } from './factorizations'
import { openGate } from './gate'
import { products } from './products'

/** The whole of `Linalg` over a backend, of which it disposes. */
export function openFront(backend: Backend): Linalg {
  const gate = openGate(backend)
  // What a backend holds for itself, like the scratch of its threads, is none of its callers' business.
  const own = backend.memory
  return {
    info: backend.info,
    kernels: backend.kernels,
    allocate(length, content) {
      gate.begin()
      checkCount('allocate', 'the length', length)
      return backend.allocate(length, content)
    },
    release: (array) => backend.release(array),
    get availableBytes() {
      return backend.availableBytes
    },
    get memory() {
      const { allocations, releases, heldBytes } = backend.memory
      return {
        allocations: allocations - own.allocations,
        releases: releases - own.releases,
        heldBytes: heldBytes - own.heldBytes
      }
    },
    ...products(gate),
    ...eigenproblems(gate),
    ...factorizations(gate),
    openLarge(order, vectors) {
      gate.begin()
      checkCount('openLarge', 'the order', order)
      if (!backend.openLarge)
        throw new LinalgError('backend', 'matrices beyond the embedded memory need a native LAPACK, and the embedded kernels are in use')
      return backend.openLarge(order, vectors)
    },
    dispose() {
      gate.close()
      return backend.dispose()
    }
  }
}
