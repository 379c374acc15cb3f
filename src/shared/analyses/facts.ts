// What is said of a kind of analysis in one place: its options with their help, and what its arrays, figures and checks mean.
import { z } from 'zod'

export interface AnalysisFacts {
  /** `point`: weights and an objective, of a run or of a spec's start. `stored`: what a run keeps on disk. */
  readonly of: 'point' | 'stored'
  readonly title: string
  /** One sentence: what it computes. */
  readonly summary: string
  /** Strict; defaults filled in by parsing, each option described. */
  readonly options: z.ZodObject
  readonly arrays: Readonly<Record<string, { readonly meaning: string; readonly unit: string | null }>>
  readonly figures: Readonly<Record<string, string>>
  readonly checks: Readonly<Record<string, string>>
}

/** The option of kinds that work at a point. */
export const dataOption = z
  .enum(['batch', 'all'])
  .default('batch')
  .describe('samples of the loss: the batch that the next step trains on, as snapshots take it, or all training data')

/** Of what a kind draws at random; `describe` says of what. */
export const seedOption = z
  .number()
  .int()
  .min(0)
  .max(2 ** 32 - 1)
  .default(0)
