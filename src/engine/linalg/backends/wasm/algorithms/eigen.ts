// Symmetric eigenproblem: check, scale, tridiagonalize, solve the tridiagonal problem, transform back, sort.
import { LinalgError } from '../../../interface'
import { task, type Team } from '../team'
import { backTransform, backTransformWorkspace } from './back-transform'
import { at, type Block } from './block'
import { divideAndConquer } from './divide-and-conquer'
import { checkFinite } from './finite'
import { clearRows, gatherRows } from './rows'
import {
  negligibleCoupling,
  normalizeTridiagonal,
  normalizingScale,
  prepare,
  tridiagonalize,
  tridiagonalWorkspace,
  type Reduction
} from './tridiagonalize'
import { tridiagonalizeTwice, twoStageWorkspace, type Stages } from './two-stage'

/** Numbers of small work space (beyond n × n arrays) of a reduction, in two stages when the width is not 0. */
export function reductionWorkspace(order: number, threads: number, width: number): number {
  return width === 0 ? tridiagonalWorkspace(order, threads) : twoStageWorkspace(order, width)
}

export function eigenvaluesWorkspace(order: number, threads: number, width: number): number {
  return 3 * order + reductionWorkspace(order, threads, width) + 64
}

export function eigenSymmetricWorkspace(order: number, count: number, threads: number): number {
  return 8 * order + Math.max(tridiagonalWorkspace(order, threads), backTransformWorkspace(count)) + 64
}

interface Reduced extends Reduction {
  readonly workspace: number
  /** A and then T were multiplied by these powers of two. */
  readonly scales: readonly [number, number]
}

/** Checks, scales and reduces A in place. Squares of entries must not under- or overflow, so A is scaled by a power of two, which is exact. */
function reduce(team: Team, name: string, a: Block, vectors: number, workspace: number, stages?: Stages): Reduced {
  checkFinite(team, name, 'a', a)
  let largest = 0
  for (let i = 0; i < a.rows; i++) largest = Math.max(largest, team.kernels.maxAbs(a.columns - i, at(a, i, i)))
  const scale = normalizingScale(largest)
  const extreme = scale > 1e30 || scale < 1e-30
  const size = extreme ? largest * scale : largest
  prepare(team, a, extreme ? scale : 1, size)
  const vector = (index: number) => vectors + 8 * index * a.rows
  const reduced = { diagonal: vector(0), coupling: vector(1), tau: vector(2), workspace }
  if (stages && stages.width > 0) tridiagonalizeTwice(team, a, size, reduced, stages, workspace)
  else tridiagonalize(team, a, size, reduced, workspace)
  const view = (address: number) => new Float64Array(team.memory.buffer, address, a.rows)
  const further = normalizeTridiagonal(view(reduced.diagonal), view(reduced.coupling))
  return { ...reduced, scales: [extreme ? scale : 1, further] }
}

/** An eigenvalue of the matrix as it was given. */
function original({ scales }: Reduced, value: number): number {
  return value / scales[1] / scales[0]
}

function iterate(team: Team, order: number, diagonal: number, coupling: number): void {
  for (let l = 0; l < order; l++) {
    if (team.kernels.isolateEigenvalue(order, l, diagonal, coupling, negligibleCoupling, 0, 0, 0) !== 0)
      throw new LinalgError('no-convergence', `eigenvalues: the QL iteration for eigenvalue ${l} of ${order} did not converge`)
    team.checkCancelled()
  }
}

export interface ReductionJob {
  /** The routine, in refusals. */
  readonly name: string
  readonly a: Block
  /** Receives T's diagonal, its couplings and, in one stage, the reflectors' scales: n numbers each. */
  readonly vectors: number
  readonly stages: Stages
  /** reductionWorkspace numbers. */
  readonly workspace: number
}

/** Reduces A in place. */
export function reduceOnly(team: Team, { name, a, vectors, stages, workspace }: ReductionJob): void {
  team.expect(((4 / 3) * a.rows ** 3) / 1e6)
  const reduced = reduce(team, name, a, vectors, workspace, stages)
  const entries = new Float64Array(team.memory.buffer, vectors, 2 * a.rows)
  for (let i = 0; i < entries.length; i++) entries[i] = original(reduced, entries[i])
}

/** All eigenvalues, ascending, in place of the diagonal of T; its couplings (n, the last 0) are overwritten. */
export function tridiagonalEigenvalues(team: Team, order: number, diagonal: number, coupling: number): void {
  const values = new Float64Array(team.memory.buffer, diagonal, order)
  const scale = normalizeTridiagonal(values, new Float64Array(team.memory.buffer, coupling, order))
  team.expect(order)
  iterate(team, order, diagonal, coupling)
  values.sort()
  for (let i = 0; i < order; i++) values[i] /= scale
}

/** All eigenvalues, ascending, at address `values`. A is overwritten. */
export function eigenvalues(team: Team, a: Block, values: number, workspace: number, width: number): void {
  const order = a.rows
  if (order === 0) return
  team.expect(((4 / 3) * order ** 3 + 30 * order ** 2) / 1e6)
  const reduced = reduce(team, 'eigenvalues', a, workspace, workspace + 8 * 3 * order, { width, factors: 0 })
  iterate(team, order, reduced.diagonal, reduced.coupling)
  const result = new Float64Array(team.memory.buffer, values, order)
  result.set(new Float64Array(team.memory.buffer, reduced.diagonal, order))
  result.sort()
  for (let i = 0; i < order; i++) result[i] = original(reduced, result[i])
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
  readonly vectors: number
  /** conquerWorkspace numbers; ends with all vectors as columns when all are wanted. */
  readonly square: number
  /** Receives the vectors asked for as columns (order × wanted.length, contiguous); may be `square` when all are wanted. */
  readonly result: number
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
  team.expect(((4 / 3) * order ** 3 + (4 / 3) * order ** 3 + 2 * order * order * count) / 1e6)
  const reduced = reduce(team, 'eigenSymmetric', a, job.workspace, job.workspace + 8 * 8 * order)
  const all: Block = { address: job.vectors, rows: order, columns: order, stride: order }
  clearRows(team, all)
  const vector = (index: number) => job.workspace + 8 * index * order
  const work = { poles: vector(3), components: vector(4), weights: vector(5), indices: vector(6) }
  const ascending = divideAndConquer(team, reduced.diagonal, reduced.coupling, all, job.square, work, job.wanted)
  const diagonal = new Float64Array(team.memory.buffer, reduced.diagonal, order)
  const values = new Float64Array(team.memory.buffer, job.values, order)
  ascending.forEach((from, to) => (values[to] = original(reduced, diagonal[from])))

  const chosen: Block = count === order ? all : { address: job.square, rows: count, columns: order, stride: order }
  const rows = job.wanted.map((index) => ascending[index])
  if (count < order) gatherRows(team, all, rows, chosen, work.indices)
  backTransform(team, a, reduced, chosen, reduced.workspace)
  new Float64Array(team.memory.buffer, work.indices, count).set(count < order ? job.wanted.map((_, index) => index) : rows)
  const gather = { source: chosen.address, sourceStride: order, target: job.result, targetStride: count, count, length: order }
  team.run(gatherColumns, { ...gather, indices: work.indices }, order >= 400)
}
