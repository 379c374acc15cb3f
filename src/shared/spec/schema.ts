// The run spec, schemaVersion 1: its shape, its defaults and, by inference, its types. Rules that need two fields at once are in check.ts.
import { z } from 'zod'
import { writtenBytes } from '../format/bytes'

export const currentSchemaVersion = 1

const positive = z.number().positive()
const count = z.number().int().positive()
const every = count.nullable()
/** A number or an expression in `t` (step, from 1) and `epoch`, such as "0.1 * 0.99^epoch". */
const scheduled = z.union([z.number(), z.string().min(1).max(500)])

export const runIdPattern = /^[a-z0-9][a-z0-9-]{0,63}$/
/** Names of devices on Windows, where no folder may be called so. */
export const deviceNames = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])$/

const datasetReference = z.union([z.string().min(1), z.strictObject({ path: z.string().min(1) })])

export const transformSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('affine'), divide: z.number().refine((x) => x !== 0, 'must not be 0'), subtract: z.number() }),
  z.strictObject({ kind: z.literal('random-projection'), dim: count, matrix: z.string().min(1).nullable().default(null) }),
  /** Images to another size, and to one channel where asked; see docs/datasets.md. */
  z.strictObject({
    kind: z.literal('resize'),
    height: count,
    width: count,
    colour: z.enum(['keep', 'grey']).default('keep'),
    filter: z.enum(['area', 'bilinear']).default('area')
  })
])

export const dataSchema = z.strictObject({
  dataset: datasetReference,
  labels: z.enum(['fine', 'coarse']).default('fine'),
  targets: z.enum(['one-hot', 'input']).default('one-hot'),
  /** A fraction or a number of the training samples (after `trainLimit`), split off by the run's seed: choices are made on them, nothing is trained on them. */
  validation: z
    .union([z.number().gt(0).lt(1), count])
    .nullable()
    .default(null),
  trainLimit: count.nullable().default(null),
  testLimit: count.nullable().default(null),
  transforms: z.array(transformSchema).default([])
})

export const activationSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('leaky-relu'), slope: z.number().default(0.01) }),
  z.strictObject({ kind: z.literal('relu') }),
  z.strictObject({ kind: z.literal('tanh') }),
  z.strictObject({ kind: z.literal('sigmoid') }),
  z.strictObject({ kind: z.literal('softplus') }),
  z.strictObject({ kind: z.literal('identity') })
])

export const initSchema = z.discriminatedUnion('kind', [
  /** randn(in, out) / (in + out), biases 0. */
  z.strictObject({ kind: z.literal('fan-sum-normal') }),
  /** randn(in, out) · gain / √in, biases 0. */
  z.strictObject({ kind: z.literal('fan-in-normal'), gain: positive.default(1) }),
  /** W randn(in, out) · sigmaW / √in, b randn · sigmaB: the ensemble of mean-field theory (docs/depth.md). */
  z.strictObject({ kind: z.literal('mean-field-normal'), sigmaW: positive.default(1), sigmaB: z.number().nonnegative().default(0) }),
  z.strictObject({ kind: z.literal('npz'), path: z.string().min(1) }),
  z.strictObject({ kind: z.literal('run'), run: z.string().min(1), step: z.number().int().nonnegative() })
])

export const modelSchema = z.strictObject({
  /** Input width (null: whatever the transforms give), hidden widths, output width. */
  layers: z
    .array(count.nullable())
    .min(2)
    .refine((layers) => layers.slice(1).every((width) => width !== null), 'only the input width may be null'),
  activation: activationSchema,
  /** null: the same as `activation`; with softmax-cross-entropy: identity. */
  outputActivation: activationSchema.nullable().default(null),
  bias: z.boolean().default(false),
  init: initSchema.default({ kind: 'fan-sum-normal' })
})

export const scopes = ['full', 'layer-blocks', 'unit-blocks'] as const
export type Scope = (typeof scopes)[number]
const scope = z.enum(scopes)

