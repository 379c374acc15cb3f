// Which waiting run may start next: one at a time unless told otherwise, in order, and never more than memory holds. Pure.

export interface Waiting {
  readonly id: string
  readonly peakBytes: number
  /** Works on a matrix over all parameters. */
  readonly fullHessian: boolean
}

export interface Machine {
  readonly totalBytes: number
  readonly freeBytes: number
  /** Runs at once, at least 1. */
  readonly most: number
}

export type Admission =
  | { readonly kind: 'start'; readonly id: string }
  /** It cannot ever fit: `message` says what it needs and what there is. */
  | { readonly kind: 'refuse'; readonly id: string; readonly message: string }
  | { readonly kind: 'wait' }

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`

/** Decides about the first in line only: the order is kept, nothing overtakes. */
export function admit(waiting: readonly Waiting[], active: readonly Waiting[], machine: Machine): Admission {
  const next = waiting[0]
  if (!next || active.length >= machine.most) return { kind: 'wait' }
  if (next.peakBytes > machine.totalBytes)
    return {
      kind: 'refuse',
      id: next.id,
      message: `the run needs about ${gigabytes(next.peakBytes)} of memory, this machine has ${gigabytes(machine.totalBytes)}: use scope layer-blocks, a smaller net, or sfn-krylov`
    }
  // Alone it may try: the estimate is rough, and the engine refuses beforehand what it cannot allocate.
  if (active.length === 0) return { kind: 'start', id: next.id }
  if (next.fullHessian && active.some(({ fullHessian }) => fullHessian)) return { kind: 'wait' }
  const promised = active.reduce((sum, { peakBytes }) => sum + peakBytes, 0)
  const room = Math.min(machine.freeBytes, machine.totalBytes * 0.9 - promised)
  return next.peakBytes <= room ? { kind: 'start', id: next.id } : { kind: 'wait' }
}

/** Threads for each of several runs at once; null leaves it to the backend. */
export function threadsEach(cores: number, most: number): number | null {
  return most <= 1 ? null : Math.max(1, Math.floor(cores / most))
}
