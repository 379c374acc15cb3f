// Curvature at all scales: the second difference of the loss over many step sizes, along eigenvectors, random directions and controls.
import { z } from 'zod'
import { dataOption, seedOption, type AnalysisFacts } from './facts'

/** Groups of directions, by the number that the array `kind` holds; also the rows of `anisotropy`. */
export const scaleKinds = ['eigenvector', 'random', 'shuffled'] as const

export const scales = {
  of: 'point',
  title: 'Curvature at all scales',
  summary:
    'κ(ε) = [f(w + εu) + f(w − εu) − 2f(w)]/ε² along unit directions u, over nine decades of ε: does the landscape bend alike at every scale, and where do its kinks begin? With error bars, and beside controls whose answer is known.',
  options: z.strictObject({
    directions: z
      .enum(['eigenvectors', 'random', 'both'])
      .default('both')
      .describe('along eigenvectors of the Hessian, random unit vectors, or both'),
    count: z
      .number()
      .int()
      .min(1)
      .max(256)
      .default(16)
      .describe('directions of each kind; of the eigenvectors half belong to the smallest eigenvalues, half to the largest'),
    from: z.number().positive().default(1e-8).describe('smallest ε'),
    to: z.number().positive().max(1e6).default(10).describe('largest ε'),
    perDecade: z.number().int().min(1).max(64).default(8).describe('values of ε in a decade'),
    reach: z
      .number()
      .nonnegative()
      .nullable()
      .default(null)
      .describe(
        'largest ε at which the power series may stand in for the difference; left out: wherever its error is the smaller one and no kink lies between'
      ),
    seed: seedOption.describe('of random directions and controls'),
    data: dataOption
  }),
  arrays: {
    epsilon: { meaning: 'step sizes ε, ascending', unit: 'weight' },
    curvature: { meaning: 'κ(ε), a row a direction; NaN where the loss is not finite', unit: 'loss per squared weight' },
    errors: {
      meaning: 'how far κ is known: rounding of the difference, 32·2⁻⁵²·max|f|/ε², or the last term of the series',
      unit: 'loss per squared weight'
    },
    kind: { meaning: 'of each direction: 0 eigenvector, 1 random, 2 an eigenvector with its entries shuffled', unit: null },
    limits: { meaning: 'uᵀHu of each direction, which κ tends to as ε → 0', unit: 'loss per squared weight' },
    crossings: {
      meaning:
        'share of hidden and output units over all samples that have passed a kink of their activation at w + εu or w − εu, a row a direction; 0 for smooth activations',
      unit: null
    },
    anisotropy: {
      meaning:
        'over the directions of a group (rows: eigenvectors, random, shuffled), the interquartile range of κ(ε) over the median of |κ(ε)|; NaN for a group that was not asked for',
      unit: null
    },
    control: {
      meaning:
        'rows: κ of the local quadratic along the direction of largest |uᵀHu|, by the same arithmetic; median |κ| of profiles of fractional Brownian motion with exponent ½; median |κ| over the shuffled directions',
      unit: 'loss per squared weight; the second row has none'
    },
    directions: { meaning: 'the unit directions, a row each', unit: null }
  },
  figures: {
    flatTo: 'largest ε up to which κ of every direction stays within 1 % of uᵀHu, or its error',
    kink: 'median over the directions of the smallest ε at which a unit passes a kink; left out where there is none',
    slope:
      'exponent of the median of |κ| over eigenvectors and random directions between a hundredth of the largest ε and the largest: −2 where the loss stops growing, 0 where it is quadratic',
    fractionalSlope: 'exponent of the fractional profiles; theirs is −3/2',
    anisotropySmall: 'anisotropy of the eigenvectors (else of the random directions) at the smallest ε',
    anisotropyLarge: 'the same at the largest ε',
    anisotropyLeast: 'the smallest of it at any ε'
  },
  checks: {
    quadratic: 'largest |κ − 2a₂| of the local quadratic over its own error bar: flat to rounding',
    limit: 'largest |2a₂ − uᵀHu| over the largest |uᵀHu|: the series against Hessian-vector products',
    agreement: 'where the series and the difference are both good to 1 %, the largest difference of the two over the sum of their errors',
    fractional: '|exponent of the fractional profiles + 3/2|',
    residual: 'largest ‖Hu − λu‖ of the eigenvectors by Hessian-vector products over the largest |λ|'
  }
} as const satisfies AnalysisFacts
