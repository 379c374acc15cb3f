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
