// What the report on dynamics runs: small nets at many learning rates, two maps whose exponents are known, and planes of starts on functions and a net.
import type { NetworkInput, RunSpecInput } from '../../../shared/spec/preset-parts'
import type { OptimizerInput, OptimizerKind } from '../../../shared/spec/schema'
import type { ReportScale } from '../context'
import type { PlannedRun } from '../runs'

/** A net trained at one learning rate to where its motion has settled; the exponents are of the steps after. */
export interface SweepPlace extends PlannedRun {
  readonly net: string
  readonly optimizer: OptimizerKind
  readonly learningRate: number
  readonly seed: number
  /** Steps that the exponents are averaged over. */
  readonly steps: number
}

/** A map with known exponents. */
export interface KnownPlace extends PlannedRun {
  readonly title: string
  readonly largest: number
  readonly sum: number
  readonly steps: number
}

/** A plane of starts from which an optimizer goes until it arrives. */
export interface BasinPlace extends PlannedRun {
  readonly title: string
  readonly of: string
  readonly rule: 'newton' | 'saddle-free' | 'damped' | 'first order'
  readonly options: Readonly<Record<string, unknown>>
}

export interface Plan {
  readonly sweep: readonly SweepPlace[]
  readonly known: readonly KnownPlace[]
  readonly basins: readonly BasinPlace[]
}

interface Size {
  readonly rates: number
  readonly seeds: number
  /** Steps before the exponents are taken, and after. */
  readonly settle: number
  readonly steps: number
  readonly pixels: number
}

export const sizes: Readonly<Record<ReportScale, Size>> = {
  tiny: { rates: 3, seeds: 1, settle: 100, steps: 100, pixels: 32 },
  small: { rates: 12, seeds: 3, settle: 2000, steps: 2000, pixels: 256 },
  full: { rates: 25, seeds: 10, settle: 5000, steps: 10_000, pixels: 512 }
}

/** Weight decay of the nets: without it directions that the loss does not feel have exponent 0, and nothing could cross it. */
export const weightDecay = 0.01

