// The files of published data sets that are known by their names: CIFAR's batches and the IDX files of MNIST and its kin.

export interface CifarLayout {
  readonly kind: 'cifar-10' | 'cifar-100'
  readonly format: 'python' | 'binary'
  /** Base names that must be there, training files first. */
  readonly train: readonly string[]
  readonly test: string
  /** Files with class names; numbers take their place where they are missing. */
  readonly names: { readonly fine: string; readonly coarse: string | null }
}

const batches = (suffix: string) => [1, 2, 3, 4, 5].map((i) => `data_batch_${i}${suffix}`)

const cifarLayouts: readonly CifarLayout[] = [
  { kind: 'cifar-100', format: 'python', train: ['train'], test: 'test', names: { fine: 'meta', coarse: 'meta' } },
  { kind: 'cifar-10', format: 'python', train: batches(''), test: 'test_batch', names: { fine: 'batches.meta', coarse: null } },
  {
    kind: 'cifar-100',
    format: 'binary',
    train: ['train.bin'],
    test: 'test.bin',
    names: { fine: 'fine_label_names.txt', coarse: 'coarse_label_names.txt' }
  },
  { kind: 'cifar-10', format: 'binary', train: batches('.bin'), test: 'test_batch.bin', names: { fine: 'batches.meta.txt', coarse: null } }
]

/** A known file that tells the layout; `meta` alone does not. */
export function cifarLayoutOf(bases: ReadonlySet<string>): CifarLayout | null {
  return cifarLayouts.find((layout) => bases.has(layout.train[0]) || bases.has(layout.test)) ?? null
}

/** `train-images-idx3-ubyte`, `t10k-labels.idx1-ubyte.gz` and the like: which part it is, and of what. */
export const idxBase = /^(train|t10k|test)-(images|labels)[-.]idx[13]-ubyte(\.gz)?$/
export const isIdxName = (base: string) => idxBase.test(base)

const cifarNames = new Set(cifarLayouts.flatMap((layout) => [...layout.train, layout.test, ...Object.values(layout.names)]))

/** Whether a file of this name is a part of a published set. */
export const isKnownName = (base: string) => cifarNames.has(base) || isIdxName(base)
