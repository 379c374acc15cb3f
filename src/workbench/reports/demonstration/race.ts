// A race at equal time: the search of rates, the runs that were chosen, and what is read off them.
import type { MetricsLine } from '../../../shared/run/schema'
import { batchLossOf, lossDivisor } from '../../../shared/run/per-sample'
import type { ReportContext } from '../context'
import type { FinishedRun } from '../runs'
import type { Cell, Table } from '../table'
import { ratesOf, rivalRun, rivals, sizes, type Installed, type Program, type Rival } from './plan'

/** What came of one run. */
export interface Result {
  readonly program: Program
  readonly optimizer: string
  readonly rate: number | string
  readonly state: FinishedRun['state']
  readonly steps: number
  readonly epochs: number
  readonly seconds: number
  /** Per sample; see `finalLoss`. Null where it diverged. */
  readonly trainLoss: number | null
  readonly testLoss: number | null
  readonly testAccuracy: number | null
}

export interface Attempt {
  readonly program: Program
  readonly optimizer: Rival
  readonly rate: number
  readonly seconds: number
  readonly trainLoss: number | null
  readonly chosen: boolean
}

export interface Race {
  readonly results: readonly Result[]
  readonly attempts: readonly Attempt[]
  readonly runs: readonly FinishedRun[]
}

/** Training losses per sample, as the lines have them. */
function lossesOf({ spec, status, lines }: FinishedRun): number[] {
  const divisor = lossDivisor(batchLossOf(spec, status.trainingSamples)) ?? (() => 1)
  return lines.map(({ loss, step }) => loss / divisor(step))
}

/**
 * The training loss at the end, per sample: the mean of the last batches' losses, each before its update: those of an epoch, and at most a quarter of
 * the steps, so that a run of few steps is not judged by its start. Null where it diverged.
 */
export function finalLoss(run: FinishedRun): number | null {
  if (run.state === 'diverged' || run.lines.length === 0) return null
  const losses = lossesOf(run)
  const { epoch } = run.lines[run.lines.length - 1]
  const inEpoch = run.lines.filter((line) => line.epoch > epoch - 1 + 1e-9).length
  const last = losses.slice(-Math.max(1, Math.min(inEpoch, Math.floor(losses.length / 4))))
  return last.reduce((sum, loss) => sum + loss, 0) / last.length
}

const lastOf = (lines: readonly MetricsLine[], name: 'testLoss' | 'testAccuracy') =>
  lines.reduce<number | null>((found, line) => line[name] ?? found, null)

export function resultOf(program: Program, optimizer: string, run: FinishedRun): Result {
  const { lines, spec, state } = run
  const last = lines.at(-1)
  return {
    program,
    optimizer,
    rate: spec.optimizer.learningRate,
    state,
    steps: last?.step ?? 0,
    epochs: last?.epoch ?? 0,
    seconds: last?.seconds ?? 0,
    trainLoss: finalLoss(run),
    testLoss: state === 'diverged' ? null : lastOf(lines, 'testLoss'),
    testAccuracy: state === 'diverged' ? null : lastOf(lines, 'testAccuracy')
  }
}

/** Place of the lowest loss; null where none has one. */
export function lowest(losses: readonly (number | null)[]): number | null {
  let best: number | null = null
  for (const [k, loss] of losses.entries()) if (loss !== null && (best === null || loss < (losses[best] ?? Infinity))) best = k
  return best
}

/** Each rival tries its rates for an equal share of the program's own time, then gets all of it with the rate of the lowest training loss. */
export async function race(context: ReportContext, program: Program, own: FinishedRun, installed: Installed): Promise<Race> {
  const { scale } = context
  const seconds = own.lines.at(-1)?.seconds ?? own.status.seconds
  const results = [resultOf(program, own.spec.optimizer.kind, own)]
  const runs = [own]
  const attempts: Attempt[] = []
  for (const rival of rivals) {
    const rates = ratesOf(program, rival, sizes[scale])
    const share = seconds / rates.length
    const planned = rates.map((rate, attempt) => rivalRun(scale, program, rival, { rate, seconds: share, attempt }, installed))
    const losses = (await context.runs(planned)).map(finalLoss)
    const best = lowest(losses)
    rates.forEach((rate, k) => attempts.push({ program, optimizer: rival, rate, seconds: share, trainLoss: losses[k], chosen: k === best }))
    if (best === null) continue
    const [run] = await context.runs([rivalRun(scale, program, rival, { rate: rates[best], seconds, attempt: null }, installed)])
    results.push(resultOf(program, rival, run))
    runs.push(run)
  }
  return { results, attempts, runs }
}

export function resultsTable(results: readonly Result[]): Table {
  const columns = ['program', 'optimizer', 'rate', 'state', 'steps', 'epochs', 'seconds', 'trainLoss', 'testLoss', 'testAccuracy'] as const
  return {
    name: 'results.csv',
    about:
      'a run at the end of its time: seconds of its steps; trainLoss: mean over the last batches, each before its update (those of an epoch, at most a quarter of the steps); test figures: last evaluation; losses per sample, half the squared error summed over the outputs; empty: diverged',
    columns,
    rows: results.map((row) => columns.map((column) => row[column]))
  }
}

export function attemptsTable(attempts: readonly Attempt[]): Table {
  const columns = ['program', 'optimizer', 'rate', 'seconds', 'trainLoss', 'chosen'] as const
  return {
    name: 'search.csv',
    about: 'a learning rate that was tried, for how many seconds of steps, with its training loss as in results.csv (empty: diverged)',
    columns,
    rows: attempts.map((row) => columns.map((column) => row[column]))
  }
}

const bins = 48

/** Means over bins of equal ratio in time, so that curves of a hundred thousand steps stay small: the figures are of the stored runs' lines. */
export function curveRows(optimizer: string, program: Program, run: FinishedRun): Cell[][] {
  const { lines } = run
  if (lines.length === 0) return []
  const losses = lossesOf(run)
  const [first, last] = [Math.max(lines[0].seconds, 1e-6), Math.max(lines[lines.length - 1].seconds, 2e-6)]
  const binOf = ({ seconds }: MetricsLine) =>
    Math.min(bins - 1, Math.floor((Math.log(Math.max(seconds, first) / first) / Math.log(last / first)) * bins))
  const groups = new Map<number, number[]>()
  lines.forEach((line, k) => {
    const bin = last > first ? binOf(line) : 0
    groups.set(bin, [...(groups.get(bin) ?? []), k])
  })
  return [...groups.values()].map((places) => {
    const { seconds, step, epoch } = lines[places[places.length - 1]]
    return [program, optimizer, seconds, step, epoch, places.reduce((sum, k) => sum + losses[k], 0) / places.length]
  })
}

/** Evaluations: all where they are few, else about 48 at equal ratios of time. */
export function testRows(optimizer: string, program: Program, { lines }: FinishedRun): Cell[][] {
  const tested = lines.filter((line) => typeof line.testLoss === 'number')
  let next = 0
  return tested.flatMap((line, k) => {
    const wanted = k === tested.length - 1 || line.seconds >= next
    if (!wanted) return []
    if (tested.length > bins) next = line.seconds * (tested[tested.length - 1].seconds / tested[0].seconds) ** (1 / bins)
    return [[program, optimizer, line.seconds, line.step, line.epoch, line.testLoss ?? null, line.testAccuracy ?? null]]
  })
}
