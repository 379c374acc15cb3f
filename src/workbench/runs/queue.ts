// Which waiting run may start next: one at a time unless told otherwise, in order, and never more than memory holds.
import { bytesIn } from '../../shared/format/bytes'
import { cpus, freemem, totalmem } from 'node:os'
import { Mutex } from 'async-mutex'
import { precheckSpec } from '../../engine-process/precheck'
import { estimate } from '../../shared/run/estimate'
import { isFunctionSpec } from '../../shared/spec/schema'
import { readSpec, type Workspace } from '../../store'

export interface Waiting {
  readonly id: string
  readonly peakBytes: number
  /** Works on a matrix over all parameters. */
  readonly fullHessian: boolean
  /** The user knows that it is estimated not to fit. */
  readonly confirmed?: boolean
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

/** Decides about the first in line only: the order is kept, nothing overtakes. Pure. */
export function admit(waiting: readonly Waiting[], active: readonly Waiting[], machine: Machine): Admission {
  const next = waiting[0]
  if (!next || active.length >= machine.most) return { kind: 'wait' }
  if (next.peakBytes > machine.totalBytes && !next.confirmed)
    return {
      kind: 'refuse',
      id: next.id,
      message: `the run needs about ${bytesIn('GB', next.peakBytes)} of memory, this machine has ${bytesIn('GB', machine.totalBytes)}: use scope layer-blocks, a smaller net, or sfn-krylov`
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

export interface Queued extends Waiting {
  readonly allowOtherBackend: boolean
}

/** What the run is admitted by. */
export async function weighRun(workspace: Workspace, id: string): Promise<Waiting> {
  const spec = await readSpec(workspace, id)
  const { facts } = await precheckSpec(workspace, spec).catch(() => ({ facts: { data: null, variables: null } }))
  const { peakBytes } = estimate(spec, { data: facts.data, ...(facts.variables === null ? {} : { variables: facts.variables }) })
  return { id, peakBytes, fullHessian: !isFunctionSpec(spec) && 'scope' in spec.optimizer && spec.optimizer.scope === 'full' }
}

export interface RunQueue {
  has(id: string): boolean
  /** Puts it at the end and starts what may start. */
  add(queued: Queued): Promise<void>
  /** Takes it out; nothing happens when it is not in. */
  drop(id: string): void
  /** Starts what may start now. Resolves when that is done. */
  pump(): Promise<void>
  /** Nothing starts any more. */
  close(): void
}

export interface RunQueueOptions {
  /** Runs at once; asked before each start. */
  readonly most: () => number
  active(): readonly Waiting[]
  begin(queued: Queued, threads: number | null): void
  /** It can never start; `message` says why. */
  refuse(id: string, message: string): Promise<void>
}

export function openQueue({ most, active, begin, refuse }: RunQueueOptions): RunQueue {
  let waiting: Queued[] = []
  let closed = false
  const pumping = new Mutex()

  async function pumpOnce() {
    for (;;) {
      const decision = admit(waiting, active(), { totalBytes: totalmem(), freeBytes: freemem(), most: Math.max(1, most()) })
      if (decision.kind === 'wait') return
      const [next] = waiting.splice(0, 1)
      if (decision.kind === 'refuse') await refuse(next.id, decision.message).catch(() => undefined)
      else begin(next, threadsEach(cpus().length, most()))
    }
  }
  const pump = () => pumping.runExclusive(pumpOnce)

  return {
    has: (id) => waiting.some((queued) => queued.id === id),
    async add(queued) {
      if (!closed) waiting.push(queued)
      await pump()
    },
    drop(id) {
      waiting = waiting.filter((queued) => queued.id !== id)
    },
    pump,
    close() {
      closed = true
      waiting = []
    }
  }
}
