// Tables of steps: their times by phase beside the original's, and the narrow net's two ways.
import { batchLossOf, lossDivisor } from '../../../shared/run/per-sample'
import type { FinishedRun } from '../runs'
import type { Cell, Table } from '../table'
import { median, originalStep, type StepTimes } from './findings'

/** Medians over the steps: of each phase by itself. */
export function stepTimes({ lines }: Pick<FinishedRun, 'lines'>): { readonly table: Table; readonly times: StepTimes } {
  const rows = lines.map(({ step, seconds, phases = {} }, k) => [
    step,
    seconds - (lines[k - 1]?.seconds ?? 0),
    phases.assembly ?? null,
    phases.decomposition ?? null,
    phases.solve ?? null
  ])
  const of = (column: number) => median(rows.map((row) => row[column]).filter((value) => value !== null)) ?? 0
  return {
    table: {
      name: 'steps.csv',
      about: 'a step of the slow net: its seconds, and those of assembling the Hessians, of factorizations and of solves within it',
      columns: ['step', 'seconds', 'assembly', 'decomposition', 'solve'],
      rows
    },
    times: { whole: of(1), assembly: of(2), decomposition: of(3), solve: of(4) }
  }
}

export function phasesTable(times: StepTimes): Table {
  const row = (phase: string, here: number, original: number): Cell[][] => [
    [phase, 'NumPy original, 2 cores', original],
    [phase, 'here', here]
  ]
  return {
    name: 'phases.csv',
    about: 'seconds of a step of the slow net by phase: the original’s as documented, here the medians of steps.csv',
    columns: ['phase', 'program', 'seconds'],
    rows: [
      ...row('Hessians', times.assembly, originalStep.hessians),
      ...row('decompositions', times.decomposition, originalStep.eigendecompositions),
      ...row('products, solves', times.solve, originalStep.products),
      ...row('whole step', times.whole, originalStep.whole)
    ]
  }
}

/** A step of either narrow run. */
export function narrowTable(runs: readonly (readonly [name: string, run: FinishedRun])[]): Table {
  return {
    name: 'narrow.csv',
    about:
      'a step of the narrow net, moved by its whole Hessian or by its layers’: batch loss per sample before it, and how many eigenvalues |λ + δ| turned in it',
    columns: ['moved by', 'step', 'trainLoss', 'flipped'],
    rows: runs.flatMap(([name, { spec, status, lines }]) => {
      const divisor = lossDivisor(batchLossOf(spec, status.trainingSamples)) ?? (() => 1)
      return lines.map((line) => [name, line.step, line.loss / divisor(line.step), flippedOf(line.flipped)])
    })
  }
}

export function flippedOf(flipped: FinishedRun['lines'][number]['flipped']): number | null {
  if (flipped === undefined || flipped === null) return null
  if (typeof flipped === 'number') return flipped
  return Object.values(flipped).reduce<number>((sum, one) => sum + (one ?? 0), 0)
}
