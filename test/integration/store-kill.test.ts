// Kills while training: child processes, SIGKILL at random moments, resumed; bit-identical final weights without and with curvature (for every kind of optimizer: the long tests).
import { describe, expect, it } from 'vitest'
import { killAndCompare, seededRandom } from '../../bench/kill-harness'

describe('killed at random moments and resumed', () => {
  it.each([
    ['adam', 1],
    ['sfn', 2]
  ] as const)('%s ends with the bytes of an undisturbed run', async (kind, seed) => {
    const result = await killAndCompare({ kind, kills: 2, random: seededRandom(seed) })
    expect(result.faults).toEqual([])
    expect(result.kills).toBeGreaterThan(0)
  })
})
