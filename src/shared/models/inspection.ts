// A network that was made elsewhere: what a look at its file finds, and what must be said to take it in.
import { z } from 'zod'
import { activationSchema, deviceNames, losses, runIdPattern, transformSchema, type Activation } from '../spec/schema'

export const modelFormats = ['safetensors', 'npz', 'pytorch', 'onnx'] as const
export type ModelFormat = (typeof modelFormats)[number]

/** Element types of weights, as the file has them; all are taken over as float64, exactly. */
export const weightTypes = ['f64', 'f32', 'f16', 'bf16'] as const
export type WeightType = (typeof weightTypes)[number]

export interface ModelLayer {
  /** Name of the matrix in the file. */
  readonly weight: string
  readonly bias: string | null
  readonly inputs: number
  readonly outputs: number
  readonly type: WeightType
  /** Stored outputs × inputs, as PyTorch does; it is turned. */
  readonly transposed: boolean
  /** null: the file does not say. */
  readonly activation: Activation | null
}

/** What the file may leave open and must then be given. */
export const modelQuestions = ['order', 'activation', 'outputActivation', 'loss'] as const
export type ModelQuestion = (typeof modelQuestions)[number]

export interface ModelInspection {
  readonly path: string
  readonly name: string
  readonly format: ModelFormat
  readonly bytes: number
  readonly layers: readonly ModelLayer[]
  readonly widths: readonly number[]
  readonly bias: boolean
  readonly parameters: number
  /** Orders of the layers (names of their weights) that fit by shape, the natural one first; one: nothing to ask. */
  readonly orders: readonly (readonly string[])[]
  /** What the file does not say and must be given. */
  readonly asked: readonly ModelQuestion[]
  /** A complete spec, "?" where something is asked. */
  readonly spec: unknown
  readonly notes: readonly string[]
}

const path = z.string().min(1).max(4000)
const id = (what: string) =>
  z
    .string()
    .regex(runIdPattern, `must be a ${what}`)
    .refine((text) => !deviceNames.test(text), `must be a ${what}, not the name of a device on Windows`)

export const modelImportSchema = z.strictObject({
  /** Of the network's file, on the workbench's machine. */
  path,
  /** An installed dataset, or a file that is installed as one. */
  dataset: z.union([id('dataset id'), z.strictObject({ path })]),
  transforms: z.array(transformSchema).max(100).optional(),
  /** Names of the weights, from the inputs to the outputs. */
  order: z.array(z.string().max(1000)).min(1).max(1000).optional(),
  /** Of the hidden layers. */
  activation: activationSchema.optional(),
  outputActivation: activationSchema.nullable().optional(),
  loss: z.enum(losses).optional(),
  targets: z.enum(['one-hot', 'input']).optional(),
  trainLimit: z.number().int().positive().nullable().optional(),
  /** The loss on all training samples: another one (by more than 1e-9, relative) is refused. */
  expectLoss: z.number().nullable().optional(),
  id: id('run id').optional(),
  name: z.string().min(1).max(200).optional()
})
export type ModelImport = z.input<typeof modelImportSchema>
