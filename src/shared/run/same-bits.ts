// Whether two backends take a run's steps to the same bits.
import type { OptimizerKind } from '../spec/schema'

interface Backend {
  readonly kind: string
  readonly description: string
  readonly threads: number
}

interface Steps {
  readonly optimizer: OptimizerKind
  /** Null where it is not recorded. */
  readonly parameters: number | null
}

const steppingByBlocks: readonly OptimizerKind[] = ['sfn', 'damped-newton', 'levenberg-marquardt']

/** What changed with the embedded kernels' second version: least squares, and steps on blocks of 1,000 rows and more, which need no eigenvectors since. */
const changedSinceFirst = ({ optimizer, parameters }: Steps) =>
  optimizer === 'fd-newton' || (steppingByBlocks.includes(optimizer) && (parameters ?? Infinity) >= 1000)

const unversioned = (description: string) => description.replace(/^WebAssembly kernels [12](?= )/, 'WebAssembly kernels')

/** Of these steps, on backends as runs record them. */
export function sameBits(steps: Steps, one: Backend, other: Backend): boolean {
  if (one.kind !== other.kind || one.threads !== other.threads) return false
  if (one.description === other.description) return true
  return !changedSinceFirst(steps) && unversioned(one.description) === unversioned(other.description)
}
