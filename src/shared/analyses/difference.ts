// The difference of two stored Hessians, A − B.
import { z } from 'zod'
import { parseSnapshot } from '../run/matrix'
import type { AnalysisFacts } from './facts'

const snapshot = z.string().refine((text) => parseSnapshot(text) !== null, 'must be RUN:STEP or RUN:STEP/BLOCK, such as sfn-mnist10:40/W1')

export const difference = {
  of: 'stored',
  title: 'Difference of two Hessians',
  summary: 'A − B, entry by entry, of two stored Hessians of equal size, with their norms.',
  options: z.strictObject({
    a: snapshot.nullable().default(null).describe('A, as RUN:STEP[/BLOCK]; left out: the newest Hessian of the run it is asked for'),
    b: snapshot.describe('B, as RUN:STEP[/BLOCK]')
  }),
  arrays: {
    difference: { meaning: 'A − B, in the order of the parameters', unit: 'of the Hessians: loss per squared weight' },
    overview: {
      meaning: 'levels of the pyramid one after the other: of 2 × 2 entries of the level below the one of largest magnitude',
      unit: 'of the Hessians: loss per squared weight'
    }
  },
  figures: {
    normA: '‖A‖, the root of the sum of the squares of all entries (Frobenius)',
    normB: '‖B‖',
    norm: '‖A − B‖',
    relative: '‖A − B‖ / ‖A‖; left out where A is 0',
    cosine: '⟨A, B⟩ / (‖A‖ ‖B‖); left out where A or B is 0',
    largestA: 'largest |entry| of A',
    largestB: 'largest |entry| of B',
    largest: 'largest |entry| of A − B'
  },
  checks: {
    identity: '|‖A − B‖² − (‖A‖² + ‖B‖² − 2⟨A, B⟩)| against ‖A‖² + ‖B‖²: each sum is taken by itself',
    symmetry:
      '‖(D − Dᵀ)x‖ against √(‖A‖² + ‖B‖²), for D = A − B and a vector x of signs: of symmetric matrices the difference is symmetric',
    trace: '|tr(A − B) − (Σλ of A − Σλ of B)| against Σ|λ| of both, where both keep their eigenvalues'
  }
} as const satisfies AnalysisFacts
