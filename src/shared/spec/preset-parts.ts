// What presets are, and parts that several are made of.
import type { z } from 'zod'
import type { functionSpecSchema, networkSpecSchema } from './schema'

export type RunSpecInput = z.input<typeof networkSpecSchema> | z.input<typeof functionSpecSchema>
export type NetworkInput = z.input<typeof networkSpecSchema>

export interface Preset {
  readonly name: string
  readonly title: string
  readonly description: string
  /** What it takes on a machine with two cores. */
  readonly cost: string
  /** Name of the group its runs are compared in; null for a single run. */
  readonly group: string | null
  readonly specs: readonly RunSpecInput[]
  /** Its options are chosen to show something, not to train well. */
  readonly example?: true
}

export const cifarPixels = { kind: 'affine', divide: 256, subtract: 0.5 } as const
export const halfSlope = { kind: 'leaky-relu', slope: 0.5 } as const

export const saddleFree: NetworkInput['optimizer'] = {
  kind: 'sfn',
  scope: 'full',
  damping: { kind: 'shifted-abs', value: 0.1 },
  learningRate: 1
}

/** Small digits and a small tanh net whose weights start near zero, that is near a saddle. */
export const smallNet = (
  name: string,
  optimizer: NetworkInput['optimizer'],
  steps: number,
  everySteps: number,
  hidden = [5],
  gain = 0.1
): NetworkInput => ({
  schemaVersion: 1,
  name,
  seed: 1,
  tags: ['mnist10', optimizer.kind],
  data: { dataset: 'mnist10', trainLimit: 1000, testLimit: 2000, transforms: [{ kind: 'affine', divide: 256, subtract: 0 }] },
  model: { layers: [100, ...hidden, 10], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal', gain } },
  loss: 'softmax-cross-entropy',
  batch: { size: null, shuffle: false },
  optimizer,
  budget: { steps },
  evaluate: { everySteps: 5 },
  snapshots: { everySteps, eigenvalues: true, eigenvectors: 16, hessian: false },
  checkpoints: { everySteps: 10, keep: 3 }
})
