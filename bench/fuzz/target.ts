// One reader of foreign files under the fuzz.
import type { RandomGenerator } from '../../src/engine/random'

export interface FuzzTarget {
  readonly name: string
  /** Share of all cases. */
  readonly weight: number
  make(random: RandomGenerator): Uint8Array
  /** Reads one case as the file `case` (or one below `folder`). */
  read(bytes: Uint8Array, folder: string): unknown
}
