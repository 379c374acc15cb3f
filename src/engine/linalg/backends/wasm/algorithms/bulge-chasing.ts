// Symmetric band to tridiagonal form by bulge chasing (Lang 1993; Bischof, Lang & Sun 2000; pipelined as in Haidar, Ltaief & Dongarra 2011), and its reflectors applied to vectors.
//
// Sweep s clears column s below its subdiagonal. Its step 0 makes a reflector of rows s+1 … s+width, which fills the block below; step k clears that block's
// first column by a reflector of the `width` rows from s+1+k·width on. Step k of sweep s+1 meets what steps up to k+1 of sweep s have left, so sweeps follow
// each other two steps apart. A thread works on a few sweeps at a time, one step apart as it does them in turn, while the blocks they share lie in its cache.
import { task, type Team, type Thread } from '../team'

/** The lower triangle by columns: entry (i, j) at 8 · (2·width·j + i − j) bytes from `band`, i − j < 2·width; entries with i − j > width are 0 at the start. */
interface BandJob {
  readonly band: number
  readonly order: number
  readonly width: number
}

/** Sweeps of `from` to `to` − 1 of a band whose sweeps before `from` are done. */
export interface SweepJob extends BandJob {
  readonly from: number
  readonly to: number
  /**
   * 0, or where sweep s leaves its reflectors: entries s+1 to order − 1, entry e at 8 · (spacing · (s − from) + e) bytes from here. Every reflector starts
   * with its factor tau, in the place of the entry 1.
   */
  readonly reflectors: number
  readonly spacing: number
  /** int32 words, one for every group of sweeps: see progressNumbers. */
  readonly progress: number
}

/** Sweeps that one thread works on in turn. */
const groupSize = 4

/** Numbers of memory for the words of `progress`. */
export const progressNumbers = (sweeps: number): number => Math.ceil(sweeps / groupSize / 2) + 1

const stepsOf = (order: number, width: number, sweep: number): number => Math.ceil((order - 1 - sweep) / width)

/** Looks before sleeping: some tens of microseconds, longer than a step. */
const spins = 20_000

/** Waits until a group has done so many steps of its last sweep; false when the job was cancelled. */
function awaitSteps(on: Thread, done: Int32Array, group: number, wanted: number): boolean {
  for (let looks = 1; ; looks++) {
    const now = Atomics.load(done, group)
    if (now >= wanted) return true
    if (looks % 1024 !== 0) continue
    if (on.cancelled()) return false
    if (looks > spins) Atomics.wait(done, group, now, 1)
  }
}

/** Step `step` of a sweep; `v` and `u` are the reflectors of the step before and of this one. */
function chaseStep(on: Thread, { band, order, width }: BandJob, sweep: number, step: number, v: number, u: number): void {
  const column = 16 * width
  const first = sweep + 1 + step * width
  const rows = Math.min(width, order - first)
  const diagonal = band + column * first
  if (step === 0) on.kernels.startSweep(rows, band + column * sweep + 8, diagonal, 2 * width - 1, u, on.packedB)
  else on.kernels.chaseBulge(rows, width, v, diagonal - (column - 8) * width, diagonal, 2 * width - 1, u, on.packedB)
}

/** The sweeps of one group, each a step behind the one before. */
function chaseGroup(on: Thread, job: SweepJob, group: number, done: Int32Array): void {
  const { order, width, reflectors, spacing } = job
  const first = job.from + group * groupSize
  const sweeps = Math.min(groupSize, job.to - first)
  const most = stepsOf(order, width, first)
  const before = group === 0 ? 0 : stepsOf(order, width, first - 1)
  const place = (index: number, step: number): number =>
    reflectors === 0
      ? on.packedA + 8 * width * (2 * index + (step & 1))
      : reflectors + 8 * (spacing * (first + index - job.from) + first + index + 1 + step * width)
  for (let turn = 0; turn < most + sweeps - 1; turn++) {
    if (group > 0 && !awaitSteps(on, done, group - 1, Math.min(turn + 2, before))) return
    for (let index = 0; index < sweeps; index++) {
      const step = turn - index
      if (step >= 0 && step < stepsOf(order, width, first + index))
        chaseStep(on, job, first + index, step, place(index, step - 1), place(index, step))
    }
    Atomics.store(done, group, turn - sweeps + 2)
  }
}

export const chaseGroups = task(['band', 'order', 'width', 'from', 'to', 'reflectors', 'spacing', 'progress'], (on, p) => {
  const groups = Math.ceil((p.to - p.from) / groupSize)
  const done = new Int32Array(on.memory.buffer, p.progress, groups)
  for (let group = on.nextTile(); group < groups && !on.cancelled(); group = on.nextTile())
    try {
      chaseGroup(on, p, group, done)
    } finally {
      // Whatever happened: who waits for this group must not wait for ever.
      Atomics.store(done, group, p.order)
      Atomics.notify(done, group)
    }
})

export function chaseSweeps(team: Team, job: SweepJob): void {
  const sweeps = job.to - job.from
  new Int32Array(team.memory.buffer, job.progress, Math.ceil(sweeps / groupSize)).fill(0)
  team.run(chaseGroups, { ...job }, sweeps * (job.order - job.from) * job.width >= 100_000)
}

export interface VectorJob {
  readonly order: number
  readonly width: number
  /** As SweepJob leaves them, sweeps `from` to `to` − 1. */
  readonly reflectors: number
  readonly spacing: number
  readonly from: number
  readonly to: number
  /** `count` vectors of `order` numbers, contiguous. */
  readonly vectors: number
  readonly count: number
  /** 1 for Qᵀx, the sweeps in their order; 0 for Qx, the last one first. */
  readonly transposed: number
}

/** Vectors that share a pass over the reflectors. */
const vectorTile = 4

export const applyToVectors = task(['order', 'width', 'reflectors', 'spacing', 'from', 'to', 'vectors', 'count', 'transposed'], (on, p) => {
  const tiles = Math.ceil(p.count / vectorTile)
  for (let tile = on.nextTile(); tile < tiles && !on.cancelled(); tile = on.nextTile()) {
    const count = Math.min(vectorTile, p.count - tile * vectorTile)
    const vectors = p.vectors + 8 * p.order * vectorTile * tile
    for (let turn = 0; turn < p.to - p.from; turn++) {
      const index = p.transposed ? turn : p.to - p.from - 1 - turn
      const entry = p.from + index + 1
      const own = p.reflectors + 8 * (p.spacing * index + entry)
      on.kernels.reflectVectors(p.order - entry, p.width, own, count, vectors + 8 * entry, p.order)
    }
  }
})

/** Q = product of the reflectors of these sweeps, first sweep first: T = QᵀBQ when they are all sweeps of B. */
export function applySweeps(team: Team, job: VectorJob): void {
  team.run(applyToVectors, { ...job }, job.count > vectorTile)
}
