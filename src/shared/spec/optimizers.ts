// Everything there is to know of a kind of optimizer besides its options (schema.ts) and its step (src/engine/optimizers): one record a kind.
import type { OptimizerInput, OptimizerKind, OptimizerSpec, Scope } from './schema'

export type SpecOf<Kind extends OptimizerKind> = Extract<OptimizerSpec, { kind: Kind }>

/** What a step works on. */
export interface StepSize {
  readonly parameters: number
  /** Samples of a batch. */
  readonly batch: number
  /** Blocks of the optimizer's scope: `units` matrices of `size` × `size` each. */
  readonly blocks: readonly { readonly size: number; readonly units: number }[]
  /** Of each layer: inputs (and the bias) × outputs; a function's variables × 1. */
  readonly layers: readonly { readonly rows: number; readonly columns: number }[]
  /** Shapes of the arrays that rules by array see: matrices of two sides, vectors of one. */
  readonly arrays: readonly (readonly number[])[]
}

/** What a step takes beyond the gradient's passes: numbers (doubles) held at its peak, and flops in products. */
export interface StepCost {
  readonly numbers: number
  readonly flops: number
}

export interface OptimizerFacts<Kind extends OptimizerKind> {
  readonly label: string
  /** Options it starts with in the playground, on functions of two variables; null: it is not for functions. */
  readonly playground: (Omit<Extract<OptimizerInput, { kind: Kind }>, 'kind'> & { readonly learningRate: number }) | null
  /** `inverse-gradient` asks for an invertible activation and a loss whose outputs do not mix; `network` for layers, which a function has not. */
  readonly needs: 'gradient' | 'curvature' | 'inverse-gradient' | 'network'
  /** Of the matrices it assembles, where that is no option of its. */
  readonly scope?: Scope
  /** Numbers that it keeps from step to step, besides the parameters. */
  state(spec: SpecOf<Kind>, size: StepSize): number
  cost(spec: SpecOf<Kind>, size: StepSize): StepCost
}

/** Relative step of `fd-newton`'s finite differences where the spec names none. */
export const defaultDifference = 1e-9

const none = () => 0
const vectors =
  (count: number) =>
  (_: unknown, { parameters }: StepSize) =>
    count * parameters
const free = () => ({ numbers: 0, flops: 0 })

/** Entries of all blocks' matrices. */
export const entriesOf = (blocks: StepSize['blocks']) => blocks.reduce((sum, { size, units }) => sum + size * size * units, 0)
const cubesOf = (blocks: StepSize['blocks']) => blocks.reduce((sum, { size, units }) => sum + size ** 3 * units, 0)

/** Blocks with so many rows and more are brought to tridiagonal form only. Below, all eigenpairs take a fraction of a second anyway. */
export const tridiagonalFrom = 1000

/** The matrices assembled (1.3 × their size at the peak), then solved by Cholesky factorization, n³/3 flops. */
const factorizing = (_: unknown, { batch, blocks }: StepSize): StepCost => ({
  numbers: 1.3 * entriesOf(blocks),
  flops: batch * entriesOf(blocks) + cubesOf(blocks) / 3
})
/** The same decomposed, three matrices at once: a symmetric eigendecomposition takes about 9 n³ flops, at about a third of the speed of products. */
export const decomposing = (_: unknown, { batch, blocks }: Pick<StepSize, 'batch' | 'blocks'>): StepCost => ({
  numbers: 3 * entriesOf(blocks),
  flops: batch * entriesOf(blocks) + 27 * cubesOf(blocks)
})

/** As `decomposing`, in half the time for large blocks, of which the tridiagonal form is enough (`bench matrix-function`); memory as where a step needs eigenvectors after all. */
const reducing = (_: unknown, size: StepSize): StepCost => {
  const large = size.blocks.filter((block) => block.size >= tridiagonalFrom)
  const { numbers, flops } = decomposing(null, size)
  return { numbers, flops: flops - 14 * cubesOf(large) }
}

