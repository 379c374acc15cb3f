// Memory that a second-order optimizer keeps between steps: its curvature blocks and one work space. Nothing in it influences a result.
import type { Linalg } from '../linalg'
import type { CurvatureBlock } from '../objective'

export interface CurvatureMemory {
  /** Blocks of the last step, for `reuse`. */
  readonly blocks: readonly CurvatureBlock[] | undefined
  /** Keeps these blocks in place of the last ones (whose memory they use). */
  keep(linalg: Linalg, blocks: readonly CurvatureBlock[]): void
  /** At least `length` numbers, or null when that many do not fit. */
  scratch(linalg: Linalg, length: number): Float64Array | null
  release(): void
}

export function curvatureMemory(): CurvatureMemory {
  let owner: Linalg | null = null
  let work: Float64Array | null = null
  let blocks: readonly CurvatureBlock[] | undefined
  return {
    get blocks() {
      return blocks
    },
    keep(linalg, next) {
      owner = linalg
      blocks = next
    },
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
        for (const block of blocks ?? []) owner.release(block.data)
      }
      work = null
      blocks = undefined
    }
  }
}
