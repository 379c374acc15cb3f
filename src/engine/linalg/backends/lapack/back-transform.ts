// Eigenvectors of T become those of A: Q applied to vectors, Q being the product of the reflectors of a tridiagonalization.
import type { Job } from './job'
import type { Reduction } from './tridiagonal'

export const backTransformFlops = (n: number, columns: number): number => 2 * n * n * columns

/** Below this order one call of dormtr takes only milliseconds. */
const wholeOrder = 512

/**
 * Reflectors applied together, as I − V T Vᵀ (Schreiber & Van Loan 1989): dormtr takes 32, which leaves products so narrow that a library reaches a third of
 * its speed in them. T is never formed: its inverse is the upper triangle of VᵀV with 1/τ on the diagonal (Joffrain et al. 2006).
 */
const blockWidth = 256

/** Numbers of work space: less than n² where n is above wholeOrder. */
export const backTransformWork = (n: number, columns: number): number => (n <= wholeOrder ? 0 : blockWidth * (n + columns))

/** Z ← Q Z for column-major Z (n × columns, contiguous). Z and `work` (backTransformWork numbers) are memory of the job. */
export async function applyReflectors(job: Job, t: Reduction, z: Float64Array, columns: number, work: Float64Array): Promise<void> {
  const { n } = t
  if (n < 2 || columns === 0) return
  if (n <= wholeOrder) return applyWhole(job, t, z, columns)
  const v = work.subarray(0, blockWidth * n)
  const w = work.subarray(blockWidth * n, blockWidth * (n + columns))
  for (let from = Math.floor((n - 2) / blockWidth) * blockWidth; from >= 0; from -= blockWidth) {
    const width = Math.min(blockWidth, n - 1 - from)
    const rows = n - 1 - from
    const below = z.subarray(from + 1)
    copyReflectors(t, from, width, v)
    const gram = new Float64Array(width * width)
    await job.call(0, 'private', 'dgemm', 'T', 'N', width, width, rows, 1, v, rows, v, rows, 0, gram, width)
    for (let j = 0; j < width; j++) gram[j * width + j] = t.tau[from + j] === 0 ? 1 : 1 / t.tau[from + j]
    const flops = 2 * rows * width * columns
    await job.call(flops, 'private', 'dgemm', 'T', 'N', width, columns, rows, 1, v, rows, below, n, 0, w, width)
    await job.call(0, 'private', 'dtrsm', 'L', 'U', 'N', 'N', width, columns, 1, gram, width, w, width)
    await job.call(flops, 'private', 'dgemm', 'N', 'N', rows, columns, width, -1, v, rows, w, width, 1, below, n)
  }
}

async function applyWhole(job: Job, t: Reduction, z: Float64Array, columns: number): Promise<void> {
  const { n } = t
  const work = new Float64Array(64 * columns + 64 * 65)
  await job.call(
    backTransformFlops(n, columns),
    'private',
    'dormtr',
    'L',
    'L',
    'N',
    n,
    columns,
    t.reflectors,
    t.leading,
    t.tau,
    z,
    n,
    work,
    work.length
  )
}

/** V with its ones and zeros: column j is reflector `from + j` from row `from + 1` on, column-major; zeros alone for a reflector that does nothing. */
function copyReflectors(t: Reduction, from: number, width: number, v: Float64Array): void {
  const rows = t.n - 1 - from
  for (let j = 0; j < width; j++) {
    const column = (from + j) * t.leading
    const idle = t.tau[from + j] === 0
    v.fill(0, j * rows, idle ? (j + 1) * rows : j * rows + j)
    if (idle) continue
    v[j * rows + j] = 1
    v.set(t.reflectors.subarray(column + from + j + 2, column + t.n), j * rows + j + 1)
  }
}
