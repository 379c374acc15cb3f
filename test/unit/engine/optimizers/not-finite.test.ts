// Steps that lead where a function is not finite, and numbers whose squares leave the range of doubles.
import { describe, expect, test } from 'vitest'
import { play, type Trajectory } from '../../../../src/engine/training/play'
import { initialState, train } from '../../../../src/engine/training'
import { optimizerSchema } from '../../../../src/shared/spec/schema'
import { metricsLineSchema } from '../../../../src/shared/run/schema'
import { openPlain } from '../../../reference/linalg/plain'
import { memorySink, smallData, smallSpec, startWeights } from '../training/memory-sink'

const linalg = openPlain()

async function trajectory(
  expression: string,
  start: readonly number[],
  optimizer: Record<string, unknown>,
  steps = 20
): Promise<Trajectory> {
  const [played] = await play({ linalg }, { function: expression, start, optimizers: [optimizerSchema.parse(optimizer)], steps })
  return played
}
const last = ({ points }: Trajectory) => points[points.length - 1]

describe('L-BFGS', () => {
  test('with a line search ends at the minimum of x − log x + y², next to which x < 0 is not a number', async () => {
    const played = await trajectory('x - log(x) + y^2', [5, 1], { kind: 'l-bfgs', lineSearch: 'strong-wolfe' })
    expect(played.ended).toBeNull()
    expect(Math.abs(last(played)[0] - 1)).toBeLessThan(1e-4)
    expect(Math.abs(last(played)[1])).toBeLessThan(1e-4)
  })

  test.each([
    // Falls to −∞ at the wall x = 0: every step goes nearer, none across.
    ['log(x) + y^2', [5, 1]],
    ['sqrt(x) + y^2', [2, 1]],
    ['-sqrt(1 - x^2 - y^2) + 3*x', [0.1, 0.2]],
    ['x^1.5 - 0.1*x + y^2', [0.5, 0.3]]
  ])('on %s every point is finite and none higher than the one before', async (expression, start) => {
    const played = await trajectory(expression, start, { kind: 'l-bfgs', lineSearch: 'strong-wolfe' })
    expect(played.ended).toBeNull()
    played.values.forEach((value, step) => {
      expect(value).not.toBeNull()
      if (step > 0) expect(Number(value)).toBeLessThanOrEqual(Number(played.values[step - 1]))
    })
    expect(Number(played.values[1])).toBeLessThan(Number(played.values[0]))
  })

  test('says when there is nothing finite beyond its start, and stays', async () => {
    // At x = 0 the loss is 0 and its slope 1; to the left of it x^1.5 is not a number.
    const played = await trajectory('x^1.5 + x', [0], { kind: 'l-bfgs', lineSearch: 'strong-wolfe' }, 3)
    expect(played.ended).toBeNull()
    expect(last(played)).toEqual([0])
    expect(played.notes).toEqual(['step 1: the line search found no finite loss below that of its start: it stays there'])
  })

  test('with fixed steps ends as diverged in the step that leaves the domain, its history clean', async () => {
    const played = await trajectory('x - log(x) + y^2', [5, 1], { kind: 'l-bfgs' })
    expect(played.ended).toMatch(
      /^step 1: fixed steps of l-bfgs run into a loss or gradient that is not finite \(inner iteration 4; .*\) at x = 5, y = 1$/
    )
    expect(last(played)).toEqual([5, 1])
  })

  test('minimizes where the squares of the gradient overflow', async () => {
    const played = await trajectory('x^2*1e200 + y^2', [1, 1], { kind: 'l-bfgs', lineSearch: 'strong-wolfe' })
    expect(played.ended).toBeNull()
    expect(Math.abs(last(played)[0])).toBeLessThan(1e-12)
  })
})

describe('second-order steps', () => {
  test.each(['sfn', 'damped-newton', 'levenberg-marquardt', 'sfn-krylov'])(
    '%s takes no step that every damping makes a NaN',
    async (kind) => {
      const optimizer = { kind, learningRate: 1, damping: { adapt: 'best-of', candidates: [0.1, 0.01] } }
      const played = await trajectory('x^1.5 - 0.1*x + y^2', [0.033, 0.1], optimizer, 3)
      expect(played.ended).toBeNull()
      for (const [x, y] of played.points) expect([x, y]).toEqual([0.033, 0.1])
      expect(played.notes).toEqual([
        'step 1: no damping of 0.1, 0.01 leads to a finite loss: no step; a larger one or a smaller learning rate would do'
      ])
      expect(played.lines.map(({ stepNorm, predictedDecrease, actualDecrease }) => [stepNorm, predictedDecrease, actualDecrease])).toEqual(
        [1, 2, 3].map(() => [0, 0, 0])
      )
    }
  )

  test('best-of prefers a damping that stays finite to one that does not', async () => {
    const optimizer = { kind: 'sfn', learningRate: 1, damping: { adapt: 'best-of', candidates: [0.01, 100] } }
    const played = await trajectory('x^1.5 - 0.1*x + y^2', [0.033, 0.1], optimizer, 1)
    expect(played.lines[0].damping).toBe(100)
    expect(Number(played.values[1])).toBeLessThan(Number(played.values[0]))
  })

  test('levenberg raises its damping until the loss is finite and lower', async () => {
    const played = await trajectory('x^1.5 - 0.1*x + y^2', [0.5, 0.3], { kind: 'sfn', learningRate: 1, damping: { adapt: 'levenberg' } })
    expect(played.ended).toBeNull()
    played.values.slice(1).forEach((value, step) => expect(Number(value)).toBeLessThanOrEqual(Number(played.values[step])))
    expect(last(played)[0]).toBeCloseTo((0.1 / 1.5) ** 2, 6)
  })

  test('sfn-krylov where the norm of the gradient would overflow', async () => {
    const played = await trajectory('x^2*1e200 + y^2', [1, 1], { kind: 'sfn-krylov', vectors: 2 }, 5)
    expect(played.ended).toBeNull()
    expect(played.lines[0].gradNorm).toBe(2e200)
    expect(Math.abs(last(played)[0])).toBeLessThan(1e-12)
    expect(Math.abs(last(played)[1])).toBeLessThan(1e-3)
  })
})

test('a gradient beyond the range ends the run as diverged, not as failed', async () => {
  const played = await trajectory('1.4e308*x + 1.4e308*y', [0.1, 0.1], { kind: 'gd' })
  expect(played.ended).toBe('step 1: the norm of the gradient is infinite at x = 0.1, y = 0.1')
})

test('a line of metrics holds finite numbers only: gradient descent with a rate of 1e200', async () => {
  const spec = smallSpec({
    optimizer: { kind: 'gd', learningRate: 1e200 },
    model: { layers: [3, 4, 2], activation: { kind: 'identity' }, bias: true },
    budget: { steps: 5 }
  })
  const sink = memorySink()
  const outcome = await train({ linalg }, { spec, state: initialState(spec, startWeights(26)), sink }, smallData())
  expect(outcome.reason).toBe('diverged')
  expect(sink.lines).toHaveLength(1)
  const [line] = sink.lines.map((one) => metricsLineSchema.parse(JSON.parse(JSON.stringify(one))))
  expect(line.stepNorm / (1e200 * line.gradNorm)).toBeCloseTo(1, 14)
})
