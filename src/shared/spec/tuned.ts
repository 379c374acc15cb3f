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

/**
 * Lowest training loss after 100 steps of the face-off on small digits, among the learning rates 0.003, 0.01, 0.03, 0.1, 0.3, 1 and 3
 * (scripts/tune-face-off.mjs).
 */
const swept: Readonly<Partial<Record<OptimizerKind, Tuned['options']>>> = {
  nesterov: { learningRate: 1 },
  rmsprop: { learningRate: 0.03 },
  adamw: { learningRate: 0.3 },
  'l-bfgs': { learningRate: 1, lineSearch: 'strong-wolfe' },
  'damped-newton': { learningRate: 0.1 },
  'levenberg-marquardt': { learningRate: 1 }
}
const sweptFamily = familyOf(presets.find(({ name }) => name === 'face-off-mnist10')?.specs[0])

/** Options of a kind for a spec's data; null where nothing was tuned on them. */
export function tunedOptions(kind: OptimizerKind, spec: unknown): Tuned | null {
  if (field(spec, 'data', 'dataset') === undefined) return null
  const family = familyOf(spec)
  for (const { title, specs, example } of presets) {
    if (example) continue
    for (const preset of specs) {
      if (preset.optimizer.kind !== kind || familyOf(preset) !== family) continue
      const { kind: _, ...options } = preset.optimizer
      return { options, on: `the preset “${title}”` }
    }
  }
  const found = family === sweptFamily ? swept[kind] : undefined
  return found ? { options: found, on: 'small digits, by a sweep of seven rates' } : null
}
