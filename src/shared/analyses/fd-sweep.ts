// How far the finite differences of fast finite-difference Newton are from their limit, over r.
import { z } from 'zod'
import { dataOption, type AnalysisFacts } from './facts'

export const fdSweep = {
  of: 'point',
  title: 'Finite differences over r',
  summary:
    'The direction of fast finite-difference Newton over the difference r, two-sided and one-sided, against its limit: truncation on one side, rounding on the other.',
  options: z.strictObject({
    r: z
      .array(z.number().positive().max(1))
      .min(1)
      .max(1000)
      .nullable()
      .default(null)
      .describe('relative differences of the gradient; null: 10⁻¹ … 10⁻¹⁴, two a decade'),
    data: dataOption
  }),
  arrays: {
    r: { meaning: 'relative difference of the gradient', unit: null },
    error: {
      meaning:
        '‖x_r − x‖ / ‖x‖ with x the limit: row 0 two-sided, row 1 one-sided, a column an r; NaN where a perturbed activation leaves its range',
      unit: null
    }
  },
  figures: {
    bestTwoSided: 'smallest two-sided error',
    bestTwoSidedR: 'the r of it',
    bestOneSided: 'smallest one-sided error',
    bestOneSidedR: 'the r of it'
  },
  checks: { limit: 'smallest two-sided error: the differences approach the limit; left out where r is given' }
} as const satisfies AnalysisFacts
