// Tridiagonalization in two stages, full to band to tridiagonal: A = Q₁ B Q₁ᵀ by products of matrices, B = Q₂ T Q₂ᵀ by bulge chasing on the embedded kernels.
import type { Context, Job, Target } from './job'
import { applyPanels, bandWork, reduceToBand, type BandForm, type Triangle } from './band'

interface TwoStage {
  readonly n: number
  readonly diagonal: Float64Array
  /** n − 1 numbers (at least one place). */
  readonly offDiagonal: Float64Array
  readonly triangle: Triangle
  readonly form: BandForm
}

/** Sweeps whose reflectors lie in the shared memory at a time. */
const spanSweeps = 256

const sweepsOf = (n: number): number => Math.max(0, n - 2)

/** Numbers of work space beside A. */
export const twoStageWork = (n: number, width: number, keep: boolean): number =>
  2 * width * n + Math.max(bandWork(n, width), keep ? spanSweeps * n : 0)

export const applyTwiceFlops = (n: number, columns: number): number => 2 * n * n * columns

/** Overwrites A's triangle; with `keep` also the one above the diagonal, where the reflectors of the chase go. */
export async function tridiagonalizeTwice(
  { kernels }: Context,
  job: Job,
  a: Triangle,
  width: number,
  keep: boolean,
  target: Target
): Promise<TwoStage> {
  const n = a.order
  const band = job.take(2 * width * n)
  const work = job.take(Math.max(1, bandWork(n, width), keep ? spanSweeps * n : 0))
  const form = await reduceToBand(job, a, width, keep, target, band, work)
  const sweeps = sweepsOf(n)
  const span = keep ? spanSweeps : Math.max(1, sweeps)
  for (let from = 0; from < sweeps; from += span) {
    const to = Math.min(sweeps, from + span)
    const reflectors = keep ? work.subarray(0, (to - from) * n) : null
    await job.run(0, 'private', () => kernels.chaseSweeps({ band, order: n, width, from, to, reflectors }, { signal: job.signal }))
    if (reflectors) await moveReflectors(job, a, from, to, reflectors, 'store', target)
  }
  return { n, ...entriesOf(band, n, width), triangle: a, form }
}

/** T that a band has been chased to. */
const entriesOf = (band: Float64Array, n: number, width: number) => ({
  diagonal: Float64Array.from({ length: n }, (_, j) => band[2 * width * j]),
  offDiagonal: Float64Array.from({ length: Math.max(1, n - 1) }, (_, j) => (n > 1 ? band[2 * width * j + 1] : 0))
})

/** The second stage alone, for eigenvalues: the band (memory of the job) is overwritten, no reflectors are kept. */
export async function chaseBand({ kernels }: Context, job: Job, band: Float64Array, order: number, width: number) {
  const request = { band, order, width, from: 0, to: sweepsOf(order), reflectors: null }
  await job.run(0, 'private', () => kernels.chaseSweeps(request, { signal: job.signal }))
  return entriesOf(band, order, width)
}

/**
 * Sweep s has n − 1 − s numbers of reflectors, which is what column n − 1 − s has above the diagonal: they lie there when the chase is over.
 */
function moveReflectors(
  job: Job,
  a: Triangle,
  from: number,
  to: number,
  rows: Float64Array,
  way: 'store' | 'load',
  target: Target
): Promise<void> {
  const n = a.order
  return job.run(0, target, async () => {
    for (let sweep = from; sweep < to; sweep++) {
      const length = n - 1 - sweep
      const row = rows.subarray((sweep - from) * n + sweep + 1)
      const column = a.at(0, length)
      const [source, into] = way === 'store' ? [row, column] : [column, row]
      job.nativeNow('dlacpy', 'A', length, 1, source, n, into, n)
    }
  })
}

/** Z ← Q Z, Q = Q₁ Q₂, for n × columns numbers by columns, memory of the job; Qᵀ Z when `transposed`. */
export async function applyTwice(
  { kernels }: Context,
  job: Job,
  t: TwoStage,
  z: Float64Array,
  columns: number,
  transposed: boolean
): Promise<void> {
  if (transposed) await applyPanels(job, t.triangle, t.form, z, columns, true)
  const {
    n,
    triangle,
    form: { width }
  } = t
  const sweeps = sweepsOf(n)
  const spans = Math.ceil(sweeps / spanSweeps)
  const rows = job.take(Math.max(1, Math.min(spanSweeps, sweeps) * n))
  for (let turn = 0; turn < spans; turn++) {
    const from = (transposed ? turn : spans - 1 - turn) * spanSweeps
    const to = Math.min(sweeps, from + spanSweeps)
    const reflectors = rows.subarray(0, (to - from) * n)
    await moveReflectors(job, triangle, from, to, rows, 'load', 'private')
    const request = { order: n, width, from, to, reflectors, vectors: z, count: columns, transposed }
    await job.run(0, 'private', () => kernels.applySweeps(request, { signal: job.signal }))
  }
  if (!transposed) await applyPanels(job, t.triangle, t.form, z, columns, false)
}
