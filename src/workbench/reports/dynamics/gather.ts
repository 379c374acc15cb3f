// From finished runs to the rows of the report on dynamics: exponents at every learning rate, those of known maps, basins with their boundaries.
import { finishedAnalysis } from '../analyses'
import type { ReportContext } from '../context'
import type { FinishedRun, PlannedRun } from '../runs'
import type { BasinPlace, KnownPlace, Plan, SweepPlace } from './plan'

export interface SweepRow {
  readonly net: string
  readonly optimizer: string
  readonly learningRate: number
  readonly seed: number
  readonly run: string
  /** `diverged`: something was not finite, before the exponents were taken or while; `escaped`: the weights had run away by then. */
  readonly state: 'done' | 'diverged' | 'escaped'
  /** Of the last step before the exponents are taken, weight decay included. */
  readonly loss: number | null
  /** That the exponents are averaged over. */
  readonly steps: number
  readonly largest: number | null
  readonly largestError: number | null
  readonly positive: number | null
  readonly dimension: number | null
  readonly sumPositive: number | null
  readonly sum: number | null
  readonly logDeterminant: number | null
  readonly kaplanYorke: number | null
  readonly sharpness: number | null
  readonly failedChecks: string
}

export interface KnownRow {
  readonly map: string
  readonly steps: number
  readonly largest: number | null
  readonly error: number | null
  readonly expected: number
  readonly sum: number | null
  readonly expectedSum: number
  readonly failedChecks: string
}

export interface BasinRow {
  readonly optimizer: string
  readonly of: string
  readonly rule: BasinPlace['rule']
  readonly pixels: number
  readonly dimension: number | null
  readonly error: number | null
  readonly centres: number | null
  readonly arrived: number | null
  readonly notYet: number | null
  readonly diverged: number | null
  readonly failedChecks: string
}

/** Pixels of a row side by side with one outcome. */
export interface BasinRunRow {
  readonly optimizer: string
  readonly of: string
  readonly y: number
  readonly yTo: number
  readonly x: number
  readonly xTo: number
  readonly outcome: string
}

export interface Gathered {
  readonly sweep: readonly SweepRow[]
  readonly known: readonly KnownRow[]
  readonly basins: readonly BasinRow[]
  readonly pictures: readonly BasinRunRow[]
}

const failedOf = (checks: Readonly<Record<string, { readonly ok: boolean }>>) =>
  Object.entries(checks)
    .flatMap(([name, { ok }]) => (ok ? [] : [name]))
    .join(' ')

const nothing = {
  largest: null,
  largestError: null,
  positive: null,
  dimension: null,
  sumPositive: null,
  sum: null,
  logDeterminant: null,
  kaplanYorke: null,
  sharpness: null,
  failedChecks: ''
}

/** The nets' outputs are bounded: a loss beyond this is weight decay of weights that run away, and what they do is no attractor's motion. */
const escapedFrom = 1e4

/** Training that leaves the numbers while its exponents are taken has diverged: an answer, not a fault. */
const leavesNumbers = (error: unknown) => error instanceof Error && /not finite/.test(error.message)

async function sweepRow(context: ReportContext, place: SweepPlace, run: FinishedRun): Promise<SweepRow> {
  const { net, optimizer, learningRate, seed, steps } = place
  const row = { net, optimizer, learningRate, seed, steps, run: run.id, loss: run.lines.at(-1)?.loss ?? null }
  if (run.state === 'diverged') return { ...row, state: 'diverged', ...nothing }
  if ((row.loss ?? 0) > escapedFrom) return { ...row, state: 'escaped', ...nothing }
  try {
    const { manifest } = await finishedAnalysis(context, { kind: 'lyapunov', run: run.id, step: run.status.step, options: { steps } })
    const { figures, checks } = manifest
    const known = Object.fromEntries(Object.keys(nothing).map((name) => [name, figures[name] ?? null])) as Omit<
      typeof nothing,
      'failedChecks'
    >
    return { ...row, state: 'done', ...known, failedChecks: failedOf(checks) }
  } catch (error) {
    context.signal.throwIfAborted()
    if (!leavesNumbers(error)) throw error
    return { ...row, state: 'diverged', ...nothing }
  }
}

async function knownRow(context: ReportContext, place: KnownPlace): Promise<KnownRow> {
  const { id: run, steps, title, largest: expected, sum: expectedSum } = place
  const { manifest } = await finishedAnalysis(context, { kind: 'lyapunov', run, step: 0, options: { steps } })
  const { largest, largestError, sum } = manifest.figures
  return { map: title, steps, largest, error: largestError, expected, sum, expectedSum, failedChecks: failedOf(manifest.checks) }
}

const outcomeName = (code: number) => (code > 0 ? `point ${code}` : code === 0 ? 'not yet' : code === -1 ? 'diverged' : 'elsewhere')

/** Pixels of a picture: it is thinned to so many a side. */
const pictured = 128

async function basinRows(context: ReportContext, place: BasinPlace) {
  const { id: run, options, title: optimizer, of, rule } = place
  const analysis = await finishedAnalysis(context, { kind: 'map', run, step: 0, options })
  const { figures, checks } = analysis.manifest
  const [outcome, x, y] = await Promise.all(['outcome', 'x', 'y'].map((name) => analysis.array(name)))
  const row: BasinRow = {
    optimizer,
    of,
    rule,
    pixels: figures.pixels ?? outcome.length,
    dimension: figures.boxDimension,
    error: figures.boxDimensionError,
    centres: figures.centres,
    arrived: figures.converged,
    notYet: figures.notYet,
    diverged: figures.diverged,
    failedChecks: failedOf(checks)
  }
  const every = Math.max(1, Math.ceil(x.length / pictured))
  const [dx, dy] = [every * (x[1] - x[0]), every * (y[1] - y[0])]
  const picture: BasinRunRow[] = []
  for (let j = 0; j < y.length; j += every) {
    let begin = 0
    for (let i = every; i <= x.length + every - 1; i += every) {
      const here = outcome[j * x.length + begin]
      if (i < x.length && outcome[j * x.length + i] === here) continue
      picture.push({
        optimizer,
        of,
        y: y[j],
        yTo: y[j] + dy,
        x: x[begin],
        xTo: x[begin] + ((i - begin) / every) * dx,
        outcome: outcomeName(here)
      })
      begin = i
    }
  }
  return { row, picture }
}

export async function gather(
  context: ReportContext,
  { sweep, known, basins }: Plan,
  finished: ReadonlyMap<string, FinishedRun>
): Promise<Gathered> {
  const runOf = ({ id }: PlannedRun): FinishedRun => {
    const run = finished.get(id)
    if (run === undefined) throw new Error(`run ${id} is missing`)
    return run
  }
  const rows: SweepRow[] = []
  for (const place of sweep) rows.push(await sweepRow(context, place, runOf(place)))
  const maps: KnownRow[] = []
  for (const place of known) maps.push(await knownRow(context, place))
  const found: Awaited<ReturnType<typeof basinRows>>[] = []
  for (const place of basins) found.push(await basinRows(context, place))
  return { sweep: rows, known: maps, basins: found.map(({ row }) => row), pictures: found.flatMap(({ picture }) => picture) }
}
