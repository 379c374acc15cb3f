// The Lyapunov spectrum of training: how fast small differences of weights and optimizer state grow or shrink a step, along every direction.
import { z } from 'zod'
import type { AnalysisFacts } from './facts'

/** Most rows of the running estimate. */
export const mostRunning = 1000
/** Blocks of steps whose means give the standard errors. */
export const meanBlocks = 20

export const lyapunov = {
  of: 'point',
  title: 'Lyapunov spectrum',
  summary:
    'Training as an iterated map of weights and optimizer state: from a checkpoint or a spec’s start it goes on by the run’s own optimizer and batches, with the tangent map of every step, and gives the exponents ln|growth| a step, their sum, Ruelle’s bound and the Kaplan–Yorke dimension.',
  options: z.strictObject({
    steps: z.number().int().min(1).max(1e8).default(1000).describe('that are averaged over, after those discarded'),
    exponents: z
      .union([z.literal('all'), z.number().int().min(1)])
      .default('all')
      .describe(
        '`all`: as many as the state has numbers (P weights; 2P with momentum, 3P with Adam), or the first k of them: finite-time values depend on the vectors that they start from, which are the first k axes'
      ),
    discard: z.number().int().min(0).max(1e8).default(0).describe('steps that run first, tangent vectors too, and are not averaged over'),
    tangent: z
      .enum(['exact', 'difference'])
      .default('exact')
      .describe('tangent map of a step: from exact derivatives where the optimizer has them, or by central differences of the whole step'),
    orthogonalizeEvery: z
      .number()
      .int()
      .min(1)
      .max(1000)
      .nullable()
      .default(null)
      .describe('steps between two orthogonalizations of the tangent vectors; null: as many as keep them well conditioned'),
    r: z
      .number()
      .positive()
      .max(0.1)
      .nullable()
      .default(null)
      .describe(
        'length of the differences, in weights; null: ∛ε times the larger of 1 and the weights’ root mean square. Only where differences are taken'
      )
  }),
  arrays: {
    exponents: { meaning: 'Lyapunov exponents, descending; −∞ for directions that a step destroys', unit: 'nats a step' },
    errors: {
      meaning:
        'standard error of each, from the means of 20 blocks of steps (fewer where there are fewer than 40 steps); NaN where that cannot be said',
      unit: 'nats a step'
    },
    running: { meaning: 'the same estimates after fewer steps, a row a time, columns in the order of `exponents`', unit: 'nats a step' },
    runningSteps: { meaning: 'steps that a row of `running` averages over', unit: 'steps' },
    oneStep: {
      meaning:
        'exponents of a single step of gradient descent, ln|1 − ηλ| over the stored spectrum of a snapshot, a row a snapshot, in the order of its ascending eigenvalues; NaN where it has none; left out for other optimizers and where no snapshot has one',
      unit: 'nats a step'
    },
    oneStepSteps: { meaning: 'step of each row of `oneStep`', unit: 'steps' }
  },
  figures: {
    largest: 'largest exponent, nats a step',
    largestError: 'its standard error',
    sum: 'of the exponents computed, nats a step',
    logDeterminant:
      'mean of ln|det| of the steps’ tangent maps, by another way than the exponents; null where only some exponents were asked for or nothing but differences is known',
    sumPositive: 'sum of the positive exponents: Ruelle’s upper bound of the entropy, nats a step',
    kaplanYorke: 'Kaplan–Yorke dimension; null where the sum of those computed is not negative, so that it does not end among them',
    positive: 'exponents above 0',
    steps: 'that were averaged over',
    dimension: 'numbers of the state: weights, and what the optimizer remembers a weight',
    sharpness: 'largest |eigenvalue| of the Hessian at the last weights, on the batch of the step after; null beyond 3,000 weights',
    twoOverEta: '2/η at the last step, the sharpness at which gradient descent turns unstable; null for other optimizers',
    orthogonalizations: 'QR factorizations that were made',
    fallbacks: 'of them by Householder reflections, where vectors were too close to dependent for Cholesky',
    resumed: 'steps that an earlier, interrupted analysis had done',
    departure:
      'largest difference of a weight from the run’s own checkpoints on the way: 0 is bit for bit the run; null where the run has none there'
  },
  checks: {
    determinant: '|Σ exponents − mean of ln|det||, by another way, over the larger of 1 and the largest |exponent|',
    tangent:
      'exact tangent map of the first step against central differences of the whole step, ‖difference‖ over ‖map‖, the worst of a few directions, each at the best of several lengths',
    orthogonality: 'largest |Q Qᵀ − 1| of the last tangent vectors'
  }
} as const satisfies AnalysisFacts
