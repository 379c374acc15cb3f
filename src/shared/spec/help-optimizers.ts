// What people are told of the fields of an optimizer (help.ts has the others).
import type { FieldHelp } from './field-help'
import { optimizerKinds, optimizers } from './optimizers'

const optimizerLabels = Object.fromEntries(optimizerKinds.map((kind) => [kind, optimizers[kind].label]))

export const optimizerHelp: Readonly<Record<string, FieldHelp>> = {
  optimizer: { label: 'Optimizer', help: 'How a step is made.', options: optimizerLabels },
  'optimizer.learningRate': {
    label: 'Learning rate',
    help: 'Length of a step: a number, or an expression in t (step, from 1) and epoch such as 0.1 * 0.99^epoch.'
  },
  'optimizer.layerRates': {
    label: 'Rates of the layers',
    help: 'A factor for each layer: its learning rate is the one above times this.',
    none: 'The same for all',
    given: 'Factors',
    start: [1, 1]
  },
  'optimizer.layerRates[]': { label: 'Factor', help: 'Of one layer, above 0.' },
  'optimizer.momentum': { label: 'Momentum', help: 'Part of the last update that is kept.' },
  'optimizer.alpha': { label: 'α', help: 'Part of the mean square that is kept from step to step.' },
  'optimizer.epsilon': { label: 'ε', help: 'Keeps denominators from zero.' },
  'optimizer.centered': { label: 'Centred', help: 'Divides by the variance instead of the mean square.' },
  'optimizer.beta1': { label: 'β₁', help: 'Part of the mean gradient that is kept.' },
  'optimizer.beta2': { label: 'β₂', help: 'Part of the mean squared gradient that is kept.' },
  'optimizer.weightDecay': {
    label: 'Weight decay',
    help: 'Pull of the weights towards zero by the optimizer’s rule; regularization.l2 is the one that counts in loss and curvature.'
  },
  'optimizer.maxIterations': { label: 'Iterations', help: 'At most so many inner iterations a step.' },
  'optimizer.history': { label: 'History', help: 'Pairs of steps and gradient differences that are kept.', unit: 'pairs' },
  'optimizer.toleranceGradient': { label: 'Gradient tolerance', help: 'A step ends when no entry of the gradient is larger.' },
  'optimizer.toleranceChange': { label: 'Change tolerance', help: 'A step ends when update or loss change by less.' },
  'optimizer.lineSearch': {
    label: 'Line search',
    help: 'Strong Wolfe chooses the length of every inner step.',
    options: { none: 'None', 'strong-wolfe': 'Strong Wolfe' }
  },
  'optimizer.scope': {
    label: 'Hessian of',
    help: 'All parameters at once, each layer by itself, or each output unit by itself in the last layer. The whole matrix is P × P.',
    options: { full: 'All parameters', 'layer-blocks': 'Each layer', 'unit-blocks': 'Each output unit' }
  },
  'optimizer.damping': { label: 'Damping', help: 'What keeps the inverse bounded.' },
  'optimizer.damping.kind': {
    label: 'Kind',
    help: 'How δ enters: |Λ| + δ, |Λ + δ|, or the larger of |Λ| and δ; with Kronecker factors divided between them or exactly.',
    options: {
      'abs-of-shifted': '|Λ + δ|',
      'shifted-abs': '|Λ| + δ',
      clamp: 'max(|Λ|, δ)',
      shifted: 'Λ + δ',
      factored: '(A + π√δ I) ⊗ (B + √δ/π I)',
      exact: 'A ⊗ B + δI'
    }
  },
  'optimizer.damping.value': { label: 'δ', help: 'A positive number (0 too for a power series), or an expression in t and epoch.' },
  'optimizer.damping.adapt': {
    label: 'Adapt',
    help: 'Fixed, by the gain ratio (Levenberg, Marquardt), or the best of a list tried at each step.',
    options: { none: 'Fixed', levenberg: 'By the gain ratio', 'best-of': 'Best of the list' }
  },
  'optimizer.damping.candidates': { label: 'Candidates', help: 'The list for “best of”.' },
  'optimizer.damping.candidates[]': { label: 'δ', help: 'A positive number.' },
  'optimizer.curvatureBatch': {
    label: 'Curvature on',
    help: 'Samples on which the Hessian is computed.',
    unit: 'samples',
    given: 'On',
    none: 'The batch',
    start: 100
  },
  'optimizer.vectors': { label: 'Lanczos vectors', help: 'Dimensions of the Krylov space a step works in.' },
  'optimizer.mode': {
    label: 'Mode',
    help: 'The exact limit layer by layer, the same by finite differences of the inverse gradient with a relative step r, or the equations of all layers together (square nets).',
    options: { limit: 'Exact limit', 'finite-difference': 'Finite difference', joint: 'All layers jointly' }
  },
  'optimizer.r': {
    label: 'r',
    help: 'FD-Newton: relative step of the finite difference, only with that mode. Schedule-free AdamW: steps count in the mean by their number to this power.',
    absent: '1e-9 with finite difference'
  },
  'optimizer.order': {
    label: 'Order',
    help: 'Of convergence at a minimum, 2 to 6: order − 1 terms of the power series from one factorization, each a jet more; 2 is Newton, 3 Chebyshev’s method.'
  },
  'optimizer.saddleFree': {
    label: 'Saddle-free',
    help: 'Every eigenvalue counts by its magnitude, so that steps leave a saddle; otherwise they go to the nearest critical point.'
  },
  'optimizer.summation': {
    label: 'Summation',
    help: 'The terms added as they are, or a Padé approximant of each component in the Hessian’s eigenbasis.',
    options: { taylor: 'Taylor', pade: 'Padé' }
  },
  'optimizer.guard': {
    label: 'Guard θ',
    help: 'The step is shortened to the t at which no later term is longer than θ times the first: beyond, the series need not converge.',
    given: 'At',
    none: 'None',
    start: 0.5
  },
  'optimizer.nesterov': { label: 'Nesterov', help: 'The gradient is blended with the momentum once more.' },
  'optimizer.nsCoefficients': {
    label: 'Coefficients',
    help: 'a, b, c of the polynomial aX + b(XXᵀ)X + c(XXᵀ)²X that moves singular values towards 1.'
  },
  'optimizer.nsCoefficients[]': { label: 'Coefficient', help: 'A number.' },
  'optimizer.nsSteps': { label: 'Newton–Schulz steps', help: 'Times the polynomial is applied.' },
  'optimizer.adjustLrFn': {
    label: 'Rate by shape',
    help: 'What a matrix’s learning rate is multiplied with; shapes are outputs × inputs.',
    options: {
      original: '√max(1, outputs/inputs)',
      'match-rms-adamw': '0.2 √max(outputs, inputs)',
      'spectral-unclamped': '√(outputs/inputs)'
    }
  },
  'optimizer.biases': { label: 'Biases', help: 'They have no singular values: AdamW steps them.' },
  'optimizer.biases.rate': { label: 'Rate', help: 'Their learning rate as a multiple of the one above.' },
  'optimizer.biases.beta1': { label: 'β₁', help: 'Part of the mean gradient that is kept.' },
  'optimizer.biases.beta2': { label: 'β₂', help: 'Part of the mean squared gradient that is kept.' },
  'optimizer.biases.epsilon': { label: 'ε', help: 'Keeps denominators from zero.' },
  'optimizer.biases.weightDecay': { label: 'Weight decay', help: 'Pull of the biases towards zero.' },
  'optimizer.weightDecouple': { label: 'Decoupled decay', help: 'Weight decay is taken off the weights, not added to the gradient.' },
  'optimizer.fixedDecay': { label: 'Fixed decay', help: 'Decoupled weight decay is not multiplied with the learning rate.' },
  'optimizer.preconditioningComputeSteps': {
    label: 'Roots every',
    help: 'Steps from one computation of the inverse roots to the next.',
    unit: 'steps'
  },
  'optimizer.matrixEps': { label: 'First moment', help: 'The second moments begin as this times the identity.' },
  'optimizer.exactDamping': {
    label: 'δ of the exact step',
    help: 'Diagnostics compare with (G + δI)⁻¹ g of each layer’s exact Gauss–Newton block.'
  },
  'optimizer.shampooBeta': {
    label: 'β of the bases',
    help: 'Part of the second moments’ mean that is kept.',
    none: 'As β₂',
    given: 'Own',
    start: 0.95
  },
  'optimizer.preconditionFrequency': { label: 'Bases every', help: 'Steps from one turn of the bases to the next.', unit: 'steps' },
  'optimizer.maxPreconditionDim': { label: 'Largest side', help: 'Longer sides of a matrix keep their own coordinates.' },
  'optimizer.precondition1d': { label: 'Bases for vectors', help: 'Biases, and a function’s variables, get a basis too.' },
  'optimizer.correctBias': { label: 'Correct the bias', help: 'Of the running means, as Adam does.' },
  'optimizer.normalizeGradient': { label: 'Normalize', help: 'Each array’s step has a root mean square of the learning rate.' },
  'optimizer.factorDecay': { label: 'Factors kept', help: 'At most this part of the factors’ running means; 0 takes the batch alone.' },
  'optimizer.warmupSteps': { label: 'Warm-up', help: 'Steps over which the learning rate rises from 0.', unit: 'steps' },
  'optimizer.weightLrPower': {
    label: 'Power of the rate',
    help: 'A step counts in the mean by its (largest so far) learning rate to this power.'
  },
  'optimizer.sigma': {
    label: 'σ',
    help: 'Weight of the quartic regularizer to begin with; it adapts by the ratio of actual to predicted decrease.'
  },
  'optimizer.theta': {
    label: 'θ',
    help: 'How well the model is minimized: its gradient is at most θ times the cube of the step’s length.'
  }
}
