// The Hessian's spectral density with error bars, by stochastic Lanczos quadrature.
import { z } from 'zod'
import { dataOption, seedOption, type AnalysisFacts } from './facts'

const curvature = 'loss per squared weight'

export const density = {
  of: 'point',
  title: 'Spectral density',
  summary:
    'The density of all eigenvalues of the Hessian from products with random vectors alone (stochastic Lanczos quadrature), with its standard error over the vectors.',
  options: z.strictObject({
    probes: z.number().int().min(2).max(1000).default(16).describe('random vectors of ±1: the error bars come from their scatter'),
    vectors: z.number().int().min(2).max(2000).default(80).describe('Lanczos steps a probe, as many products with the Hessian'),
    points: z.number().int().min(50).max(10_000).default(400).describe('of the grid of λ'),
    bandwidth: z
      .number()
      .positive()
      .max(1)
      .default(0.01)
      .describe("standard deviation of the Gaussian that stands for an eigenvalue, as a share of the spectrum's width"),
    seed: seedOption.describe('of the probes'),
    data: dataOption
  }),
  arrays: {
    grid: { meaning: 'λ, ascending, evenly spaced, from 4 σ below the smallest to 4 σ above the largest Ritz value', unit: curvature },
    density: { meaning: 'share of eigenvalues per unit of λ: the mean over the probes; its integral is 1', unit: `1 / (${curvature})` },
    error: { meaning: 'standard error of that mean', unit: `1 / (${curvature})` }
  },
  figures: {
    trace: 'of the Hessian, estimated',
    traceError: 'its standard error',
    sigma: "the Gaussian's standard deviation",
    lowest: 'smallest Ritz value of all probes: not below the smallest eigenvalue',
    highest: 'largest Ritz value of all probes: not above the largest eigenvalue'
  },
  checks: {
    integral: '|∫ density dλ − 1|, by the trapezoidal rule on the grid',
    moments:
      'first and second moment of the first probe, of its quadrature and of a product with the Hessian: |difference| over the second one’s root'
  }
} as const satisfies AnalysisFacts
