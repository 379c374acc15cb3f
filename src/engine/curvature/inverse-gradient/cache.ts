// Factorizations of batches, kept for the epochs that follow: they depend on the inputs alone.
import type { Linalg } from '../../linalg'
import type { BatchFactorization } from './factorization'

/** In memory, on disk, or both: the arrays are plain data. */
export interface FactorizationCache {
  get(key: string): Promise<BatchFactorization | null>
  put(key: string, factorization: BatchFactorization): Promise<void>
  /** True while the cache owns the arrays of this factorization, so that nobody else gives them back. */
  owns(factorization: BatchFactorization): boolean
  /** Gives everything back. */
  release(): void
}

export function factorizationBytes(factorization: BatchFactorization): number {
  return Object.values(factorization.arrays).reduce((sum, { data }) => sum + 8 * data.length, 0)
}

export function releaseFactorization(linalg: Linalg, factorization: BatchFactorization): void {
  for (const { data } of Object.values(factorization.arrays)) linalg.release(data)
}

/**
 * Keeps factorizations in memory up to a budget in bytes. What does not fit any more is not taken in: batches come round in a cycle, for which
 * throwing out the oldest would lose every one of them just before its turn.
 */
export function memoryFactorizations(linalg: Linalg, maxBytes: number): FactorizationCache {
  const kept = new Map<string, BatchFactorization>()
  let bytes = 0
  return {
    get: async (key) => kept.get(key) ?? null,
    async put(key, factorization) {
      const size = factorizationBytes(factorization)
      if (kept.has(key) || bytes + size > maxBytes) return
      kept.set(key, factorization)
      bytes += size
    },
    owns: (factorization) => [...kept.values()].includes(factorization),
    release() {
      for (const factorization of kept.values()) releaseFactorization(linalg, factorization)
      kept.clear()
      bytes = 0
    }
  }
}
