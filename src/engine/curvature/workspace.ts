// Work space of an assembly: arrays are kept and used again for the next chunk of samples.
import { productsFor, type Linalg, type Products } from '../linalg'

/** What an assembly asks of the backend. Arrays of `allocate` hold anything; give them back with `release`. */
export interface Workspace extends Products {
  /** Gives what is waiting back to the backend. */
  trim(): void
  /** Gives everything back, also what a term that failed or was cancelled did not. */
  dispose(): void
}

/** For an assembly of so many flops. A released array waits for the next request of its length: chunk after chunk asks for the same ones. */
export function openWorkspace(linalg: Linalg, flops: number, plainFlops?: number): Workspace {
  const products = productsFor(linalg, flops, plainFlops)
  const waiting = new Map<number, Float64Array[]>()
  const taken = new Set<Float64Array>()
  const giveBack = (array: Float64Array) => {
    taken.delete(array)
    products.release(array)
  }
  return {
    gemm: products.gemm,
    gemmOuterBatch: products.gemmOuterBatch,
    spread: products.spread,
    mirrorUpperInPlace: products.mirrorUpperInPlace,
    allocate(length) {
      const array = waiting.get(length)?.pop() ?? products.allocate(length, 'anything')
      taken.add(array)
      return array
    },
    release(array) {
      const list = waiting.get(array.length)
      if (list) list.push(array)
      else waiting.set(array.length, [array])
    },
    trim() {
      for (const list of waiting.values()) list.forEach(giveBack)
      waiting.clear()
    },
    dispose() {
      for (const array of taken) giveBack(array)
      waiting.clear()
    }
  }
}
