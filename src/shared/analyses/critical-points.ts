// Critical points found by Newton from a checkpoint with noise added.
import { z } from 'zod'
import { seedOption, type AnalysisFacts } from './facts'

const loss = 'of the loss'

export const criticalPoints = {
  of: 'point',
  title: 'Critical points',
  summary:
    'Newton on the gradient, with the whole Hessian of all training data, from a checkpoint with uniform noise added; every point it ends at with its gradient, its index and the test for gradient-flat regions.',
  options: z.strictObject({
    starts: z.number().int().min(1).max(1000).default(4).describe('searches, each from noise of its own'),
    noise: z.number().nonnegative().default(0.1).describe('added to every weight, uniform in ± this'),
    seed: seedOption.describe('of the noise'),
    tolerance: z.number().positive().default(1e-8).describe('a point is critical where ‖g‖ is at most this'),
    iterations: z.number().int().min(1).max(10_000).default(100).describe('most Newton steps of a search'),
    cutoff: z
      .number()
      .positive()
      .lt(1)
      .default(1e-8)
      .describe('eigenvalues of at most this times the largest magnitude are left out of the inverse and count as zero')
  }),
  arrays: {
    loss: { meaning: 'loss over all training data at the point each search ended at', unit: null },
    gradNorm: { meaning: '‖g‖ there', unit: `${loss} per weight` },
    flatness: { meaning: '‖Hg‖/‖g‖ there', unit: `${loss} per squared weight` },
    largest: { meaning: 'largest |λ| there, which flatness is measured against', unit: `${loss} per squared weight` },
    index: { meaning: 'fraction of negative eigenvalues there', unit: null },
    zero: { meaning: 'eigenvalues that count as zero there', unit: null },
    outcome: { meaning: '1 critical, 2 gradient-flat, 0 not converged', unit: null },
    iterations: { meaning: 'Newton steps of the search', unit: null },
    eigenvalues: { meaning: 'all eigenvalues there, ascending, a row a search', unit: `${loss} per squared weight` },
    points: { meaning: 'weights there, a row a search', unit: null }
  },
  figures: {
    critical: 'searches that ended where ‖g‖ is at most the tolerance',
    gradientFlat: 'searches that ended where ‖g‖ is larger and ‖Hg‖ is at most 10⁻³ of what the largest eigenvalue would make of g',
    notConverged: 'searches that ended elsewhere'
  },
  checks: { product: '‖Hg‖ by the eigendecomposition and by a Hessian-vector product, over max |λ|·‖g‖; the largest of the searches' }
} as const satisfies AnalysisFacts