/** The square matrices that a rule keeps for the sides of the arrays, of vectors only where it says so: their sizes. */
const sidesOf = ({ arrays }: StepSize, vectors: boolean) => arrays.flatMap((shape) => (shape.length === 2 || vectors ? shape : []))
const entriesOfSides = (sides: readonly number[]) => sides.reduce((sum, size) => sum + size * size, 0)
const cubesOfSides = (sides: readonly number[]) => sides.reduce((sum, size) => sum + size ** 3, 0)
/** Flops of every array's product with the square matrices of its sides. */
const flopsOfSides = ({ arrays }: StepSize, vectors: boolean) =>
  arrays.reduce((sum, shape) => {
    const entries = shape.reduce((product, size) => product * size, 2)
    return sum + (shape.length === 2 || vectors ? entries * shape.reduce((sizes, size) => sizes + size, 0) : 0)
  }, 0)
/** Both Kronecker factors of every layer. */
const factorSizes = ({ layers }: StepSize) => layers.flatMap(({ rows, columns }) => [rows, columns])

const soapSides = ({ precondition1d, maxPreconditionDim }: SpecOf<'soap'>, size: StepSize) =>
  sidesOf(size, precondition1d).filter((side) => side <= maxPreconditionDim)

/** A jet of order K takes (K + 1)(K + 2)/2 gradients at most, a gradient 6·N·P flops. */
const jetFlops = (order: number, { batch, parameters }: StepSize) => 3 * (order + 1) * (order + 2) * batch * parameters

