// The manifest of an installed or built-in dataset, schemaVersion 1: what the arrays beside it hold.
import { z } from 'zod'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex')
const count = z.number().int().nonnegative()
/** A file of the dataset's own folder: no path, no dot at the start. */
const fileName = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'must be a plain file name')
const names = z.array(z.string().max(200)).min(1).max(100_000)

/** How a file of separated values is to be read; what is left out is recognized. */
export const csvOptionsSchema = z.strictObject({
  /** True: the first line (or the comment line before it) holds names; false: it is a sample. */
  header: z.boolean().optional(),
  /** comma, semicolon, tab, space (runs of spaces and tabs), pipe, or the character itself. */
  separator: z.string().min(1).max(20).optional(),
  /** Target columns, each by its name or, where none has that name, its number from 1. */
  target: z.array(z.string().min(1).max(1000)).min(1).max(100_000).optional(),
  /** True: the target column's different texts are the classes; false: its numbers are values. */
  classes: z.boolean().optional()
})
export type CsvOptions = z.output<typeof csvOptionsSchema>

/** What a file of separated values was taken for. */
const csvReadingSchema = z.object({
  encoding: z.string(),
  separator: z.string(),
  /** Line of the names, null where the file has none. */
  header: z.number().int().positive().nullable(),
  /** Names of the input columns, at most the first thousand. */
  inputs: z.array(z.string()),
  targets: z.array(z.string()),
  /** What of the file is no input and no target, for people. */
  leftOut: z.array(z.string()),
  /** Inputs that only count the samples (0, 1, 2, … or from 1), as an index does. */
  counting: z.array(z.string())
})

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
  /** Left out for what is no file of separated values. */
  csv: csvReadingSchema.optional(),
  files: z.array(z.object({ name: fileName, bytes: count, sha256 })).min(1),
  /** SHA-256 over all arrays (names, types, shapes, values), independent of the files they came from. */
  fingerprint: sha256
})

export type DatasetManifest = z.output<typeof datasetManifestSchema>

const listed = (words: readonly string[], count = words.length, most = 6) =>
  count <= most ? words.join(', ') : `${words.slice(0, most - 1).join(', ')}, … ${count} in all`

/** One sentence about what a file of separated values was taken for; null for what is none. */
export function readingSentence(manifest: Pick<DatasetManifest, 'csv' | 'shape' | 'labels' | 'targets'>): string | null {
  const { csv, labels, targets } = manifest
  if (csv === undefined) return null
  const header = csv.header === null ? 'no header' : `names from line ${csv.header}`
  const inputs = featureCount(manifest)
  const names = labels.fine ?? []
  const what = targets === null ? `${names.length} class${names.length === 1 ? '' : 'es'}: ${listed(names)}` : 'values'
  const leftOut = csv.leftOut.length === 0 ? '' : `; left out: ${csv.leftOut.join(', ')}`
  const counting = csv.counting.length === 0 ? '' : `; taken as an input, but counts the samples as an index does: ${listed(csv.counting)}`
  return `read as ${csv.encoding}, separator ${csv.separator}, ${header}; ${inputs} input${inputs === 1 ? '' : 's'} (${listed(csv.inputs, inputs)}); target ${listed(csv.targets)} (${what})${leftOut}${counting}`
}

/** Numbers a sample: the product of the shape. */
export function featureCount(manifest: Pick<DatasetManifest, 'shape'>): number {
  return manifest.shape.reduce((product, length) => product * length, 1)
}