/** How δ changes: fixed (a number or a schedule), adapted by the gain ratio (Levenberg 1944, Marquardt 1963), or the best of a list tried at each step (Dauphin et al. 2014). */
const dampingAdaptation = z.enum(['none', 'levenberg', 'best-of']).default('none')
const candidates = z.array(positive).min(1).max(20).default([1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6])
export const sfnDampingKinds = ['abs-of-shifted', 'shifted-abs', 'clamp'] as const
export type DampingKind = (typeof sfnDampingKinds)[number] | 'shifted'
const sfnDamping = z
  .strictObject({
    kind: z.enum(sfnDampingKinds).default('shifted-abs'),
    value: scheduled.default(0.1),
    adapt: dampingAdaptation,
    candidates
  })
  .prefault({})

const beta = z.number().min(0).lt(1)
/** Of the last update: below 0 the velocity turns round at every step, as in the map of Hénon. */
const momentum = z.number().gt(-1).lt(1).default(0.9)
/** Samples of the batch on which curvature is computed: null is the gradient's batch; a number takes the first so many of it, or more from the data. */
const curvatureBatch = count.nullable().default(null)

export const optimizerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('gd'),
    learningRate: scheduled.default(0.01),
    /** Each layer's rate is the learning rate times its own factor; null: 1 for all. */
    layerRates: z.array(positive).min(1).nullable().default(null)
  }),
  z.strictObject({ kind: z.literal('momentum'), learningRate: scheduled.default(0.01), momentum }),
  z.strictObject({ kind: z.literal('nesterov'), learningRate: scheduled.default(0.01), momentum }),
  z.strictObject({
    kind: z.literal('rmsprop'),
    learningRate: scheduled.default(0.01),
    alpha: beta.default(0.99),
    epsilon: positive.default(1e-8),
    momentum: beta.default(0),
    centered: z.boolean().default(false)
  }),
  z.strictObject({
    kind: z.literal('adam'),
    learningRate: scheduled.default(0.001),
    beta1: beta.default(0.9),
    beta2: beta.default(0.999),
    epsilon: positive.default(1e-8),
    weightDecay: z.number().nonnegative().default(0)
  }),
  z.strictObject({
    kind: z.literal('adamw'),
    learningRate: scheduled.default(0.001),
    beta1: beta.default(0.9),
    beta2: beta.default(0.999),
    epsilon: positive.default(1e-8),
    weightDecay: z.number().nonnegative().default(0.01)
  }),
  z.strictObject({
    kind: z.literal('l-bfgs'),
    learningRate: scheduled.default(1),
    maxIterations: count.default(20),
    history: count.default(100),
    toleranceGradient: z.number().nonnegative().default(1e-7),
    toleranceChange: z.number().nonnegative().default(1e-9),
    lineSearch: z.enum(['none', 'strong-wolfe']).default('none')
  }),
  z.strictObject({
    kind: z.literal('damped-newton'),
    learningRate: scheduled.default(1),
    scope: scope.default('full'),
    damping: z
      .strictObject({ kind: z.literal('shifted').default('shifted'), value: scheduled.default(0.1), adapt: dampingAdaptation, candidates })
      .prefault({}),
    curvatureBatch
  }),
  z.strictObject({
    kind: z.literal('levenberg-marquardt'),
    learningRate: scheduled.default(1),
    scope: scope.default('full'),
    damping: z
      .strictObject({
        kind: z.literal('shifted').default('shifted'),
        value: scheduled.default(1),
        adapt: z.enum(['none', 'levenberg', 'best-of']).default('levenberg'),
        candidates
      })
      .prefault({}),
    curvatureBatch
  }),
  z.strictObject({
    kind: z.literal('sfn'),
    learningRate: scheduled.default(0.1),
    scope: scope.default('full'),
    damping: sfnDamping,
    curvatureBatch
  }),
  z.strictObject({
    kind: z.literal('sfn-krylov'),
    learningRate: scheduled.default(1),
    vectors: count.default(20),
    damping: sfnDamping,
    curvatureBatch
  }),
  z.strictObject({
    kind: z.literal('fd-newton'),
    learningRate: scheduled.default(0.1),
    mode: z.enum(['finite-difference', 'limit', 'joint']).default('limit'),
    /** finite-difference only; `defaultDifference` when left out there. */
    r: positive.optional()
  }),
  z.strictObject({
    kind: z.literal('series-newton'),
    learningRate: scheduled.default(1),
    /** Of convergence at a strict minimum: K = order − 1 terms of the power series. */
    order: z.number().int().min(2).max(6).default(3),
    saddleFree: z.boolean().default(true),
    damping: z.strictObject({ value: scheduled.default(0), adapt: dampingAdaptation, candidates }).prefault({}),
    summation: z.enum(['taylor', 'pade']).default('taylor'),
    /** θ of ‖s_k‖t^k ≤ θ‖s_1‖t; null: t is the learning rate, however the terms grow. */
    guard: positive.nullable().default(0.5)
  }),
  z.strictObject({
    kind: z.literal('ar3'),
    learningRate: scheduled.default(1),
    sigma: positive.default(1),
    theta: positive.default(0.1)
  }),
  z.strictObject({
    kind: z.literal('muon'),
    learningRate: scheduled.default(0.001),
    weightDecay: z.number().nonnegative().default(0.1),
    momentum: beta.default(0.95),
    nesterov: z.boolean().default(true),
    /** a, b, c of the Newton–Schulz polynomial aX + b(XXᵀ)X + c(XXᵀ)²X. */
    nsCoefficients: z.array(z.number()).length(3).default([3.4445, -4.775, 2.0315]),
    nsSteps: count.max(99).default(5),
    epsilon: positive.default(1e-7),
    adjustLrFn: z.enum(['original', 'match-rms-adamw', 'spectral-unclamped']).default('original'),
    /** AdamW of the biases, at `rate` times the learning rate. */
    biases: z
      .strictObject({
        rate: positive.default(1),
        beta1: beta.default(0.9),
        beta2: beta.default(0.999),
        epsilon: positive.default(1e-8),
        weightDecay: z.number().nonnegative().default(0.01)
      })
      .prefault({})
  }),
  z.strictObject({
    kind: z.literal('shampoo'),
    learningRate: scheduled.default(0.001),
    momentum: beta.default(0),
    weightDecay: z.number().nonnegative().default(0),
    weightDecouple: z.boolean().default(false),
    fixedDecay: z.boolean().default(false),
    preconditioningComputeSteps: count.default(1),
    matrixEps: positive.default(1e-6),
    /** δ of the exact Gauss–Newton blocks' step that diagnostics compare with. */
    exactDamping: positive.default(0.001)
  }),
  z.strictObject({
    kind: z.literal('soap'),
    learningRate: scheduled.default(0.003),
    beta1: beta.default(0.95),
    beta2: beta.default(0.95),
    /** null: beta2. */
    shampooBeta: beta.nullable().default(null),
    weightDecay: z.number().nonnegative().default(0.01),
    preconditionFrequency: count.default(10),
    maxPreconditionDim: count.default(10_000),
    precondition1d: z.boolean().default(false),
    correctBias: z.boolean().default(true),
    normalizeGradient: z.boolean().default(false),
    epsilon: positive.default(1e-8)
  }),
  z.strictObject({
    kind: z.literal('k-fac'),
    learningRate: scheduled.default(1),
    damping: z.strictObject({ kind: z.enum(['factored', 'exact']).default('factored'), value: scheduled.default(0.01) }).prefault({}),
    /** Of the running means of the factors; 0: those of this step's batch alone. */
    factorDecay: beta.default(0.95),
    curvatureBatch
  }),
  z.strictObject({
    kind: z.literal('schedule-free-adamw'),
    learningRate: scheduled.default(0.0025),
    beta1: z.number().gt(0).lt(1).default(0.9),
    beta2: beta.default(0.999),
    epsilon: positive.default(1e-8),
    weightDecay: z.number().nonnegative().default(0),
    warmupSteps: z.number().int().nonnegative().default(0),
    r: z.number().nonnegative().default(0),
    weightLrPower: z.number().nonnegative().default(2)
  })
])

