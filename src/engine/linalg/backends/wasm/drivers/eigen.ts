// Symmetric eigenproblem: check, scale, tridiagonalize, solve the tridiagonal problem, transform back, sort.
import { task, type Team } from '../team'
import { backTransform, backTransformWorkspace } from './back-transform'
import { at, JobError, type Block } from './block'
import { checkFinite } from './finite'
import { tridiagonalize, tridiagonalWorkspace, type Tridiagonal } from './tridiagonalize'

/** Numbers of small work space (beyond n × n arrays) of both eigen jobs. */
export function eigenWorkspace(order: number, threads: number): number {
  return 8 * order + Math.max(tridiagonalWorkspace(order, threads), backTransformWorkspace(order)) + 64
}

interface Reduced extends Tridiagonal {
  readonly workspace: number
  /** A was multiplied by this power of two. */
  readonly scale: number
}

/** The power of two that brings the largest entry to about 1; 1 for zero matrices. */
function normalizingScale(largest: number): number {
  if (largest === 0) return 1
  const exponent = Math.floor(Math.log2(largest))
  return 2 ** Math.max(-1000, Math.min(1000, -exponent))
}

/** Checks, scales and reduces A in place. Squares of entries must not under- or overflow, so A is scaled by a power of two, which is exact. */
function reduce(team: Team, name: string, a: Block, workspace: number): Reduced {
  checkFinite(team, name, 'a', a)
  let largest = 0
  for (let i = 0; i < a.rows; i++) largest = Math.max(largest, team.kernels.maxAbs(a.columns, at(a, i, 0)))
  const scale = normalizingScale(largest)
  if (scale > 1e30 || scale < 1e-30) team.kernels.scaleBlock(a.rows, a.columns, scale, a.address, a.stride)
  const vector = (index: number) => workspace + 8 * index * a.rows
  const reduced = { diagonal: vector(0), coupling: vector(1), tau: vector(2), workspace: vector(8) }
  tridiagonalize(team, a, reduced, reduced.workspace)
  const used = scale > 1e30 || scale < 1e-30 ? scale : 1
  return { ...reduced, scale: used }
}

function iterate(team: Team, order: number, diagonal: number, coupling: number, vectors: Block | null): void {
  const rows = vectors ?? { address: 0, rows: 0, columns: 0, stride: 0 }
  for (let l = 0; l < order; l++) {
    if (team.kernels.isolateEigenvalue(order, l, diagonal, coupling, rows.address, rows.stride, rows.columns) !== 0)
      throw new JobError('no-convergence', `eigenvalues: the QL iteration for eigenvalue ${l} of ${order} did not converge`)
    team.checkCancelled()
  }
}

/** All eigenvalues, ascending, at address `values`. A is overwritten. */
export function eigenvalues(team: Team, a: Block, values: number, workspace: number): void {
  const order = a.rows
  if (order === 0) return
  team.expect(((4 / 3) * order ** 3 + 30 * order ** 2) / 1e6)
  const reduced = reduce(team, 'eigenvalues', a, workspace)
  iterate(team, order, reduced.diagonal, reduced.coupling, null)
  const result = new Float64Array(team.memory.buffer, values, order)
  result.set(new Float64Array(team.memory.buffer, reduced.diagonal, order))
  result.sort()
  for (let i = 0; i < order; i++) result[i] /= reduced.scale
}

const copyTile = 64

/** Column j of the target (order × count) is row `order[j]` of the source: sorts and transposes in one pass. */
export const gatherColumns = task(['source', 'sourceStride', 'target', 'targetStride', 'count', 'length', 'indices'], (on, p) => {
  const indices = new Float64Array(on.memory.buffer, p.indices, p.count)
  const tiles = Math.ceil(p.length / copyTile)
  for (let tile = on.nextTile(); tile < tiles && !on.cancelled(); tile = on.nextTile()) {
    const from = tile * copyTile
    const length = Math.min(copyTile, p.length - from)
    for (let j = 0; j < p.count; j++) {
      const source = p.source + 8 * (indices[j] * p.sourceStride + from)
      on.kernels.transposeBlock(1, length, source, p.sourceStride, p.target + 8 * (from * p.targetStride + j), p.targetStride)
    }
  }
})

export interface EigenJob {
  /** Overwritten. */
  readonly a: Block
  /** order × order numbers of work space. */
  readonly square: number
  /** Receives the vectors asked for as columns (order × indices.length, contiguous); order × order numbers. */
  readonly vectors: number
  /** Receives all eigenvalues, ascending. */
  readonly values: number
  /** Which eigenvalues' vectors are wanted, ascending. */
  readonly wanted: readonly number[]
  readonly workspace: number
}

export function eigenSymmetric(team: Team, job: EigenJob): void {
  const { a } = job
  const order = a.rows
  const count = job.wanted.length
  if (order === 0) return
  team.expect(((4 / 3) * order ** 3 + 4 * order ** 3 + 2 * order * order * count) / 1e6)
  const reduced = reduce(team, 'eigenSymmetric', a, job.workspace)
  const z: Block = { address: job.square, rows: order, columns: order, stride: order }
  const heap = new Float64Array(team.memory.buffer)
  team.kernels.scaleBlock(order, order, 0, z.address, order)
  for (let i = 0; i < order; i++) heap[at(z, i, i) / 8] = 1
  iterate(team, order, reduced.diagonal, reduced.coupling, z)
  const diagonal = new Float64Array(team.memory.buffer, reduced.diagonal, order)
  const ascending = Array.from({ length: order }, (_, i) => i).sort((i, j) => diagonal[i] - diagonal[j] || i - j)
  backTransform(team, a, reduced, z, reduced.workspace)
  const values = new Float64Array(team.memory.buffer, job.values, order)
  ascending.forEach((from, to) => (values[to] = diagonal[from] / reduced.scale))
  const indices = job.workspace + 8 * 3 * order
  new Float64Array(team.memory.buffer, indices, count).set(job.wanted.map((index) => ascending[index]))
  const gather = { source: z.address, sourceStride: order, target: job.vectors, targetStride: count, count, length: order, indices }
  team.run(gatherColumns, gather, order >= 400)
}
