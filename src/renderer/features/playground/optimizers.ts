// The optimizers of the playground: what is offered, what it starts with, and their place in the address.
import { optimizerKinds, optimizers } from '../../../shared/spec/optimizers'
import type { OptimizerKind } from '../../../shared/spec/schema'

export interface PlayOptimizer {
  readonly kind: string
  readonly learningRate: number | string
  readonly [option: string]: unknown
}

const playOptimizers = (kinds: readonly OptimizerKind[]) =>
  kinds.flatMap((kind): PlayOptimizer[] => {
    const { playground } = optimizers[kind]
    return playground === null ? [] : [{ kind, ...playground }]
  })

export const offered: readonly { readonly kind: string; readonly label: string; readonly options: PlayOptimizer }[] = playOptimizers(
  optimizerKinds
).map((options) => ({ kind: options.kind, label: optimizers[options.kind as OptimizerKind].label, options }))

export const labelOf = (kind: string) => offered.find((one) => one.kind === kind)?.label ?? kind

export const firstOptimizers: readonly PlayOptimizer[] = playOptimizers(['sfn', 'damped-newton', 'gd', 'momentum'])

/** Of functions whose training is a map known for itself: the optimizer that makes it. */
export const ownOptimizers: Readonly<Record<string, readonly PlayOptimizer[]>> = {
  logistic: [{ kind: 'gd', learningRate: 1 }],
  henon: [{ kind: 'momentum', learningRate: 1, momentum: -0.3 }]
}

/** Optimizers from the address; null for what is no list of at most twelve with a kind each. */
export function readOptimizers(text: string): readonly PlayOptimizer[] | null {
  try {
    const value: unknown = JSON.parse(text)
    if (!Array.isArray(value) || value.length === 0 || value.length > 12) return null
    return value.every((one: unknown) => typeof one === 'object' && one !== null && 'kind' in one && typeof one.kind === 'string')
      ? (value as PlayOptimizer[])
      : null
  } catch {
    return null
  }
}

/** Numbers separated by commas; null unless there are exactly `count` finite ones. */
export function readNumbers(text: string, count: number): number[] | null {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  return numbers.length === count && numbers.every((value) => Number.isFinite(value)) ? numbers : null
}

/** Rounded for the address and for fields: six digits are more than a pixel. */
export const shortNumber = (value: number) => String(Number(value.toPrecision(6)))