export const budgetSchema = z
  .strictObject({
    epochs: positive.nullable().default(null),
    /** 0: nothing is trained; the start itself is what is looked at. */
    steps: z.number().int().nonnegative().nullable().default(null),
    seconds: positive.nullable().default(null),
    targetLoss: z.number().nullable().default(null)
  })
  .refine(
    (budget) => budget.epochs !== null || budget.steps !== null || budget.seconds !== null,
    'needs at least one of epochs, steps, seconds'
  )

export const evaluateSchema = z.strictObject({
  everySteps: every.default(null),
  everyEpochs: every.default(null),
  /** Weights and gradients by layer as histograms, a line an evaluation in histograms.ndjson. */
  histograms: z.boolean().default(false)
})

export const snapshotsSchema = z.strictObject({
  everySteps: every.default(null),
  eigenvalues: z.boolean().default(true),
  eigenvectors: z.union([z.literal('all'), z.number().int().nonnegative()]).default(16),
  hessian: z.boolean().default(false),
  precision: z.enum(['float64', 'float32']).default('float64'),
  maxBytes: z.string().regex(writtenBytes, 'must be a size such as "20 GB"').default('20 GB')
})

export const checkpointsSchema = z.strictObject({ everySteps: every.default(50), keep: count.default(3) })
/** Every so many steps the spectrum of the step's own curvature is computed for its diagnostics, also where the step itself needs none. */
export const diagnosticsSchema = z.strictObject({ everySteps: every.default(null) })

