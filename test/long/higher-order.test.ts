// AR3 from many more hard starts than npm test has time for.
import { describe, expect, test } from 'vitest'
import { norm } from '../../src/engine/linalg/vectors'
import { openPlain } from '../reference/linalg/plain'
import { eigenvaluesAt, rosenbrockChain, wells, xorNet } from '../unit/engine/optimizers/hard-starts'
import { walk } from '../unit/engine/optimizers/walk'

const linalg = openPlain()

describe('AR3 ends at a minimum', () => {
  test.each([
    { name: 'Rosenbrock’s valley in 2 variables', problem: rosenbrockChain(linalg, 2), starts: 100 },
    { name: 'Rosenbrock’s valley in 7 variables', problem: rosenbrockChain(linalg, 7), starts: 50 },
    { name: 'Rosenbrock’s valley in 20 variables', problem: rosenbrockChain(linalg, 20), starts: 30 },
    { name: 'a polynomial full of saddles', problem: wells(linalg), starts: 200 },
    { name: 'XOR nets', problem: xorNet(linalg), starts: 100 }
  ])(
    'of $name from each of $starts starts',
    async ({ problem: { objective, next, below = Infinity }, starts }) => {
      let learned = 0
      for (let k = 0; k < starts; k++) {
        const start = await next()
        const { points, gradient, loss } = await walk(linalg, objective, start, { kind: 'ar3' }, 150, (g) => norm(g) <= 1e-8)
        expect(norm(gradient), `from ${start}`).toBeLessThanOrEqual(1e-8)
        expect((await eigenvaluesAt(objective, points.at(-1) ?? start))[0], `from ${start}`).toBeGreaterThan(0)
        if (loss < below) learned++
      }
      expect(learned).toBeGreaterThanOrEqual(0.9 * starts)
    },
    300_000
  )
})
