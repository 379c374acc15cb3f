// The tables of the report on Dauphin et al. (2014): what a row of each is, and how they follow from what was measured.
import type { DauphinData, DauphinNet } from '../../../shared/spec/dauphin'
import type { Method } from './plan'

/** Which net a row is of. */
export interface NetKey {
  readonly data: DauphinData
  readonly activation: DauphinNet['activation']
  readonly hidden: number
}

export interface RunRow extends NetKey {
  readonly run: string
  readonly method: Method
  readonly seed: number
  readonly samples: number
  readonly parameters: number
  readonly learningRate: number | null
  readonly momentum: number | null
  readonly batch: number
  readonly state: 'done' | 'diverged'
  readonly steps: number
  readonly epochs: number
  readonly seconds: number
  /** Over all training samples at the last checkpoint; null where nothing finite is left. */
  readonly loss: number | null
  readonly error: number | null
  /** Every second-order run, and of SGD's search the run with the lowest loss. */
  readonly chosen: boolean
}

export interface CourseRow extends NetKey {
  readonly run: string
  readonly method: Method
  readonly seed: number
  readonly epoch: number
  readonly seconds: number
  readonly loss: number
  readonly error: number
  /** Of the run that is drawn: SGD's best, the others' first seed. */
  readonly shown: boolean
}

export interface SummaryRow extends NetKey {
  readonly method: Method
  /** Runs behind the means. */
  readonly runs: number
  readonly epochs: number
  readonly seconds: number
  readonly loss: number
  readonly error: number
  readonly lowestError: number
  readonly highestError: number
}

export interface CurvatureRow extends NetKey {
  readonly run: string
  readonly method: Method
  readonly epoch: number
  readonly lambdaMin: number
  readonly lambdaMax: number
  /** −λ_min where it is negative, else 0. */
  readonly magnitude: number
}

export type Outcome = 'critical' | 'gradient-flat' | 'not converged'

export interface CriticalRow extends NetKey {
  readonly run: string
  readonly step: number
  readonly search: number
  readonly outcome: Outcome
  readonly loss: number
  readonly error: number
  readonly gradNorm: number
  /** ‖Hg‖/‖g‖. */
  readonly flatness: number
  readonly largest: number
  /** flatness / largest. */
  readonly relativeFlatness: number
  readonly index: number
  readonly zero: number
  readonly iterations: number
}

export interface SpectrumRow extends NetKey {
  readonly point: string
  /** Of λ / max |λ|. */
  readonly from: number
  readonly to: number
  readonly count: number
}

const keyOf = ({ data, activation, hidden }: NetKey) => `${data} ${activation} ${hidden}`

/** Rows by net, in the order in which the nets come. */
export function byNet<Row extends NetKey>(rows: readonly Row[]): Row[][] {
  const groups = new Map<string, Row[]>()
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row])
  return [...groups.values()]
}

export const sameNet = (a: NetKey, b: NetKey) => keyOf(a) === keyOf(b)

/** Marks SGD's best: the lowest loss at the end, of runs that did not diverge. */
export function chosenRuns(rows: readonly Omit<RunRow, 'chosen'>[]): RunRow[] {
  const best = new Map<string, Omit<RunRow, 'chosen'>>()
  for (const row of rows) {
    if (row.method !== 'Minibatch SGD' || row.loss === null || row.state === 'diverged') continue
    const before = best.get(keyOf(row))
    if (before === undefined || row.loss < (before.loss ?? Infinity)) best.set(keyOf(row), row)
  }
  return rows.map((row) => ({ ...row, chosen: row.method !== 'Minibatch SGD' || best.get(keyOf(row)) === row }))
}

/** Means over the chosen runs of a net and method; runs without a finite loss are left out of them and of `runs`. */
export function summaryRows(rows: readonly RunRow[]): SummaryRow[] {
  const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  return byNet(rows.filter(({ chosen }) => chosen)).flatMap((net) =>
    [...new Set(net.map(({ method }) => method))].flatMap((method): SummaryRow[] => {
      const mine = net.flatMap((row) =>
        row.method === method && row.loss !== null && row.error !== null ? [{ ...row, loss: row.loss, error: row.error }] : []
      )
      if (mine.length === 0) return []
      const { data, activation, hidden } = mine[0]
      const errors = mine.map(({ error }) => error)
      return [
        {
          data,
          activation,
          hidden,
          method,
          runs: mine.length,
          epochs: average(mine.map(({ epochs }) => epochs)),
          seconds: average(mine.map(({ seconds }) => seconds)),
          loss: average(mine.map(({ loss }) => loss)),
          error: average(errors),
          lowestError: Math.min(...errors),
          highestError: Math.max(...errors)
        }
      ]
    })
  )
}

/** Three points at different errors, the lowest, the middle and the highest, of the critical ones where there are three, else of all. */
export function threePoints(rows: readonly CriticalRow[]): CriticalRow[] {
  const critical = rows.filter(({ outcome }) => outcome === 'critical')
  const enough = new Set(critical.map(({ error }) => error)).size >= 3 ? critical : rows
  const sorted = [...enough].sort((a, b) => a.error - b.error || a.loss - b.loss)
  return sorted.length <= 3 ? sorted : [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted[sorted.length - 1]]
}

/** λ / max |λ| of a point in bins of equal width over −1 … 1. */
export function spectrumRows(net: NetKey, point: string, eigenvalues: ArrayLike<number>, bins = 60): SpectrumRow[] {
  const values = Array.from(eigenvalues)
  const largest = Math.max(...values.map(Math.abs))
  const counts = Array.from({ length: bins }, () => 0)
  for (const value of values) counts[Math.min(bins - 1, Math.floor(((value / (largest || 1) + 1) / 2) * bins))]++
  const { data, activation, hidden } = net
  return counts.map((count, k) => ({ data, activation, hidden, point, from: -1 + (2 * k) / bins, to: -1 + (2 * (k + 1)) / bins, count }))
}
