// How far the leading eigenvectors turn during training, and how many weights they live on.
import { z } from 'zod'
import { dataOption, type AnalysisFacts } from './facts'

export const overlap = {
  of: 'point',
  title: 'Eigenvectors over time',
  summary:
    'Overlap of the subspaces of the leading eigenvectors of the Hessian between all stored steps of a run, and on how many weights each eigenvector lives (inverse participation ratio).',
  options: z.strictObject({
    vectors: z.number().int().min(1).max(256).default(16).describe('leading eigenvectors of a step: those of largest |λ|'),
    against: z
      .union([z.enum(['previous', 'first']), z.number().int().nonnegative()])
      .default('previous')
      .describe('what `against` compares each step with: previous, first, or the number of a stored step'),
    data: dataOption
  }),
  arrays: {
    steps: { meaning: 'steps compared: those whose weights are stored', unit: null },
    overlap: { meaning: '‖Q_aᵀ Q_b‖² / k of every pair of steps: 1 the same subspace, k / P by chance', unit: null },
    against: { meaning: 'overlap of each step with the one it is compared with; NaN where there is none', unit: null },
    eigenvalues: { meaning: 'of the vectors, by |λ| descending, a row a step', unit: 'loss per squared weight' },
    ipr: {
      meaning:
        'Σ q⁴ of each vector, in the order of the eigenvalues, a row a step: 1 for a single weight, 1 / P spread evenly, about 3 / P by chance',
      unit: null
    },
    iprByLayer: {
      meaning:
        'within a layer, Σ q⁴ / (Σ q²)² over its weights, mean over the vectors that have a part there, a row a step; NaN where none has',
      unit: null
    },
    shares: { meaning: 'Σ q² over the weights of a layer, mean over the vectors, a row a step: the layers’ parts, 1 together', unit: null }
  },
  figures: {
    mean: 'mean of `against`',
    smallest: 'smallest of `against`',
    chance: 'k / P: what random subspaces overlap by',
    meanIpr: 'mean of `ipr`',
    chanceIpr: '3 / (P + 2): what a random vector has'
  },
  checks: {
    diagonal: 'largest |overlap of a step with itself − 1|',
    residual: 'largest ‖Hq − λq‖ over max |λ|, by products with the Hessian'
  }
} as const satisfies AnalysisFacts
