// Layers as the sites of a chain: how signals and gradients grow and fade from layer to layer, against mean-field theory, and how layers couple in the loss.
import { z } from 'zod'
import { dataOption, type AnalysisFacts } from './facts'

const chains = ['net', 'hidden'] as const

export const depth = {
  of: 'point',
  title: 'Layers as a chain',
  summary:
    'Transfer matrices from layer to layer: Lyapunov exponents through depth, the growth χ of gradients against mean-field theory with its phase diagram, and how layers couple in the Hessian and in its linear response.',
  options: z.strictObject({
    samples: z
      .number()
      .int()
      .min(1)
      .max(1000)
      .default(8)
      .describe('so many samples, the first of the data: each has its own transfer matrices'),
    seeds: z
      .number()
      .int()
      .min(0)
      .max(1000)
      .default(0)
      .describe('so many nets are drawn anew from the start of the run (its seed + 1, + 2, …) and χ is measured on them too'),
    exponents: z
      .number()
      .int()
      .min(1)
      .max(2000)
      .default(32)
      .describe('leading exponents; at most as many as the narrowest layer has units'),
    chain: z
      .enum(chains)
      .default('net')
      .describe(
        'what the product of transfer matrices goes through: net, from the inputs to the outputs, or hidden, from the first hidden layer to the last'
      ),
    sweeps: z
      .number()
      .int()
      .min(2)
      .max(1000)
      .default(100)
      .describe('sweeps up and down through the chain at most, until the exponents stand still'),
    coupling: z.boolean().default(true).describe('coupling of the layers by the whole Hessian, where it fits'),
    damping: z.number().nonnegative().default(0.1).describe('δ of the linear response (H + δ)⁻¹'),
    data: dataOption
  }),
  arrays: {
    exponents: {
      meaning:
        'Lyapunov exponents of the product of transfer matrices, descending, mean over the samples: ln of its singular values over the number of layers',
      unit: 'nats a layer'
    },
    spread: { meaning: 'standard deviation of each exponent over the samples; NaN of a single one', unit: 'nats a layer' },
    bySample: { meaning: 'exponents of each sample, a row a sample', unit: 'nats a layer' },
    byLayer: {
      meaning:
        'what each layer adds, a row a layer, a column an exponent: ln of the growth along its direction, mean over the samples; the mean of a column is the exponent',
      unit: 'nats'
    },
    correlation: { meaning: 'correlation length 1/(λ₁ − λ₂) of each sample', unit: 'layers' },
    chi: { meaning: 'χ of layer l to l + 1: mean over the samples of ‖∂net_{l+1}/∂net_l‖²_F / N_{l+1}', unit: null },
    chiError: { meaning: 'standard error of χ over the samples, which share one net; NaN of a single one', unit: null },
    meanField: { meaning: 'σ_w² ∫ φ′(√q z)² Dz with q of layer l by the iterated map, mean over the samples', unit: null },
    variance: { meaning: 'q of each layer: mean square of its net input over units and samples', unit: null },
    meanFieldVariance: { meaning: 'q of each layer by the iterated map, from the inputs on, mean over the samples', unit: null },
    jacobian: { meaning: 'averaged partial Jacobian norm of each layer, ‖∂net_l/∂net_1‖²_F / N_l, mean over the samples', unit: null },
    sigmas: { meaning: 'σ_w and σ_b of each layer that mean-field theory is told, a row a layer', unit: null },
    redrawn: { meaning: 'χ of nets drawn anew from the start of the run, mean over nets and samples', unit: null },
    redrawnError: { meaning: 'standard error of it over the nets; NaN of a single one', unit: null },
    redrawnMeanField: { meaning: 'mean field of the start of the run', unit: null },
    phase: {
      meaning: 'χ₁ = σ_w² ∫ φ′(√q* z)² Dz at the fixed point q*, a row a σ_b, a column a σ_w: order below 1, chaos above',
      unit: null
    },
    phaseSigmaW: { meaning: 'σ_w of the columns of the phase diagram', unit: null },
    phaseSigmaB: { meaning: 'σ_b of its rows', unit: null },
    critical: { meaning: 'points (σ_w, σ_b) of the critical line χ₁ = 1, a row a point', unit: null },
    coupling: { meaning: '‖H_lm‖_F / √(‖H_ll‖_F ‖H_mm‖_F) of the layers’ blocks of the Hessian', unit: null },
    couplingSelf: { meaning: '‖H_ll‖_F of each layer', unit: 'loss per squared weight' },
    couplingByDistance: { meaning: 'mean of the coupling over all pairs of layers |l − m| apart', unit: null },
    response: { meaning: 'the same of the linear response (H + δ)⁻¹', unit: null },
    responseSelf: { meaning: '‖((H + δ)⁻¹)_ll‖_F of each layer', unit: 'squared weight per loss' },
    responseByDistance: { meaning: 'mean of the response over all pairs of layers |l − m| apart', unit: null }
  },
  figures: {
    largest: 'largest exponent, mean over the samples',
    second: 'second exponent',
    xi: 'correlation length 1/(λ₁ − λ₂) of the mean exponents, layers',
    sigmaW: 'σ_w that mean-field theory is told: root mean square over the layers between hidden ones',
    sigmaB: 'σ_b likewise',
    qStar: 'fixed point q* of the map of variances',
    chiStar: 'χ₁ at q*',
    cStar: 'fixed point c* of the map of correlations',
    xiC: 'ξ_c = −1/ln χ at c*: over so many layers two inputs forget how alike they were',
    chi: 'mean of the measured χ over the layers',
    meanField: 'mean of the mean field’s χ over the layers',
    deviation: 'largest |χ / mean field − 1| of a layer (of the nets drawn anew where there are any)',
    sweeps: 'most sweeps that a sample took',
    negative: 'negative eigenvalues of H + δ: with any, the response is that of a saddle',
    nearest: 'smallest |λ + δ|'
  },
  checks: {
    product:
      'largest difference of ln singular values over layers to those of the product of the first sample, of those above 10⁻⁴ of the largest',
    settled: 'largest change of an exponent in the last pair of sweeps',
    chi: 'χ of the first layer, from the squares of weights and slopes, against the Jacobian norm of the second by products of matrices, relative',
    hessian: '‖Hv‖ of the assembled Hessian against a Hessian-vector product, relative',
    response: '‖(H + δ)x − b‖ / ‖b‖ by Hessian-vector products, of x from the response'
  }
} as const satisfies AnalysisFacts
