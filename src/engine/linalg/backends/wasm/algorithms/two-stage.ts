// Tridiagonalization in two stages, full to band to tridiagonal: A = Q₁ B Q₁ᵀ by products of matrices, B = Q₂ T Q₂ᵀ by bulge chasing.
import type { Team } from '../team'
import { applyPanels, bandWorkspace, reduceToBand } from './band'
import type { Block } from './block'
import { applySweeps, chaseSweeps, progressNumbers } from './bulge-chasing'
import type { Reduction } from './tridiagonalize'

/** How a reduction is to go through a band. */
export interface Stages {
  /** Subdiagonals of the band; 0 for one stage. */
  readonly width: number
  /** 0, or order·width numbers for the panels' T (see BandJob): then the reflectors of both stages stay in A, and `applyTwice` can be asked. */
  readonly factors: number
}

const sweepsOf = (order: number): number => Math.max(0, order - 2)

/** Numbers of work space beside A and the factors. */
export const twoStageWorkspace = (order: number, width: number): number =>
  2 * width * order + Math.max(bandWorkspace(order, width), progressNumbers(sweepsOf(order)))

/**
 * Sweep s has order − 1 − s numbers of reflectors, which is what row order − 1 − s has before the diagonal: they lie there, entry s + 1 in column 0.
 */
const sweepPlaces = ({ address, rows, stride }: Block) => ({
  reflectors: address + 8 * (stride * (rows - 1) - 1),
  spacing: -stride - 1
})

/** Overwrites A, its lower triangle too when the factors are kept. `size`: its largest entry, far from over- and underflow. `workspace`: twoStageWorkspace numbers. */
export function tridiagonalizeTwice(
  team: Team,
  a: Block,
  size: number,
  out: Pick<Reduction, 'diagonal' | 'coupling'>,
  { width, factors }: Stages,
  workspace: number
): void {
  const order = a.rows
  const work = workspace + 16 * width * order
  reduceToBand(team, a, { width, band: workspace, factors }, size, work)
  const places = factors === 0 ? { reflectors: 0, spacing: 0 } : sweepPlaces(a)
  chaseSweeps(team, { band: workspace, order, width, from: 0, to: sweepsOf(order), ...places, progress: work })
  const view = (address: number) => new Float64Array(team.memory.buffer, address, order)
  const [band, diagonal, coupling] = [
    new Float64Array(team.memory.buffer, workspace, 2 * width * order),
    view(out.diagonal),
    view(out.coupling)
  ]
  for (let j = 0; j < order; j++) {
    diagonal[j] = band[2 * width * j]
    coupling[j] = j < order - 1 ? band[2 * width * j + 1] : 0
  }
}

export interface TwiceJob extends Stages {
  /** As a reduction that kept its factors left it. */
  readonly a: Block
  /** `count` vectors of order numbers, one after the other. */
  readonly vectors: number
  readonly count: number
  readonly transposed: boolean
  /** applyTwiceWorkspace numbers. */
  readonly workspace: number
}

export const applyTwiceWorkspace = (width: number, count: number): number => 2 * width * count

/** Every vector z becomes Q z, Q = Q₁ Q₂; Qᵀ z when `transposed`. */
export function applyTwice(team: Team, { a, width, factors, vectors, count, transposed, workspace }: TwiceJob): void {
  const order = a.rows
  team.expect((4e-6 * order * order * count) / 2)
  const rows: Block = { address: vectors, rows: count, columns: order, stride: order }
  if (transposed) applyPanels(team, a, { width, factors }, rows, true, workspace)
  applySweeps(team, { order, width, ...sweepPlaces(a), from: 0, to: sweepsOf(order), vectors, count, transposed: transposed ? 1 : 0 })
  if (!transposed) applyPanels(team, a, { width, factors }, rows, false, workspace)
}
