// Seeded randomness of a run: independent named streams, and what is drawn from them.
import type { RandomGenerator } from '../../shared/random'

export { randomStream, restoreRandom, type RandomGenerator, type RandomState } from '../../shared/random'

/** Fills with normal deviates of standard deviation `scale`, in order. */
export function fillNormal(generator: RandomGenerator, array: Float64Array, scale = 1): Float64Array {
  for (let i = 0; i < array.length; i++) array[i] = generator.normal() * scale
  return array
}

/** Fills with −1 and +1, each with probability ½. */
export function fillSigns(generator: RandomGenerator, array: Float64Array): Float64Array {
  for (let i = 0; i < array.length; i++) array[i] = generator.nextUint32() < 2147483648 ? -1 : 1
  return array
}

/** Puts the entries into a uniformly random order, in place (Fisher & Yates; Durstenfeld 1964). */
export function shuffleInPlace<T extends Int32Array | Uint32Array | Float64Array | unknown[]>(generator: RandomGenerator, array: T): T {
  for (let i = array.length - 1; i > 0; i--) {
    const j = generator.below(i + 1)
    const kept = array[i]
    array[i] = array[j]
    array[j] = kept
  }
  return array
}

/** A uniformly random order of 0 … n − 1. */
export function shuffledOrder(generator: RandomGenerator, n: number): Uint32Array {
  const order = new Uint32Array(n)
  for (let i = 0; i < n; i++) order[i] = i
  return shuffleInPlace(generator, order)
}
