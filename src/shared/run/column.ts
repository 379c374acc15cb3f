// Columns that a table of runs may have beside the summary's: any field of spec.json, any metric at one place.
import { z } from 'zod'

/** Where in a run a metric is taken: its last, smallest or largest finite value, or that of one step. */
const placeSchema = z.union([z.enum(['last', 'min', 'max']), z.strictObject({ step: z.number().int().nonnegative() })])

export const runColumnSchema = z.discriminatedUnion('kind', [
  /** `path` as in `optimizer.damping.value`. */
  z.strictObject({ kind: z.literal('spec'), path: z.string().min(1).max(200) }),
  z.strictObject({ kind: z.literal('metric'), name: z.string().min(1).max(100), at: placeSchema })
])
export type RunColumn = z.output<typeof runColumnSchema>
export type MetricPlace = z.output<typeof placeSchema>

/** null: the run has no such field or figure. A list and a null of the spec are their JSON text. */
export type RunValue = number | string | boolean | null

/** Every leaf of a spec by its dotted path; lists count as leaves. */
export function specFields(value: unknown, path = '', into = new Map<string, RunValue>()): Map<string, RunValue> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value))
    for (const [key, inner] of Object.entries(value)) specFields(inner, path === '' ? key : `${path}.${key}`, into)
  else if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') into.set(path, value)
  else if (value !== undefined) into.set(path, JSON.stringify(value))
  return into
}
