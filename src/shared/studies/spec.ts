// A study, schemaVersion 1: one run spec, what of it varies, how often, and how its runs are judged. Its rules are in check.ts.
import { z } from 'zod'
import { optimizerSchema, type OptimizerSpec, type RunSpec } from '../spec/schema'
import { studyAnalysisSchema, type StudyAnalysis } from './analyses'

export const scales = ['linear', 'log'] as const
export type Scale = (typeof scales)[number]

const count = z.number().int().positive()

/** Which of its forms it has is for check.ts to say. */
const axisInputSchema = z.strictObject({
  /** As for `--set`: keys with dots between them, places of lists by number. */
  path: z.string().min(1).max(200),
  values: z.array(z.json()).optional(),
  from: z.number().optional(),
  to: z.number().optional(),
  count: count.optional(),
  sample: count.optional(),
  scale: z.enum(scales).optional()
})
export type AxisInput = z.output<typeof axisInputSchema>

/** `last`: the last step that has the figure; `best`: the best of all; otherwise the last one at or before that step, time or number of gradients. */
const placeSchema = z.union([
  z.enum(['last', 'best']),
  z.strictObject({ step: count }),
  z.strictObject({ seconds: z.number().positive() }),
  z.strictObject({ gradientEvaluations: count })
])

const metric = z.string().min(1).max(100)

export const selectSchema = z.strictObject({ metric, goal: z.enum(['min', 'max']), at: placeSchema.default('last') })
export type Select = z.output<typeof selectSchema>
export type SelectPlace = Select['at']

export const targetSchema = z.strictObject({ metric, value: z.number() })
export type Target = z.output<typeof targetSchema>

export const studyIdPattern = /^[a-z0-9][a-z0-9-]{0,49}$/
export const mostRuns = 10_000

export const studyInputSchema = z.strictObject({
  schemaVersion: z.literal(1),
  name: z.string().min(1).max(100),
  /** A run spec, or the name of a preset of one. */
  base: z.union([z.string().min(1), z.record(z.string(), z.json())]),
  axes: z.array(axisInputSchema).default([]),
  /** A face-off: the same cells for each of these optimizers. `axes` are an optimizer's own search. */
  optimizers: z
    .array(z.strictObject({ optimizer: optimizerSchema, axes: z.array(axisInputSchema).default([]) }))
    .min(1)
    .nullable()
    .default(null),
  seeds: count.default(1),
  /** Of the stream that `sample` axes are drawn from. */
  sampleSeed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0),
  /** Made of every run that comes to its end; their figures are metrics by the name `kind.figure`. */
  analyse: z.array(studyAnalysisSchema).max(10).default([]),
  select: selectSchema.nullable().default(null),
  target: targetSchema.nullable().default(null),
  /** Runs at once. */
  parallel: z.number().int().positive().max(256).default(1)
})
export type StudyInput = z.input<typeof studyInputSchema>

export type Json = z.output<ReturnType<typeof z.json>>

export type Axis =
  | { readonly path: string; readonly values: readonly Json[] }
  | { readonly path: string; readonly from: number; readonly to: number; readonly count: number; readonly scale: Scale }
  | { readonly path: string; readonly sample: number; readonly from: number; readonly to: number; readonly scale: Scale }

/** Complete: defaults filled in, the base a whole spec. */
export interface StudySpec {
  readonly schemaVersion: 1
  readonly name: string
  readonly base: RunSpec
  readonly axes: readonly Axis[]
  readonly optimizers: readonly { readonly optimizer: OptimizerSpec; readonly axes: readonly Axis[] }[] | null
  readonly seeds: number
  readonly sampleSeed: number
  readonly analyse: readonly StudyAnalysis[]
  readonly select: Select
  readonly target: Target | null
  readonly parallel: number
}

/** One point of a study: the values of its axes, and a run for each seed. */
export interface Cell {
  readonly index: number
  /** By path, in the order of the axes. */
  readonly values: Readonly<Record<string, Json>>
  /** Place of its optimizer; null where the study has one alone. */
  readonly optimizer: number | null
  readonly runs: readonly { readonly seed: number; readonly run: string }[]
}
