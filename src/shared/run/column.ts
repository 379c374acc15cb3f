// Columns that a table of runs may have beside the summary's: any field of spec.json, any metric at one place.
import { z } from 'zod'
import { leaves } from '../spec/leaves'

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

const valueOf = (json: string): RunValue => {
  const value: unknown = JSON.parse(json)
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : json
}

/** The leaves of a spec by their dotted paths; empty objects are none. */
export const specFields = (spec: unknown): Map<string, RunValue> =>
  new Map([...leaves(spec)].filter(([, json]) => json !== '{}').map(([path, json]) => [path, valueOf(json)]))
