// The circular equations of a network, relaxed: residuals by iteration, and the spectrum that decides whether they fall.
import { z } from 'zod'
import { dataOption, type AnalysisFacts } from './facts'

export const relaxation = {
  of: 'point',
  title: 'Relaxation of the circular equations',
  summary:
    'H u = g solved from the layer-by-layer inverse M⁻¹ of fast finite-difference Newton, by plain relaxation (Pineda 1987), damped, with Anderson acceleration, or by MINRES: the residual after every iteration, beside the rate that the spectrum of M⁻¹H predicts. For square nets: as many samples as inputs and units in every layer.',
  options: z.strictObject({
    method: z
      .enum(['plain', 'damped', 'anderson', 'minres'])
      .default('plain')
      .describe(
        'u ← u + M⁻¹(g − Hu), the same times ω = 2/(μ_min + μ_max), Anderson acceleration of it, or MINRES with M⁻¹ as preconditioner'
      ),
    iterations: z.number().int().min(1).max(100_000).default(200).describe('at most'),
    memory: z.number().int().min(1).max(1000).default(6).describe('differences that Anderson acceleration combines; the others have none'),
    tolerance: z.number().positive().max(1).default(1e-8).describe('of ‖g − Hu‖ / ‖g‖, at which it counts as converged'),
    system: z
      .enum(['layer', 'joint'])
      .default('joint')
      .describe('H is the Hessian of all layers jointly, or its diagonal blocks alone, a layer each'),
    data: dataOption
  }),
  arrays: {
    residuals: { meaning: '‖g − Hu‖ / ‖g‖ before the first and after every iteration, each by a product with H', unit: null },
    spectrum: {
      meaning: 'eigenvalues μ of M⁻¹H, ascending; real, as M is symmetric positive definite and H symmetric',
      unit: null
    },
    solution: { meaning: 'u after the last iteration, in the order of the weights', unit: 'weight' }
  },
  figures: {
    predictedRate:
      'factor by which the residual falls an iteration in the long run, from the spectrum: plain max |1 − μ|, damped (κ − 1)/(κ + 1); for MINRES and Anderson acceleration an upper bound of what a Krylov method takes, (√κ − 1)/(√κ + 1) on a spectrum of one sign and that of two intervals of equal length about 0 otherwise. Left out for damped where an eigenvalue is not positive',
    observedRate: 'geometric mean of that factor over the second half of the iterations',
    converged: '1 where the residual came to the tolerance, 0 where not',
    iterations: 'that were done',
    residual: '‖g − Hu‖ / ‖g‖ at the end',
    omega: 'factor of the damped corrections; left out for the other methods',
    smallest: 'smallest eigenvalue of M⁻¹H',
    largest: 'largest eigenvalue of M⁻¹H',
    outside: 'eigenvalues outside of (0, 2), where plain relaxation does not contract',
    nonPositive: 'eigenvalues of M⁻¹H that are not positive',
    condition: 'condition number of H, estimated',
    distance: '‖u − H⁻¹g‖ / ‖H⁻¹g‖ with the solution of the assembled Hessian; left out where H is singular or nothing converged'
  },
  checks: {
    preconditioner:
      '‖M M⁻¹v − v‖ / ‖v‖ of a random vector, with M the assembled Gauss–Newton blocks, against what rounding leaves of them: 10⁻¹⁴ times their condition number',
    residual: 'the residual at the end by the assembled Hessian against that by products, over (‖H‖ ‖u‖ + ‖g‖) / ‖g‖',
    solution:
      '‖u − H⁻¹g‖ / ‖H⁻¹g‖ against what the residual allows, ten times the condition number times the residual; only where it converged'
  }
} as const satisfies AnalysisFacts
