// Memory that a second-order optimizer keeps between steps: its curvature blocks and one work space. Nothing in it influences a result.
import type { Linalg } from '../linalg'
import type { CurvatureBlock } from '../problem'

export interface CurvatureMemory {
  /** Blocks of the last step, for `reuse`. */
  blocks: readonly CurvatureBlock[] | undefined
  /** At least `length` numbers, or null when that many do not fit. */
  scratch(linalg: Linalg, length: number): Float64Array | null
  release(): void
}

export function curvatureMemory(): CurvatureMemory {
  let owner: Linalg | null = null
  let work: Float64Array | null = null
  return {
    blocks: undefined,
    scratch(linalg, length) {
      owner = linalg
      if (work !== null && work.length >= length) return work
      if (work !== null) linalg.release(work)
      work = null
      if (linalg.availableBytes < 8 * length) return null
      work = linalg.allocate(length)
      return work
    },
    release() {
      if (owner !== null) {
        if (work !== null) owner.release(work)
        for (const block of this.blocks ?? []) owner.release(block.data)
      }
      work = null
      this.blocks = undefined
    }
  }
}
