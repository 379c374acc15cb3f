// What a methods paragraph says of each kind of optimizer: name, rule with its numbers, sources.
import { defaultDifference, type SpecOf } from '../spec/optimizers'
import type { DampingKind, OptimizerKind, Scope } from '../spec/schema'
import type { ReferenceKey } from './references'

/** Puts a work into the text and its reference under it. */
export type Cite = (...keys: ReferenceKey[]) => string

type Describe<Kind extends OptimizerKind> = (spec: SpecOf<Kind>, cite: Cite) => string

/** "η = 0.1", or the schedule as it is written. */
export function setting(symbol: string, value: number | string): string {
  if (typeof value === 'number') return `${symbol} = ${value}`
  return `${symbol} = ${value} (t counts the steps from 1)`
}

const scopes: Readonly<Record<Scope, string>> = {
  full: 'of all parameters',
  'layer-blocks': 'of each layer by itself',
  'unit-blocks': 'of each layer by itself, of the last layer each output unit by itself'
}

const inverses: Readonly<Record<DampingKind, string>> = {
  'shifted-abs': '(|Λ| + δ)⁻¹',
  'abs-of-shifted': '|Λ + δ|⁻¹',
  clamp: 'max(|Λ|, δ)⁻¹',
  shifted: '(Λ + δ)⁻¹'
}

interface Damping {
  readonly value: number | string
  readonly adapt: 'none' | 'levenberg' | 'best-of'
  readonly candidates: readonly number[]
}

function damping({ value, adapt, candidates }: Damping, cite: Cite): string {
  if (adapt === 'best-of')
    return `the damping δ that of ${candidates.join(', ')} after whose step the batch's loss is smallest (${cite('dauphin2014')})`
  if (adapt === 'levenberg')
    return `the damping δ adapted by the gain ratio (${cite('levenberg1944', 'marquardt1963')}) from ${setting('δ', value)}`
  return `damping ${setting('δ', value)}`
}

const inverseGradients: Readonly<Record<SpecOf<'fd-newton'>['mode'], Describe<'fd-newton'>>> = {
  limit: () => 'taken exactly (in the limit)',
  'finite-difference': ({ r }) => `differenced with r = ${r ?? defaultDifference}`,
  joint: (_, cite) =>
    `of all layers jointly, by relaxation of the circular equations (${cite('pineda1987')}) or, where that does not converge, by MINRES (${cite('paige1975')}) with the layer-by-layer inverse as preconditioner`
}

const muonRates: Readonly<Record<SpecOf<'muon'>['adjustLrFn'], string>> = {
  original: 'times √max(1, outputs/inputs)',
  'match-rms-adamw': 'times 0.2 √max(outputs, inputs)',
  'spectral-unclamped': 'times √(outputs/inputs)'
}

const onBatch = (samples: number | null) => (samples === null ? '' : `, the curvature on ${samples} samples`)

