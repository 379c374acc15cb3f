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

const byBlocksFrom = (rows: number, { optimizer, parameters }: Steps) =>
  steppingByBlocks.includes(optimizer) && (parameters ?? Infinity) >= rows

/** Which steps have other bits since a version of the embedded kernels. */
const changes: readonly { readonly since: number; readonly affects: (steps: Steps) => boolean }[] = [
  // Least squares, and steps on blocks of 1,000 rows and more, which need no eigenvectors since.
  { since: 2, affects: (steps) => steps.optimizer === 'fd-newton' || byBlocksFrom(1000, steps) },
  // Reductions in two stages.
  { since: 3, affects: (steps) => byBlocksFrom(2500, steps) }
]

/** Of a description of the embedded kernels: its version (of those told apart here), and the rest of it. */
function versionOf(description: string): readonly [version: number, build: string] | null {
  const found = /^WebAssembly kernels ([123]) (.*)$/.exec(description)
  return found && [Number(found[1]), found[2]]
}

/** Of these steps, on backends as runs record them. */
export function sameBits(steps: Steps, one: Backend, other: Backend): boolean {
  if (one.kind !== other.kind || one.threads !== other.threads) return false
  if (one.description === other.description) return true
  const [first, second] = [versionOf(one.description), versionOf(other.description)]
  if (!first || !second || first[1] !== second[1]) return false
  const [older, newer] = [Math.min(first[0], second[0]), Math.max(first[0], second[0])]
  return !changes.some(({ since, affects }) => older < since && since <= newer && affects(steps))
}
