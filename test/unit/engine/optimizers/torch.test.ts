// First-order optimizers and L-BFGS against trajectories of PyTorch (test/reference/optimizers/make.py).
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { play } from '../../../../src/engine/training/play'
import { optimizerSchema } from '../../../../src/shared/spec/schema'
import { openPlain } from '../../../reference/linalg/plain'

interface Golden {
  readonly function: string
  readonly start: number[]
  readonly optimizer: { readonly kind: string }
  readonly points: number[][]
}

const goldens: Golden[] = JSON.parse(readFileSync(new URL('../../../reference/optimizers/torch.json', import.meta.url), 'utf8'))

describe('the rules of PyTorch', () => {
  test.each(goldens.map((golden) => [golden.function, JSON.stringify(golden.optimizer), golden] as const))(
    '%s by %s',
    async (_, __, golden) => {
      const [trajectory] = await play(
        { linalg: openPlain() },
        {
          function: golden.function,
          start: golden.start,
          optimizers: [optimizerSchema.parse(golden.optimizer)],
          steps: golden.points.length
        }
      )
      expect(trajectory.ended).toBeNull()
      expect(trajectory.points).toHaveLength(golden.points.length + 1)
      golden.points.forEach((expected, step) => {
        const point = trajectory.points[step + 1]
        // Rounding differs between the two programs and grows along a trajectory: fast for L-BFGS with fixed steps, which is chaotic in a narrow valley.
        const tolerance = golden.optimizer.kind === 'l-bfgs' && step >= 3 ? 1e-6 : 1e-9
        for (let i = 0; i < 2; i++) expect(Math.abs(point[i] - expected[i])).toBeLessThan(tolerance * (1 + Math.abs(expected[i])))
      })
    }
  )
})
