// Runs seeded cases against every target and counts; a violation is described with the numbers that make it again.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomStream } from '../../src/engine/random'
import { faultOfError, fuzzTargets } from './targets'

export interface FuzzCount {
  readonly target: string
  cases: number
  accepted: number
  refused: number
  slowestMilliseconds: number
  /** Target, number and what went wrong. */
  readonly violations: string[]
}

/** About `total` cases, shared by weight. Case k of a target depends on seed, target and k alone. */
export async function fuzz(total: number, seed: number, signal?: AbortSignal): Promise<FuzzCount[]> {
  const weights = fuzzTargets.reduce((sum, target) => sum + target.weight, 0)
  const counts: FuzzCount[] = []
  for (const target of fuzzTargets) {
    const count: FuzzCount = { target: target.name, cases: 0, accepted: 0, refused: 0, slowestMilliseconds: 0, violations: [] }
    const folder = mkdtempSync(join(tmpdir(), 'saddlescope-fuzz-'))
    try {
      for (let k = 0; k < Math.ceil((total * target.weight) / weights); k++) {
        signal?.throwIfAborted()
        const bytes = target.make(randomStream(seed, `fuzz ${target.name} ${k}`))
        count.cases++
        const start = performance.now()
        try {
          await target.read(bytes, folder)
          count.accepted++
        } catch (error) {
          count.refused++
          const fault = faultOfError(error)
          if (fault !== null) count.violations.push(`${target.name}, seed ${seed}, case ${k}: ${fault}`)
        }
        count.slowestMilliseconds = Math.max(count.slowestMilliseconds, performance.now() - start)
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
    counts.push(count)
  }
  return counts
}
