// Optimizer options that were found good on a kind of problem: those that presets carry, and those that a sweep found. Anything else starts from its defaults.
import { presets } from './presets'
import type { OptimizerKind } from './schema'

interface Tuned {
  readonly options: Readonly<Record<string, unknown>>
  /** What they were tuned on, for people. */
  readonly on: string
}

const field = (value: unknown, ...keys: string[]): unknown =>
  keys.reduce<unknown>(
    (here, key) => (typeof here === 'object' && here !== null ? (here as Record<string, unknown>)[key] : undefined),
    value
  )

/** What must agree for options to be carried over: the same data, loss and full or part batches. */
const familyOf = (spec: unknown) =>
  JSON.stringify([field(spec, 'data', 'dataset'), field(spec, 'loss'), (field(spec, 'batch', 'size') ?? null) === null])

/** Options of a kind for a spec's data; null where nothing was tuned on them. */
export function tunedOptions(kind: OptimizerKind, spec: unknown): Tuned | null {
  if (field(spec, 'data', 'dataset') === undefined) return null
  const family = familyOf(spec)
  for (const { title, specs } of presets)
    for (const preset of specs) {
      if (preset.optimizer.kind !== kind || familyOf(preset) !== family) continue
      const { kind: _, ...options } = preset.optimizer
      return { options, on: `the preset “${title}”` }
    }
  return null
}