/** By kind, in the order in which the playground offers them. */
export const optimizers: { readonly [Kind in OptimizerKind]: OptimizerFacts<Kind> } = {
  sfn: {
    label: 'Saddle-free Newton',
    playground: { learningRate: 1, scope: 'full', damping: { kind: 'shifted-abs', value: 0.001 } },
    needs: 'curvature',
    state: none,
    cost: reducing
  },
  'damped-newton': {
    label: 'Damped Newton',
    playground: { learningRate: 1, scope: 'full', damping: { kind: 'shifted', value: 0.001 } },
    needs: 'curvature',
    state: none,
    cost: factorizing
  },
  'levenberg-marquardt': {
    label: 'Levenberg–Marquardt',
    playground: { learningRate: 1 },
    needs: 'curvature',
    state: none,
    cost: factorizing
  },
  'series-newton': {
    label: 'Series Newton',
    playground: { learningRate: 1, order: 4, damping: { value: 0.001 } },
    needs: 'curvature',
    scope: 'full',
    state: none,
    cost(spec, size) {
      const { numbers, flops } = decomposing(spec, size)
      let jets = 0
      for (let k = 2; k < spec.order; k++) jets += jetFlops(k, size)
      return { numbers: numbers + 2 * spec.order * size.parameters, flops: flops + jets }
    }
  },
  ar3: {
    label: 'AR3 (third order)',
    playground: { learningRate: 1 },
    needs: 'curvature',
    scope: 'full',
    state: none,
    // About four jets a step, as the fixed point of the model takes them.
    cost(spec, size) {
      const { numbers, flops } = decomposing(spec, size)
      return { numbers: numbers + 6 * size.parameters, flops: flops + 4 * jetFlops(2, size) }
    }
  },
  'fd-newton': {
    label: 'FD-Newton (inverse gradient)',
    playground: { learningRate: 1, mode: 'limit' },
    needs: 'inverse-gradient',
    state: none,
    // Joint: as many iterations as parameters at most, each vector kept, made orthogonal to those before and put through the network twice.
    cost: ({ mode }, { batch, parameters }) =>
      mode === 'joint'
        ? { numbers: 2 * parameters ** 2, flops: 4 * parameters ** 3 + 30 * batch * parameters ** 2 }
        : { numbers: 2 * batch * batch, flops: batch ** 3 / 3 + 4 * batch * parameters }
  },
  'sfn-krylov': {
    label: 'Krylov saddle-free Newton',
    playground: { learningRate: 1, damping: { kind: 'shifted-abs', value: 0.001 } },
    needs: 'curvature',
    state: none,
    cost(spec, { batch, parameters }) {
      const vectors = Math.min(spec.vectors, parameters)
      return { numbers: 2 * vectors * parameters, flops: vectors * 20 * batch * parameters }
    }
  },
  'l-bfgs': {
    label: 'L-BFGS',
    playground: { learningRate: 1, lineSearch: 'strong-wolfe' },
    needs: 'gradient',
    state: ({ history }, { parameters }) => (2 * history + 2) * parameters,
    cost: free
  },
  gd: { label: 'Gradient descent', playground: { learningRate: 0.001 }, needs: 'gradient', state: none, cost: free },
  momentum: {
    label: 'Momentum',
    playground: { learningRate: 0.0005, momentum: 0.9 },
    needs: 'gradient',
    state: vectors(1),
    cost: free
  },
  nesterov: {
    label: 'Nesterov',
    playground: { learningRate: 0.0005, momentum: 0.9 },
    needs: 'gradient',
    state: vectors(1),
    cost: free
  },
  rmsprop: { label: 'RMSProp', playground: { learningRate: 0.01 }, needs: 'gradient', state: vectors(3), cost: free },
  adam: { label: 'Adam', playground: { learningRate: 0.05 }, needs: 'gradient', state: vectors(2), cost: free },
  muon: {
    label: 'Muon',
    playground: null,
    needs: 'network',
    // AdamW's two means of the biases besides.
    state: (_, { parameters, arrays }) => parameters + 2 * arrays.reduce((sum, shape) => sum + (shape.length === 1 ? shape[0] : 0), 0),
    // Each round takes three products on the shorter side.
    cost: ({ nsSteps }, { parameters, layers }) => ({
      numbers: 3 * parameters,
      flops: nsSteps * layers.reduce((sum, { rows, columns }) => sum + 6 * rows * columns * Math.min(rows, columns), 0)
    })
  },
  shampoo: {
    label: 'Shampoo',
    playground: { learningRate: 0.5 },
    needs: 'gradient',
    state: ({ momentum, preconditioningComputeSteps }, size) =>
      (momentum > 0 ? size.parameters : 0) + (preconditioningComputeSteps > 1 ? 2 : 1) * entriesOfSides(sidesOf(size, true)),
    cost: ({ preconditioningComputeSteps }, size) => ({
      numbers: 4 * entriesOfSides(sidesOf(size, true)),
      flops: 2 * flopsOfSides(size, true) + (27 * cubesOfSides(sidesOf(size, true))) / preconditioningComputeSteps
    })
  },
  soap: {
    label: 'SOAP',
    playground: { learningRate: 0.05, precondition1d: true },
    needs: 'gradient',
    state: (spec, size) => 2 * size.parameters + 2 * entriesOfSides(soapSides(spec, size)),
    cost: (spec, size) => ({
      numbers: 4 * entriesOfSides(soapSides(spec, size)),
      flops: 4 * flopsOfSides(size, spec.precondition1d) + (6 * cubesOfSides(soapSides(spec, size))) / spec.preconditionFrequency
    })
  },
  'k-fac': {
    label: 'K-FAC',
    playground: null,
    needs: 'network',
    scope: 'layer-blocks',
    state: (_, size) => entriesOfSides(factorSizes(size)),
    // A pass back for each output, then both factors factorized.
    cost(_, size) {
      const { batch, parameters, layers } = size
      const factors = factorSizes(size)
      return {
        numbers: 3 * entriesOfSides(factors),
        flops: 4 * batch * parameters * layers[layers.length - 1].columns + batch * entriesOfSides(factors) + cubesOfSides(factors)
      }
    }
  },
  'schedule-free-adamw': {
    label: 'Schedule-free AdamW',
    playground: { learningRate: 0.05 },
    needs: 'gradient',
    state: vectors(2),
    cost: free
  },
  adamw: { label: 'AdamW', playground: { learningRate: 0.05 }, needs: 'gradient', state: vectors(2), cost: free }
}

export const optimizerKinds = Object.keys(optimizers) as readonly OptimizerKind[]

/** The record of the kind that a spec names. */
export const factsOf = ({ kind }: Pick<OptimizerSpec, 'kind'>): OptimizerFacts<OptimizerKind> => optimizers[kind]

/** Of the curvature matrices that a step assembles; null where it assembles none. */
export const scopeOf = (optimizer: OptimizerSpec): Scope | null =>
  'scope' in optimizer ? optimizer.scope : (factsOf(optimizer).scope ?? null)
