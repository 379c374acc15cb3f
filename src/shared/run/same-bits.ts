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

interface Change {
  readonly since: number
  readonly affects: (steps: Steps) => boolean
}

/** Which steps have other bits since a version of the embedded kernels. */
const kernelChanges: readonly Change[] = [
  // Least squares, and steps on blocks of 1,000 rows and more, which need no eigenvectors since.
  { since: 2, affects: (steps) => steps.optimizer === 'fd-newton' || byBlocksFrom(1000, steps) },
  // Reductions in two stages.
  { since: 3, affects: (steps) => byBlocksFrom(2500, steps) }
]

/** The same of what calls native libraries. */
const callChanges: readonly Change[] = [
  // Two stages from there on, and panels factorized recursively.
  { since: 2, affects: (steps) => byBlocksFrom(3072, steps) }
]

interface Versioned {
  readonly version: number
  /** The rest of the description. */
  readonly build: string
  readonly changes: readonly Change[]
}

/** The version (of those told apart here) in a description; libraries were called without one before the second. */
function versionOf({ kind, description }: Backend): Versioned | null {
  if (kind === 'lapack') {
    const found = /^(.*?)(?:, calls (2))?$/.exec(description)
    return found && { version: Number(found[2] ?? 1), build: found[1], changes: callChanges }
  }
  const found = /^WebAssembly kernels ([123]) (.*)$/.exec(description)
  return found && { version: Number(found[1]), build: found[2], changes: kernelChanges }
}

/** Of these steps, on backends as runs record them. */
export function sameBits(steps: Steps, one: Backend, other: Backend): boolean {
  if (one.kind !== other.kind || one.threads !== other.threads) return false
  if (one.description === other.description) return true
  const [first, second] = [versionOf(one), versionOf(other)]
  if (!first || !second || first.build !== second.build) return false
  const [older, newer] = [Math.min(first.version, second.version), Math.max(first.version, second.version)]
  return !first.changes.some(({ since, affects }) => older < since && since <= newer && affects(steps))
}
