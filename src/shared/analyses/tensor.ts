// The tensor of third derivatives, whole on disk or in a basis of eigenvectors.
import { z } from 'zod'
import { dataOption, type AnalysisFacts } from './facts'

/** Numbers of a symmetric tensor of three indices below `size`: those with a ≥ b ≥ c. */
export const packedCount = (size: number): number => (size * (size + 1) * (size + 2)) / 6

export const tensor = {
  of: 'point',
  title: 'Third derivatives',
  summary:
    'The symmetric tensor T₃ of third derivatives of the loss, by jets: in a basis of eigenvectors of the Hessian, or of all parameters, then packed and written piece by piece as it is computed.',
  options: z.strictObject({
    basis: z
      .enum(['eigenvectors', 'parameters'])
      .default('eigenvectors')
      .describe(
        '`eigenvectors`: k × k × k numbers; `parameters`: P(P + 1)(P + 2)/6 numbers from P(P + 1)/2 jets, 1.4 MB at P = 101, 242 MB at 565, from 8 MB on twice that while it is made: what is done is kept through an interruption'
      ),
    k: z
      .number()
      .int()
      .min(1)
      .max(256)
      .default(32)
      .describe('eigenvectors, half of them of the smallest eigenvalues and half of the largest; not used with all parameters'),
    data: dataOption
  }),
  arrays: {
    t3: {
      meaning:
        'T₃[q_a, q_b, q_c], k × k × k; of all parameters ∂³f/∂w_a∂w_b∂w_c for a ≥ b ≥ c, which is number a(a+1)(a+2)/6 + b(b+1)/2 + c',
      unit: 'loss per weight³'
    },
    eigenvalues: { meaning: 'of the eigenvectors, ascending; left out with all parameters', unit: 'loss per squared weight' },
    indices: { meaning: 'their numbers in the spectrum, 0 for the smallest; left out with all parameters', unit: null }
  },
  figures: {
    size: 'of the basis: k, or the number of parameters',
    numbers: 'numbers of t3',
    jets: 'power series it was made of',
    largest: 'largest |entry|',
    resumed: 'indices a that an earlier, interrupted analysis had computed; only with all parameters',
    norm: 'Frobenius norm of the whole tensor: root of the sum over all index triples'
  },
  checks: {
    contraction:
      '‖T₃[v, v, ·] from the stored numbers − 2c₂ of one jet along v‖ for a random v, over its length or the largest entry, the larger of them',
    symmetry: 'largest difference of entries that symmetry makes equal and that were computed apart, over the largest entry',
    residual: 'largest ‖Hq − λq‖ by Hessian-vector products over the largest |λ|; left out with all parameters'
  }
} as const satisfies AnalysisFacts
