// What the leader of the pool can be asked to do: the algorithms by name, and the list of tasks that every thread knows.
import type { LinalgError } from '../../interface'
import { solveLeaves } from './algorithms/divide-and-conquer'
import { correctSecularWeights, formSecularVectors, solveSecularRoots } from './algorithms/secular'
import { clearRowTiles, copyRowTiles, gatherRowTiles } from './algorithms/rows'
import { searchNonFinite } from './algorithms/finite'
import { choleskyInPlace, clearUpperRows, solve, solveSides, type SolveJob } from './algorithms/cholesky'
import type { Block } from './algorithms/block'
import { applySweeps, applyToVectors, chaseGroups, chaseSweeps, type SweepJob, type VectorJob } from './algorithms/bulge-chasing'
import {
  eigenSymmetric,
  eigenvalues,
  gatherColumns,
  reduceOnly,
  tridiagonalEigenvalues,
  type EigenJob,
  type ReductionJob
} from './algorithms/eigen'
import { gemmOuterBatch, multiplyFactors, packFactors, type OuterBatch } from './algorithms/outer-batch'
import { multiply, productTiles, productWork, type Product } from './algorithms/product'
import { mirrorRows, mirrorUpper, multiplySymmetric, symmetricShares, syrk } from './algorithms/symmetric'
import { clearShares, spread, spreadRows, type SpreadJob } from './algorithms/spread'
import { prepareRows } from './algorithms/tridiagonalize'
import { applyTwice, type TwiceJob } from './algorithms/two-stage'
import type { Task, Team } from './team'

/** The same list, in the same order, on every thread. */
export const tasks: readonly Task[] = [
  applyToVectors,
  chaseGroups,
  clearRowTiles,
  clearShares,
  clearUpperRows,
  copyRowTiles,
  correctSecularWeights,
  formSecularVectors,
  gatherColumns,
  gatherRowTiles,
  mirrorRows,
  multiplyFactors,
  packFactors,
  prepareRows,
  productTiles,
  searchNonFinite,
  solveLeaves,
  solveSecularRoots,
  solveSides,
  spreadRows,
  symmetricShares
]

/** A job takes plain data (addresses and sizes) and returns a number or nothing; arrays come back in the shared memory. */
export const jobs = {
  gemm(team: Team, product: Product) {
    team.expect(productWork(product))
    multiply(team, product)
  },
  gemmOuterBatch: (team: Team, batch: OuterBatch) => gemmOuterBatch(team, batch),
  syrk(team: Team, product: Product) {
    team.expect(productWork(product) / 2)
    syrk(team, product)
  },
  symv: (team: Team, input: { a: Block; x: number; y: number; partial: number }) =>
    multiplySymmetric(team, input.a, input.x, input.y, input.partial),
  spread: (team: Team, input: SpreadJob) => spread(team, input),
  mirrorUpper: (team: Team, input: { a: Block; rows: number }) => mirrorUpper(team, input.a, input.rows),
  cholesky: (team: Team, a: Block) => choleskyInPlace(team, a),
  solve: (team: Team, input: SolveJob) => solve(team, input),
  eigenvalues: (team: Team, input: { a: Block; values: number; workspace: number; width: number }) =>
    eigenvalues(team, input.a, input.values, input.workspace, input.width),
  eigenSymmetric: (team: Team, input: EigenJob) => eigenSymmetric(team, input),
  tridiagonalize: (team: Team, input: ReductionJob) => reduceOnly(team, input),
  applyTwice: (team: Team, input: TwiceJob) => applyTwice(team, input),
  tridiagonalEigenvalues: (team: Team, input: { order: number; diagonal: number; coupling: number }) =>
    tridiagonalEigenvalues(team, input.order, input.diagonal, input.coupling),
  chaseSweeps: (team: Team, input: SweepJob) => chaseSweeps(team, input),
  applySweeps: (team: Team, input: VectorJob) => applySweeps(team, input)
}

export type Jobs = typeof jobs
export type JobName = keyof Jobs
export type JobInput<Name extends JobName> = Parameters<Jobs[Name]>[1]

export interface Request {
  readonly name: JobName
  readonly input: unknown
}

export type Reply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly value: number }
  | { readonly kind: 'cancelled' }
  | {
      readonly kind: 'failed'
      readonly code: LinalgError['code']
      readonly message: string
    }
