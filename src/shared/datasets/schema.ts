// The manifest of an installed or built-in dataset, schemaVersion 1: what the arrays beside it hold.
import { z } from 'zod'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex')
const count = z.number().int().nonnegative()
/** A file of the dataset's own folder: no path, no dot at the start. */
const fileName = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'must be a plain file name')
const names = z.array(z.string().max(200)).min(1).max(100_000)

export const datasetManifestSchema = z.object({
  schemaVersion: z.literal(1),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be a dataset id'),
  title: z.string().min(1).max(200),
  source: z.string().max(2000),
  licence: z.string().max(500),
  /** [channels, height, width] of images (planes, row-major), or [features]. */
  shape: z.array(z.number().int().positive()).min(1).max(3),
  dtype: z.enum(['uint8', 'float64']),
  counts: z.object({ train: count, test: count }),
  /** True when the set holds fewer samples than the official one. */
  partial: z.boolean(),
  /** Class names by label; null where the set has no such labels. */
  labels: z.object({ fine: names.nullable(), coarse: names.nullable() }),
  /** Width of real-valued targets (`train-y.npy`), or null when there are none. */
  targets: z.number().int().positive().nullable(),
  /** What was compared with published values, for people. */
  checks: z.array(z.string().max(500)).default([]),
  files: z.array(z.object({ name: fileName, bytes: count, sha256 })).min(1),
  /** SHA-256 over all arrays (names, types, shapes, values), independent of the files they came from. */
  fingerprint: sha256
})

export type DatasetManifest = z.output<typeof datasetManifestSchema>

/** Numbers a sample: the product of the shape. */
export function featureCount(manifest: Pick<DatasetManifest, 'shape'>): number {
  return manifest.shape.reduce((product, length) => product * length, 1)
}
