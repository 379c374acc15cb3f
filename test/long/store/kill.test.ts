// Twenty kills and more: training in child processes, SIGKILL at random moments, resumed; bit-identical final weights for every optimizer.
import { afterAll, describe, expect, it } from 'vitest'
import { killAndCompare, seededRandom } from '../../../bench/kill-harness'
import { optimizerKinds } from '../../../src/shared/spec/optimizers'

let kills = 0

describe('killed at random moments and resumed', () => {
  it.each(optimizerKinds.map((kind, k) => [kind, k] as const))('%s ends with the bytes of an undisturbed run', async (kind, k) => {
    const result = await killAndCompare({ kind, kills: 2, random: seededRandom(k + 1) })
    expect(result.faults).toEqual([])
    expect(result.kills).toBeGreaterThan(0)
    kills += result.kills
  })

  afterAll(() => expect(kills).toBeGreaterThanOrEqual(20))
})
