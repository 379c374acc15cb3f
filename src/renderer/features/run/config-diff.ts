// A run's spec against something: defaults, a preset, another run.
import { leafPairs, leaves, type LeafDifference } from '../../../shared/spec/leaves'
import { specDefaults } from '../../../shared/spec/defaults'
import type { RunSpec } from '../../../shared/spec/schema'

export interface ConfigRow extends LeafDifference {
  readonly differs: boolean
}

/** Against another spec. The order is that of the run's own spec. */
export const specRows = (spec: RunSpec, other: unknown): ConfigRow[] =>
  leafPairs(spec, other).map((pair) => ({ ...pair, differs: pair.here !== pair.there }))

/** Against the schema's defaults: what must be given has none, and does not count as different. */
export function defaultRows(spec: RunSpec): ConfigRow[] {
  const defaults = specDefaults(spec)
  return [...leaves(spec)].map(([path, here]) => {
    const there = defaults.get(path) ?? null
    return { path, here, there, differs: there !== null && there !== here }
  })
}

function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, item]) => `${key}: ${spaced(item)}`)
    .join(', ')}}`
}

/** JSON text as people read it: a text without quotation marks, lists with spaces. */
export function valueText(json: string | null): string {
  if (json === null) return '–'
  const value: unknown = JSON.parse(json)
  return typeof value === 'string' ? value : spaced(value)
}
