// Which waiting run may start next: one at a time unless told otherwise, in order, and never more than memory holds.
import { bytesIn } from '../../shared/format/bytes'
import { cpus, freemem, totalmem } from 'node:os'
import { Mutex } from 'async-mutex'
import { precheckSpec } from '../../engine-process/precheck'
import { estimate } from '../../shared/run/estimate'
import { scopeOf } from '../../shared/spec/optimizers'
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

/** Decides about the first in line only: the order is kept, nothing in line overtakes. Pure. */
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

/** Threads for each of several runs at once, of those chosen for all together, else of all cores; null leaves it to the backend. */
export function threadsEach(cores: number, most: number, chosen: number | null = null): number | null {
  return most <= 1 ? chosen : Math.max(1, Math.floor((chosen ?? cores) / most))
}

export interface Queued extends Waiting {
  readonly allowOtherBackend: boolean
}

/** What the run is admitted by. */
export async function weighRun(workspace: Workspace, id: string): Promise<Waiting> {
  const spec = await readSpec(workspace, id)
  const { facts } = await precheckSpec(workspace, spec).catch(() => ({ facts: { data: null, variables: null } }))
  const { peakBytes } = estimate(spec, facts)
  return { id, peakBytes, fullHessian: !isFunctionSpec(spec) && scopeOf(spec.optimizer) === 'full' }
}

export interface Place {
  readonly id: string
  /** It does not start by itself, and others go past it. */
  readonly held: boolean
}

export interface RunQueue {
  /** True for a run that starts by itself when its turn comes. */
  isWaiting(id: string): boolean
  /** In order. */
  places(): Place[]
  /** Lets a held run go where it stands, puts a new one at the end, and starts what may start. */
  add(queued: Queued): Promise<void>
  /** Takes it out; nothing happens when it is not in. */
  drop(id: string): void
  /** Puts a run before another one, or at the end. */
  move(id: string, before: string | null): void
  /** Keeps a run where it stands without starting it. */
  hold(id: string): void
  /** Starts a waiting run beside what is running. Null, or why it must wait. */
  startNow(id: string): Promise<string | null>
  /** Starts what may start now. Resolves when that is done. */
  pump(): Promise<void>
  /** Nothing starts any more. */
  close(): void
}

export interface RunQueueOptions {
  /** Runs that wait for a word, as of an earlier session, in order. */
  readonly held: readonly string[]
  /** Runs at once; asked before each start. */
  readonly most: () => number
  /** Chosen for all runs together; null: as many as there are cores. */
  readonly threads: () => number | null
  active(): readonly Waiting[]
  begin(queued: Queued, threads: number | null): void
  /** It can never start; `message` says why. */
  refuse(id: string, message: string): Promise<void>
  /** Called with all ids in order when they have changed. */
  onOrder(ids: readonly string[]): void
}

interface Entry extends Place {
  /** Null: not weighed yet. */
  readonly queued: Queued | null
}

export function openQueue({ held, most, threads, active, begin, refuse, onOrder }: RunQueueOptions): RunQueue {
  let entries: Entry[] = held.map((id) => ({ id, held: true, queued: null }))
  let closed = false
  const pumping = new Mutex()
  const set = (next: Entry[]) => {
    if (closed) return
    entries = next
    onOrder(entries.map(({ id }) => id))
  }
  const others = (id: string) => entries.filter((entry) => entry.id !== id)
  const find = (id: string) => entries.find((entry) => entry.id === id)
  const replace = (changed: Entry) => set(entries.map((entry) => (entry.id === changed.id ? changed : entry)))
  const machineNow = (at: number): Machine => ({ totalBytes: totalmem(), freeBytes: freemem(), most: at })
  const inLine = () => entries.flatMap(({ held: stays, queued }) => (stays || !queued ? [] : [queued]))

  async function pumpOnce() {
    for (;;) {
      const waiting = inLine()
      const decision = admit(waiting, active(), machineNow(Math.max(1, most())))
      if (decision.kind === 'wait') return
      const [next] = waiting
      set(others(next.id))
      if (decision.kind === 'refuse') await refuse(next.id, decision.message).catch(() => undefined)
      else begin(next, threadsEach(cpus().length, most(), threads()))
    }
  }
  const pump = () => pumping.runExclusive(pumpOnce)

  return {
    isWaiting: (id) => find(id)?.held === false,
    places: () => entries.map(({ id, held: stays }) => ({ id, held: stays })),
    async add(queued) {
      const entry = { id: queued.id, held: false, queued }
      if (find(queued.id)) replace(entry)
      else set([...entries, entry])
      await pump()
    },
    drop(id) {
      if (find(id)) set(others(id))
    },
    move(id, before) {
      const entry = find(id)
      if (!entry || before === id) return
      const rest = others(id)
      const place = rest.findIndex((other) => other.id === before)
      set(place < 0 ? [...rest, entry] : [...rest.slice(0, place), entry, ...rest.slice(place)])
    },
    hold(id) {
      const entry = find(id)
      if (entry) replace({ ...entry, held: true })
    },
    startNow: (id) =>
      pumping.runExclusive(async () => {
        const queued = find(id)?.queued
        if (!queued) return null
        const running = active()
        const decision = admit([queued], running, machineNow(running.length + 1))
        if (decision.kind === 'refuse') return decision.message
        if (decision.kind === 'wait')
          return queued.fullHessian && running.some(({ fullHessian }) => fullHessian)
            ? 'another run works on a full Hessian: two at once would not fit in memory'
            : `it needs about ${bytesIn('GB', queued.peakBytes)} of memory, more than is free beside what is running`
        set(others(id))
        begin(queued, threadsEach(cpus().length, Math.max(most(), running.length + 1), threads()))
        return null
      }),
    pump,
    close() {
      closed = true
      entries = []
    }
  }
}

/**
 * Seconds until each run in line starts, when as many run at once as now may: each takes the place that comes free first.
 * `running` and `waiting` are seconds; a null is not known, and then nothing behind it is. Pure; memory is not looked at.
 */
export function startTimes(running: readonly (number | null)[], waiting: readonly (number | null)[], most: number): (number | null)[] {
  const free = [...running.map((left) => left ?? Infinity), ...Array<number>(Math.max(0, most - running.length)).fill(0)]
  // More may run than are allowed now: what ends above the limit frees no place.
  free.sort((a, b) => a - b).splice(0, Math.max(0, running.length - most))
  return waiting.map((seconds) => {
    const [start] = free.sort((a, b) => a - b)
    free[0] = start + (seconds ?? Infinity)
    return Number.isFinite(start) ? start : null
  })
}
