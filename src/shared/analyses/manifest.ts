// manifest.json of an analysis: what was asked, what came of it, and whether it holds. A public format.
import { z } from 'zod'
import { fileEntrySchema } from '../run/schema'

const figure = z.number().nullable()

export const analysisManifestSchema = z.looseObject({
  schemaVersion: z.literal(1),
  kind: z.string(),
  /** The run it was made for; null for one of a spec. */
  run: z.string().nullable(),
  step: z.number().int().nonnegative(),
  /** Complete: defaults filled in. */
  options: z.record(z.string(), z.json()),
  /** Of the work itself, writing included. */
  seconds: z.number(),
  /** The linear algebra it was computed with; null where it needs none. */
  backend: z.object({ kind: z.string(), description: z.string(), threads: z.number() }).nullable(),
  versions: z.record(z.string(), z.string()),
  figures: z.record(z.string(), figure),
  arrays: z.record(
    z.string(),
    z.object({
      file: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.npy$/),
      shape: z.array(z.number().int().nonnegative()),
      meaning: z.string(),
      unit: z.string().nullable()
    })
  ),
  checks: z.record(z.string(), z.object({ value: figure, limit: z.number(), ok: z.boolean() })),
  notes: z.array(z.string()),
  /** ISO 8601, UTC. */
  createdAt: z.string(),
  files: z.array(fileEntrySchema)
})
export type AnalysisManifest = z.output<typeof analysisManifestSchema>
