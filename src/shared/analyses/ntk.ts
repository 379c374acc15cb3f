// The neural tangent kernel's spectrum, beside the Gauss–Newton matrix's own.
import { z } from 'zod'
import { dataOption, type AnalysisFacts } from './facts'

const curvature = 'loss per squared weight'

export const ntk = {
  of: 'point',
  title: 'Neural tangent kernel',
  summary:
    'Eigenvalues of J Jᵀ, with J the derivative of every output of every sample by the weights, beside those of the Gauss–Newton matrix: its other side, with the same non-zero eigenvalues.',
  options: z.strictObject({
    samples: z
      .number()
      .int()
      .min(1)
      .max(512)
      .nullable()
      .default(null)
      .describe('the first so many of the data; null: 128, or all where there are fewer. The kernel has samples × outputs rows'),
    data: dataOption
  }),
  arrays: {
    eigenvalues: {
      meaning:
        'of J Jᵀ (samples · outputs rows), descending; with a loss other than half-sse of R J Jᵀ Rᵀ, RᵀR the second derivative of the loss by the outputs',
      unit: curvature
    },
    ggn: {
      meaning:
        'of the Gauss–Newton matrix of the loss of these samples, assembled by itself, descending; as many as `eigenvalues`, 0 beyond the number of weights. Left out where the matrix does not fit',
      unit: curvature
    }
  },
  figures: {
    trace: 'of the kernel',
    conditionNumber: 'largest eigenvalue over the smallest that is not zero',
    rank: 'eigenvalues above rows · ε · the largest',
    rows: 'samples · outputs',
    samples: 'of the kernel'
  },
  checks: {
    trace: '|Σλ − trace| over the trace',
    ggn: 'largest |λ of the kernel − λ of the Gauss–Newton matrix|, pair by pair, over the largest λ; left out with `ggn`'
  }
} as const satisfies AnalysisFacts
