// Landau coefficients: the loss along eigenvectors as a power series, and what kind of place each direction makes of the point.
import { z } from 'zod'
import { dataOption, type AnalysisFacts } from './facts'

/** What a direction is, by the number that the array `class` holds. */
export const landauClasses = ['trough', 'saddle direction', 'fold', 'pitchfork', 'flat within error'] as const

/** |a₃|ρ³ over |a₂|ρ² + |a₄|ρ⁴ at the radius ρ: how much of the loss there is odd. Null where the radius is not finite or there is no even term. */
export function oddShare(a: ArrayLike<number>, radius: number): number | null {
  if (!Number.isFinite(radius) || a.length < 5) return null
  const even = Math.abs(a[2]) * radius ** 2 + Math.abs(a[4]) * radius ** 4
  return even === 0 ? null : (Math.abs(a[3]) * radius ** 3) / even
}

export const landau = {
  of: 'point',
  title: 'Landau coefficients',
  summary:
    'The loss along eigenvectors of the Hessian as a power series, f(w + tq) = Σ a_k tᵏ, by jets: coefficients with errors, how far truncations of order 2, 4 and 6 reach, and whether each direction is a trough, a saddle direction, a fold or a pitchfork.',
  options: z.strictObject({
    vectors: z
      .union([z.number().int().min(1).max(1000), z.array(z.number().int().min(0)).min(1).max(1000)])
      .default(16)
      .describe(
        'eigenvectors: so many, half of them of the smallest eigenvalues and half of the largest; or a list of their numbers, 0 for the smallest'
      ),
    order: z.number().int().min(2).max(12).default(6).describe('of the series'),
    coupling: z
      .number()
      .int()
      .min(0)
      .max(24)
      .default(0)
      .describe(
        'of so many of the eigenvectors, the outermost ones, also how they couple: all third and fourth derivatives T₃ and T₄; 0 for none'
      ),
    to: z
      .number()
      .positive()
      .max(1e6)
      .default(10)
      .describe('largest |t| at which the loss itself is taken, to hold the truncations against'),
    data: dataOption
  }),
  arrays: {
    eigenvalues: { meaning: 'eigenvalue of each direction, ascending: 2 a₂', unit: 'loss per squared weight' },
    indices: { meaning: 'its number in the spectrum, 0 for the smallest', unit: null },
    coefficients: { meaning: 'a₀ … of f(w + tq) = Σ a_k tᵏ, a row a direction', unit: 'loss per weightᵏ in column k' },
    errors: {
      meaning:
        'how far each coefficient is known: four times what one unit in the last place of weights and direction changes, and two ways to compute it differ',
      unit: 'loss per weightᵏ in column k'
    },
    radii: {
      meaning:
        'smallest |t| at which the truncations of order 2, 4 and 6 are off by more than 1 % of the largest change of the loss within |t|; infinite where that is nowhere up to `to`, NaN where the series is shorter',
      unit: 'weight'
    },
    t: { meaning: 'steps along the directions, ascending, at which the loss itself is taken', unit: 'weight' },
    loss: { meaning: 'f(w + tq), a row a direction; NaN where it is not finite', unit: 'loss' },
    class: { meaning: '0 trough, 1 saddle direction, 2 fold, 3 pitchfork, 4 flat within error', unit: null },
    t3: { meaning: 'third derivatives T₃[q_a, q_b, q_c] in the coupled directions', unit: 'loss per weight³' },
    t4: { meaning: 'fourth derivatives T₄[q_a, q_b, q_c, q_d] in the coupled directions', unit: 'loss per weight⁴' },
    coupled: { meaning: 'numbers in the spectrum of the coupled directions', unit: null }
  },
  figures: {
    troughs: 'directions with a₂ > 0 beyond its error',
    saddles: 'directions with a₂ < 0 beyond its error',
    folds: 'directions with a₂ zero within its error and a₃ not: a first-order transition',
    pitchforks: 'directions with a₂ and a₃ zero within their errors and a₄ not: a second-order transition',
    flat: 'directions with none of these beyond its error',
    odd: 'median over directions of |a₃|ρ³ over |a₂|ρ² + |a₄|ρ⁴ at the radius ρ of the truncation of order 4: how much of the loss there is odd'
  },
  checks: {
    curvature: 'largest |2a₂ − λ| over the largest |λ|: the series against the eigenvalue',
    residual: 'largest ‖Hq − λq‖ by Hessian-vector products over the largest |λ|',
    gradient: 'largest |a₁ − gᵀq| over ‖g‖',
    symmetry: 'largest difference of entries of T₃ that symmetry makes equal, over the largest entry; only with coupling'
  }
} as const satisfies AnalysisFacts
