// Adapted damping stays within bounds, whatever the batches do.
import { expect, test } from 'vitest'
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