const nets: Readonly<Record<string, Pick<NetworkInput, 'data' | 'model' | 'loss'>>> = {
  'XOR net 2 → 4 → 2': {
    data: { dataset: 'xor' },
    model: { layers: [2, 4, 2], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal', gain: 1 } },
    loss: 'mse'
  },
  'two-spirals net 2 → 6 → 2': {
    data: { dataset: 'two-spirals' },
    model: { layers: [2, 6, 2], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal', gain: 1 } },
    loss: 'mse'
  }
}

interface Rule {
  readonly optimizer: OptimizerInput
  /** Learning rates, from and to. */
  readonly between: readonly [number, number]
}

const rules: readonly Rule[] = [
  { optimizer: { kind: 'gd' }, between: [0.5, 20] },
  { optimizer: { kind: 'momentum', momentum: 0.9 }, between: [0.05, 10] },
  { optimizer: { kind: 'adam' }, between: [0.005, 4] },
  { optimizer: { kind: 'sfn', scope: 'full', damping: { kind: 'shifted-abs', value: 0.01 } }, between: [0.1, 8] }
]

const geometric = ([from, to]: readonly [number, number], count: number) =>
  Array.from({ length: count }, (_, k) => Number((from * (to / from) ** (k / (count - 1))).toPrecision(3)))

const quiet = { evaluate: { everySteps: null }, snapshots: { everySteps: null }, diagnostics: { everySteps: null } } as const

function sweepPlaces(scale: ReportScale): SweepPlace[] {
  const { rates, seeds, settle, steps } = sizes[scale]
  return Object.entries(nets).flatMap(([net, parts], n) =>
    rules.flatMap(({ optimizer, between }) =>
      geometric(between, rates).flatMap((learningRate, k) =>
        Array.from({ length: seeds }, (_, seed): SweepPlace => {
          const spec: RunSpecInput = {
            schemaVersion: 1,
            name: `${net}, ${optimizer.kind}, learning rate ${learningRate}`,
            seed,
            ...parts,
            regularization: { l2: weightDecay },
            batch: { size: null },
            optimizer: { ...optimizer, learningRate },
            budget: { steps: settle },
            ...quiet,
            checkpoints: { everySteps: settle, keep: 1 }
          }
          return {
            id: `dynamics-${scale}-net${n + 1}-${optimizer.kind}-${k + 1}-seed${seed}`,
            spec,
            net,
            optimizer: optimizer.kind,
            learningRate,
            seed,
            steps
          }
        })
      )
    )
  )
}

const knownPlace = (scale: ReportScale, name: 'logistic' | 'henon', more: Omit<KnownPlace, 'id' | 'spec' | 'steps'>): KnownPlace => ({
  id: `dynamics-${scale}-${name}`,
  spec: {
    schemaVersion: 1,
    name: more.title,
    problem: { kind: 'function', function: name },
    optimizer: name === 'logistic' ? { kind: 'gd', learningRate: 1 } : { kind: 'momentum', learningRate: 1, momentum: -0.3 },
    budget: { steps: 1 }
  },
  steps: scale === 'tiny' ? 2000 : 100_000,
  ...more
})

interface Descent {
  readonly title: string
  readonly rule: BasinPlace['rule']
  readonly optimizer: OptimizerInput
  readonly steps: number
}

const newtonRules: readonly Descent[] = [
  {
    title: 'Newton',
    rule: 'newton',
    optimizer: { kind: 'damped-newton', scope: 'full', learningRate: 1, damping: { kind: 'shifted', value: 1e-9 } },
    steps: 100
  },
  {
    title: 'series Newton of order 4',
    rule: 'newton',
    optimizer: { kind: 'series-newton', order: 4, saddleFree: false, learningRate: 1 },
    steps: 100
  },
  {
    title: 'saddle-free Newton',
    rule: 'saddle-free',
    optimizer: { kind: 'sfn', scope: 'full', learningRate: 1, damping: { kind: 'shifted-abs', value: 1e-9 } },
    steps: 100
  },
  {
    title: 'saddle-free Newton, a tenth of the step',
    rule: 'saddle-free',
    optimizer: { kind: 'sfn', scope: 'full', learningRate: 0.1, damping: { kind: 'shifted-abs', value: 1e-9 } },
    steps: 600
  }
]

function basinPlaces(scale: ReportScale): BasinPlace[] {
  const { pixels } = sizes[scale]
  const gradient: OptimizerInput = { kind: 'gd', learningRate: 0.003 }
  const damped: OptimizerInput = { kind: 'sfn', scope: 'full', learningRate: 1, damping: { kind: 'shifted-abs', value: 100 } }
  const onFunction: readonly Descent[] = [
    ...newtonRules,
    { title: 'gradient descent', rule: 'first order', optimizer: gradient, steps: 3000 },
    { title: 'saddle-free Newton, damped by 100', rule: 'damped', optimizer: damped, steps: 300 }
  ]
  return onFunction.map(({ title, rule, optimizer, steps }, k) => {
    const axis = (variable: string) => ({ path: `start.${variable}`, from: -6, to: 6, count: pixels, scale: 'linear' })
    return {
      id: `dynamics-${scale}-basins-${k + 1}`,
      spec: {
        schemaVersion: 1,
        name: `Himmelblau by ${title}`,
        problem: { kind: 'function', function: 'himmelblau' },
        optimizer,
        budget: { steps }
      },
      title,
      of: 'Himmelblau’s function',
      rule,
      options: { of: 'basin', x: axis('x'), y: axis('y'), steps }
    }
  })
}

export const plan = (scale: ReportScale): Plan => ({
  sweep: sweepPlaces(scale),
  known: [
    knownPlace(scale, 'logistic', { title: 'logistic map', largest: Math.LN2, sum: Math.LN2 }),
    knownPlace(scale, 'henon', { title: 'Hénon map', largest: 0.4192, sum: Math.log(0.3) })
  ],
  basins: basinPlaces(scale)
})