export const optimizerMethods: { readonly [Kind in OptimizerKind]: Describe<Kind> } = {
  sfn: (spec, cite) =>
    `saddle-free Newton (${cite('dauphin2014')}${spec.damping.kind === 'abs-of-shifted' ? `, with the damping of ${cite('lee2019')}` : ''}): steps −η Q ${inverses[spec.damping.kind]} Qᵀ g with H = QΛQᵀ the exact Hessian ${scopes[spec.scope]}, ${setting('η', spec.learningRate)}, ${damping(spec.damping, cite)}${onBatch(spec.curvatureBatch)}`,
  'damped-newton': (spec, cite) =>
    `damped Newton: steps −η (H + δI)⁻¹ g with H the exact Hessian ${scopes[spec.scope]}, ${setting('η', spec.learningRate)}, ${damping(spec.damping, cite)}${onBatch(spec.curvatureBatch)}`,
  'levenberg-marquardt': (spec, cite) =>
    `Levenberg–Marquardt (${cite('levenberg1944', 'marquardt1963')}): steps −η (G + δI)⁻¹ g with G the exact generalized Gauss–Newton matrix (${cite('schraudolph2002')}) ${scopes[spec.scope]}, ${setting('η', spec.learningRate)}, ${damping(spec.damping, cite)}${onBatch(spec.curvatureBatch)}`,
  'fd-newton': (spec, cite) =>
    `finite-difference Newton through the inverse gradient (${cite('lee2019')}): steps −η H⁻¹ g, H⁻¹ g being the derivative of the inverse gradient map along g, ${inverseGradients[spec.mode](spec, cite)}, ${setting('η', spec.learningRate)}`,
  'sfn-krylov': (spec, cite) =>
    `saddle-free Newton in a Krylov subspace (${cite('dauphin2014')}): steps −η VQ ${inverses[spec.damping.kind]} (VQ)ᵀ g with V at most ${spec.vectors} Lanczos vectors (${cite('lanczos1950')}) from the gradient by exact Hessian-vector products (${cite('pearlmutter1994')}) and QΛQᵀ the eigendecomposition of VᵀHV, ${setting('η', spec.learningRate)}, ${damping(spec.damping, cite)}${onBatch(spec.curvatureBatch)}`,
  'series-newton': (spec, cite) =>
    `Newton's method of order ${spec.order} on the power series of the Newton homotopy (${cite('davidenko1953')})${spec.saddleFree ? `, saddle-free (after ${cite('dauphin2014')})` : ''}: steps Σ sₖ tᵏ (k < order) with (H + δS) s₁ = −S g and (H + δS) sₖ = −cₖ, H = QΛQᵀ the exact Hessian of all parameters, S ${spec.saddleFree ? '= Q sign(Λ) Qᵀ' : 'the identity'}, cₖ the coefficients of the gradient along the curve by truncated power series (${cite('griewank2008')}), ${spec.summation === 'taylor' ? 'summed as they are' : 'summed by Padé approximants of each component in the eigenbasis'}; t is ${spec.guard === null ? 'η' : `the largest up to η at which no term exceeds ${spec.guard} times the first`}, ${setting('η', spec.learningRate)}, ${damping(spec.damping, cite)}`,
  ar3: (spec, cite) =>
    `AR3, adaptive regularization with a third-order Taylor model and a quartic regularizer (${cite('birgin2017', 'cartis2025')}), its weight σ from ${spec.sigma} halved and doubled by the ratio of actual to predicted decrease, the model minimized to a gradient of at most ${spec.theta} times the cube of the step's length, ${setting('η', spec.learningRate)}`,
  muon: (spec, cite) =>
    `Muon (${cite('jordan2024')}) in double precision: ${spec.nesterov ? 'Nesterov momentum' : 'momentum'} ${setting('μ', spec.momentum)} of each weight matrix, orthogonalized by ${spec.nsSteps} Newton–Schulz steps with coefficients ${spec.nsCoefficients.join(', ')} from a norm of at least ${spec.epsilon} on, ${setting('η', spec.learningRate)} ${muonRates[spec.adjustLrFn]}, decoupled weight decay ${spec.weightDecay}; biases by AdamW (${cite('loshchilov2019')}) at ${spec.biases.rate} η with β₁ = ${spec.biases.beta1}, β₂ = ${spec.biases.beta2}, ε = ${spec.biases.epsilon}, weight decay ${spec.biases.weightDecay}`,
  shampoo: (spec, cite) =>
    `Shampoo (${cite('gupta2018')}): each gradient matrix G between the inverse fourth roots of the sums of GGᵀ and GᵀG from ${spec.matrixEps} I on (vectors: inverse square root), the roots taken every ${spec.preconditioningComputeSteps} steps, ${setting('η', spec.learningRate)}, ${spec.momentum > 0 ? setting('momentum', spec.momentum) : 'no momentum'}, ${spec.weightDecay > 0 ? `weight decay ${spec.weightDecay} ${spec.weightDecouple ? 'taken off the weights' : 'added to the gradient'}` : 'no weight decay'}; diagnostics compare with (G + δI)⁻¹ g of each layer's exact Gauss–Newton block, ${setting('δ', spec.exactDamping)}`,
  soap: (spec, cite) =>
    `SOAP (${cite('vyas2024')}): Adam in the eigenbasis of running means of GGᵀ and GᵀG (part kept ${spec.shampooBeta ?? spec.beta2}), turned every ${spec.preconditionFrequency} steps, sides longer than ${spec.maxPreconditionDim} left as they are, the first step only setting it up, ${setting('η', spec.learningRate)}, ${setting('β₁', spec.beta1)}, ${setting('β₂', spec.beta2)}, ${setting('ε', spec.epsilon)}, decoupled weight decay ${spec.weightDecay}`,
  'k-fac': (spec, cite) =>
    `K-FAC (${cite('martens2015')}) with the exact second derivative of the loss: steps −η (A ⊗ B + δI)⁻¹ g by layer, ${spec.damping.kind === 'exact' ? 'damped exactly by the eigenvectors of both factors' : 'the damping divided between the factors'}, ${setting('δ', spec.damping.value)}, ${spec.factorDecay > 0 ? `factors as running means with at most ${spec.factorDecay} kept` : 'factors of the batch alone'}, ${setting('η', spec.learningRate)}${onBatch(spec.curvatureBatch)}`,
  'schedule-free-adamw': (spec, cite) =>
    `schedule-free AdamW (${cite('defazio2024')}), evaluated at the mean of its weights: ${setting('η', spec.learningRate)}${spec.warmupSteps > 0 ? ` after ${spec.warmupSteps} steps of warm-up` : ''}, ${setting('β₁', spec.beta1)}, ${setting('β₂', spec.beta2)}, ${setting('ε', spec.epsilon)}, weight decay ${spec.weightDecay}, weights of the mean t^${spec.r} η^${spec.weightLrPower}`,
  'l-bfgs': (spec, cite) =>
    `L-BFGS (${cite('liu1989')}) with a history of ${spec.history} and at most ${spec.maxIterations} iterations a step, ${spec.lineSearch === 'none' ? 'without a line search' : `with a line search for the strong Wolfe conditions (${cite('wolfe1969')})`}, ${setting('η', spec.learningRate)}, tolerances ${spec.toleranceGradient} (gradient) and ${spec.toleranceChange} (change)`,
  gd: (spec) => `gradient descent: steps −η g, ${setting('η', spec.learningRate)}`,
  momentum: (spec, cite) =>
    `gradient descent with momentum (${cite('polyak1964')}): b ← μ b + g, steps −η b, ${setting('η', spec.learningRate)}, ${setting('μ', spec.momentum)}`,
  nesterov: (spec, cite) =>
    `Nesterov's accelerated gradient (${cite('nesterov1983')}): b ← μ b + g, steps −η (g + μ b), ${setting('η', spec.learningRate)}, ${setting('μ', spec.momentum)}`,
  rmsprop: (spec, cite) =>
    `RMSProp (${cite('tieleman2012')}${spec.centered ? `; centred, ${cite('graves2013')}` : ''}): ${setting('η', spec.learningRate)}, ${setting('α', spec.alpha)}, ${setting('ε', spec.epsilon)}, ${spec.momentum > 0 ? setting('momentum', spec.momentum) : 'no momentum'}`,
  adam: (spec, cite) =>
    `Adam (${cite('kingma2015')}): ${setting('η', spec.learningRate)}, ${setting('β₁', spec.beta1)}, ${setting('β₂', spec.beta2)}, ${setting('ε', spec.epsilon)}, ${spec.weightDecay > 0 ? `weight decay ${spec.weightDecay} added to the gradient` : 'no weight decay'}`,
  adamw: (spec, cite) =>
    `AdamW (${cite('loshchilov2019')}): ${setting('η', spec.learningRate)}, ${setting('β₁', spec.beta1)}, ${setting('β₂', spec.beta2)}, ${setting('ε', spec.epsilon)}, decoupled weight decay ${spec.weightDecay}`
}
