// What is said of a kind of analysis in one place: its options with their help, and what its arrays, figures and checks mean.
import type { z } from 'zod'

export interface AnalysisFacts {
  readonly title: string
  /** One sentence: what it computes. */
  readonly summary: string
  /** Strict; defaults filled in by parsing, each option described. */
  readonly options: z.ZodObject
  readonly arrays: Readonly<Record<string, { readonly meaning: string; readonly unit: string | null }>>
  readonly figures: Readonly<Record<string, string>>
  readonly checks: Readonly<Record<string, string>>
}
