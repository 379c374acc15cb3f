// χ of wide, deep tanh nets drawn anew against mean-field theory: the size at which it holds to 3 %.
import { expect, test } from 'vitest'
import { largest } from '../unit/engine/nn/nets'
import { chainNet } from '../unit/engine/analyses/depth-nets'

test.each([0.8, 1, 1.5])('χ of width 400 and depth 40 is within 3 % of the integral at q_l, over 20 seeds, at σ_w = %s', async (sigmaW) => {
  const { chi, predicted } = await chainNet({ width: 400, layers: 40, sigmaW, seeds: 20 })
  expect(chi).toHaveLength(39)
  expect(largest(chi.map((value, l) => value / predicted[l] - 1))).toBeLessThan(0.03)
})
