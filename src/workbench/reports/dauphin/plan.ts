// What the report on Dauphin et al. (2014) runs: nets, methods, seeds and searches by scale.
import { randomStream } from '../../../engine/random'
import { dauphinNewton, dauphinSgd, type DauphinData, type DauphinNet, type SgdDraw } from '../../../shared/spec/dauphin'
import type { ReportScale } from '../context'
import type { PlannedRun } from '../runs'

export const methods = ['Minibatch SGD', 'Damped Newton', 'Saddle-free Newton'] as const
export type Method = (typeof methods)[number]

export interface Planned extends PlannedRun {
  readonly net: DauphinNet
  readonly method: Method
  /** Of SGD alone. */
  readonly draw: SgdDraw | null
}

interface NetSizes {
  readonly hidden: number
  readonly samples: number
  readonly seeds: number
  /** Steps of the second-order methods, each an epoch: they take all of the data at every step. */
  readonly steps: number
}

export interface Sizes {
  readonly data: readonly DauphinData[]
  readonly activations: readonly DauphinNet['activation'][]
  readonly nets: readonly NetSizes[]
  readonly sgd: { readonly draws: number; readonly epochs: number; readonly checkpoints: number }
  /** From the first net's saddle-free run of every data set and activation. */
  readonly critical: { readonly steps: readonly number[]; readonly starts: number; readonly noise: number; readonly iterations: number }
  /** Points of the best SGD run at which the whole spectrum is computed. */
  readonly spectra: number
}

const cifar = ['cifar10-grey', 'cifar10-colour'] as const

export const sizesOf: Readonly<Record<ReportScale, Sizes>> = {
  tiny: {
    data: ['mnist10'],
    activations: ['tanh'],
    nets: [{ hidden: 2, samples: 100, seeds: 1, steps: 6 }],
    sgd: { draws: 2, epochs: 6, checkpoints: 3 },
    critical: { steps: [0, 6], starts: 1, noise: 0.1, iterations: 15 },
    spectra: 3
  },
  small: {
    data: ['mnist10', 'cifar10-grey'],
    activations: ['tanh'],
    nets: [
      { hidden: 5, samples: 1000, seeds: 2, steps: 30 },
      { hidden: 25, samples: 1000, seeds: 1, steps: 6 }
    ],
    sgd: { draws: 8, epochs: 30, checkpoints: 15 },
    critical: { steps: [0, 1, 2, 5, 10, 20, 30], starts: 2, noise: 0.1, iterations: 60 },
    spectra: 6
  },
  full: {
    data: ['mnist10', ...cifar],
    activations: ['tanh', 'sigmoid'],
    nets: [
      { hidden: 5, samples: 10_000, seeds: 5, steps: 100 },
      { hidden: 25, samples: 10_000, seeds: 3, steps: 100 },
      { hidden: 50, samples: 10_000, seeds: 3, steps: 60 }
    ],
    sgd: { draws: 60, epochs: 100, checkpoints: 50 },
    critical: { steps: [0, 1, 2, 3, 5, 8, 12, 20, 30, 50, 75, 100], starts: 10, noise: 0.1, iterations: 300 },
    spectra: 20
  }
}

/** The random search of SGD: the same draws for every net. Learning rate log-uniform in 10⁻² … 10⁰·⁵, momentum uniform in 0 … 0.95, batches of 10 … 100. */
export function sgdDraws(count: number): SgdDraw[] {
  const random = randomStream(0, 'dauphin-sgd')
  const short = (value: number) => Number(value.toPrecision(3))
  return Array.from({ length: count }, () => ({
    learningRate: short(10 ** (-2 + 2.5 * random.uniform())),
    momentum: short(0.95 * random.uniform()),
    batch: [10, 25, 50, 100][random.below(4)]
  }))
}

const kinds = { 'damped-newton': 'Damped Newton', sfn: 'Saddle-free Newton' } as const

/** Every run of a scale on the data sets that are there. */
export function plannedRuns(scale: ReportScale, there: (data: DauphinData) => boolean): Planned[] {
  const { data, activations, nets, sgd } = sizesOf[scale]
  const planned: Planned[] = []
  for (const set of data.filter(there))
    for (const activation of activations)
      for (const { hidden, samples, seeds, steps } of nets) {
        const id = (method: string, seed: number) => `dauphin-${scale}-${set}-${activation}-${hidden}-${method}-${seed}`
        const net = (seed: number): DauphinNet => ({ data: set, hidden, activation, samples, seed })
        for (let seed = 1; seed <= seeds; seed++)
          for (const kind of ['sfn', 'damped-newton'] as const)
            planned.push({
              id: id(kind, seed),
              spec: dauphinNewton(net(seed), kind, steps),
              net: net(seed),
              method: kinds[kind],
              draw: null
            })
        for (const [k, draw] of sgdDraws(sgd.draws).entries())
          planned.push({
            id: id(`sgd-${k + 1}`, 1),
            spec: dauphinSgd(net(1), draw, sgd.epochs, sgd.checkpoints),
            net: net(1),
            method: 'Minibatch SGD',
            draw
          })
      }
  return planned
}
