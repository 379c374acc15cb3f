// Adapted damping stays within bounds, whatever the batches do, and never takes a step known not to be finite.
import { describe, expect, test } from 'vitest'
import { chooseDamping, type Trial } from '../../../../src/engine/optimizers/adapt'
import type { StepInput } from '../../../../src/engine/optimizers'

const choice = { adapt: 'levenberg', candidates: [] } as const
const input = (loss: number, after: number) =>
  ({ parameters: Float64Array.of(0), loss, damping: 1, objective: { loss: async () => after } }) as unknown as StepInput
const attempt = async (damping: number): Promise<Trial> => ({
  damping,
  direction: Float64Array.of(1),
  update: Float64Array.of(1),
  predicted: 1,
  path: {}
})

test('batches that cannot be improved raise it to a ceiling, from which it comes down again', async () => {
  let damping = 1
  for (let step = 0; step < 100; step++) {
    const { nextDamping, trial } = await chooseDamping(choice, attempt, damping, input(1, 1))
    expect(trial.update).toEqual(Float64Array.of(0))
    damping = nextDamping ?? Number.NaN
    expect(Number.isFinite(damping)).toBe(true)
  }
  expect(damping).toBe(1e12)
  expect((await chooseDamping(choice, attempt, damping, input(1, 0))).nextDamping).toBeCloseTo(1e12 / 3, -3)
  expect((await chooseDamping(choice, attempt, Infinity, input(1, 0))).trial.damping).toBe(1e12)
})

test('good models lower it to a floor above zero', async () => {
  let damping = 1
  for (let step = 0; step < 100; step++) damping = (await chooseDamping(choice, attempt, damping, input(1, 0))).nextDamping ?? 0
  expect(damping).toBe(1e-15)
})

describe('what is not finite', () => {
  const steps = (updates: Readonly<Record<number, number>>) => async (damping: number) => ({
    ...(await attempt(damping)),
    update: Float64Array.of(updates[damping])
  })
  /** Loss as a function of the one parameter, which starts at 0. */
  const losing = (loss: (x: number) => number) =>
    ({
      parameters: Float64Array.of(0),
      loss: 1,
      damping: 1,
      objective: { loss: async ([x]: Float64Array) => loss(x) }
    }) as unknown as StepInput

  test.each([Number.NaN, Infinity, -Infinity])('a loss of %d is neither the best nor an improvement', async (bad) => {
    const best = { adapt: 'best-of', candidates: [1, 2, 3] } as const
    const some = await chooseDamping(
      best,
      steps({ 1: 5, 2: 0.5, 3: 5 }),
      0,
      losing((x) => (x > 1 ? bad : 7))
    )
    expect([some.trial.damping, some.notes]).toEqual([2, []])
    const none = await chooseDamping(
      best,
      steps({ 1: 5, 2: 6, 3: 7 }),
      0,
      losing((x) => (x > 1 ? bad : 7))
    )
    expect([...none.trial.update]).toEqual([0])
    expect(none.notes).toEqual([expect.stringMatching(/^no damping of 1, 2, 3 leads to a finite loss: no step; /)])
    const raised = await chooseDamping(
      choice,
      async (damping) => ({ ...(await attempt(damping)), update: Float64Array.of(8 / damping) }),
      1,
      losing((x) => (x > 1 ? bad : x - 1))
    )
    // 8, 2 and ½ are tried; only the last is finite.
    expect([raised.losses, ...raised.trial.update]).toEqual([3, 0.5])
  })

  test('weights that are infinite are not asked for their loss: a saturated net would have one', async () => {
    const asked: number[] = []
    const best = { adapt: 'best-of', candidates: [1, 2] } as const
    const found = await chooseDamping(
      best,
      steps({ 1: Infinity, 2: 0.5 }),
      0,
      losing((x) => (asked.push(x), 0))
    )
    expect(asked).toEqual([0.5])
    expect(found.trial.damping).toBe(2)
  })

  test('a prediction that is not a number counts as a poor model', async () => {
    const unsure = async (damping: number) => ({ ...(await attempt(damping)), predicted: Number.NaN })
    expect((await chooseDamping(choice, unsure, 1, input(1, 0))).nextDamping).toBe(2)
  })
})
