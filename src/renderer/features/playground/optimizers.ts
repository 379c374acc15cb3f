// The optimizers of the playground: kinds, starting options, colours in order, and their place in the address.

export interface PlayOptimizer {
  readonly kind: string
  readonly learningRate: number | string
  readonly [option: string]: unknown
}

const newtonDamping = { kind: 'shifted', value: 0.001 }

export const optimizerKinds: readonly { readonly kind: string; readonly label: string; readonly options: PlayOptimizer }[] = [
  {
    kind: 'sfn',
    label: 'Saddle-free Newton',
    options: { kind: 'sfn', learningRate: 1, scope: 'full', damping: { kind: 'shifted-abs', value: 0.001 } }
  },
  {
    kind: 'damped-newton',
    label: 'Damped Newton',
    options: { kind: 'damped-newton', learningRate: 1, scope: 'full', damping: newtonDamping }
  },
  { kind: 'levenberg-marquardt', label: 'Levenberg–Marquardt', options: { kind: 'levenberg-marquardt', learningRate: 1 } },
  { kind: 'fd-newton', label: 'FD-Newton (inverse gradient)', options: { kind: 'fd-newton', learningRate: 1, mode: 'limit' } },
  { kind: 'l-bfgs', label: 'L-BFGS', options: { kind: 'l-bfgs', learningRate: 1, lineSearch: 'strong-wolfe' } },
  { kind: 'gd', label: 'Gradient descent', options: { kind: 'gd', learningRate: 0.001 } },
  { kind: 'momentum', label: 'Momentum', options: { kind: 'momentum', learningRate: 0.0005, momentum: 0.9 } },
  { kind: 'nesterov', label: 'Nesterov', options: { kind: 'nesterov', learningRate: 0.0005, momentum: 0.9 } },
  { kind: 'rmsprop', label: 'RMSProp', options: { kind: 'rmsprop', learningRate: 0.01 } },
  { kind: 'adam', label: 'Adam', options: { kind: 'adam', learningRate: 0.05 } }
]

export const labelOf = (kind: string) => optimizerKinds.find((one) => one.kind === kind)?.label ?? kind

export const firstOptimizers: readonly PlayOptimizer[] = ['sfn', 'damped-newton', 'gd', 'momentum'].flatMap((kind) =>
  optimizerKinds.filter((one) => one.kind === kind).map((one) => one.options)
)

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