export const losses = ['half-sse', 'mse', 'softmax-cross-entropy'] as const
export type LossKind = (typeof losses)[number]

/** In place of a function's name in runs that were never trained here (a matrix or a metrics table from elsewhere, a recorded loop): nothing is known to compute. */
export const foreignFunctions: readonly string[] = ['imported', 'recorded']

/** A function of named variables in place of a network: `data`, `model`, `loss` and `batch` are then left out. */
export const functionProblemSchema = z.strictObject({
  kind: z.literal('function'),
  /** Name of a built-in function, or an expression such as "x^2 - y^2". */
  function: z.string().min(1).max(2000),
  /** Variables of an expression, in the order of the parameter vector; null: alphabetical. */
  variables: z
    .array(z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,30}$/))
    .min(1)
    .nullable()
    .default(null),
  start: z.array(z.number()).min(1).nullable().default(null)
})

const common = {
  schemaVersion: z.literal(currentSchemaVersion),
  name: z.string().max(200),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0),
  tags: z.array(z.string().min(1).max(100)).default([]),
  /** Part of what is minimized: ½·l2·‖w‖² over all parameters, biases too; not part of evaluations. */
  regularization: z.strictObject({ l2: z.number().nonnegative().default(0) }).prefault({}),
  optimizer: optimizerSchema,
  budget: budgetSchema,
  evaluate: evaluateSchema.prefault({}),
  snapshots: snapshotsSchema.prefault({}),
  checkpoints: checkpointsSchema.prefault({}),
  diagnostics: diagnosticsSchema.prefault({})
}

export const networkSpecSchema = z.strictObject({
  ...common,
  data: dataSchema,
  model: modelSchema,
  loss: z.enum(losses),
  batch: z.strictObject({ size: count.nullable().default(null), shuffle: z.boolean().default(false) }).prefault({})
})

export const functionSpecSchema = z.strictObject({ ...common, problem: functionProblemSchema })

export type NetworkSpec = z.output<typeof networkSpecSchema>
export type FunctionSpec = z.output<typeof functionSpecSchema>
export type RunSpec = NetworkSpec | FunctionSpec
export type OptimizerSpec = z.output<typeof optimizerSchema>
export type OptimizerInput = z.input<typeof optimizerSchema>
export type OptimizerKind = OptimizerSpec['kind']
export type Activation = z.output<typeof activationSchema>
export type ModelSpec = z.output<typeof modelSchema>
export type DataSpec = z.output<typeof dataSchema>
export type Transform = z.output<typeof transformSchema>
export type BudgetSpec = z.output<typeof budgetSchema>
export type SnapshotsSpec = z.output<typeof snapshotsSchema>

export function isFunctionSpec(spec: RunSpec): spec is FunctionSpec {
  return 'problem' in spec
}
