// What the report on dynamics says was found: each sentence follows from the rows it is given.
import { figureOnPage } from '../../../shared/format/figures'
import { quantile } from '../../../shared/run/quantile'
import type { BasinRow, Gathered, SweepRow } from './gather'

const figure = (value: number | null) => figureOnPage(value, 3)
const names: Readonly<Record<string, string>> = { gd: 'gradient descent', momentum: 'momentum', adam: 'Adam', sfn: 'saddle-free Newton' }
export const called = (optimizer: string) => names[optimizer] ?? optimizer

const present = (values: readonly (number | null)[]) =>
  values.flatMap((value) => (value === null || !Number.isFinite(value) ? [] : [value]))
function range(values: readonly (number | null)[]): string {
  const known = present(values)
  if (known.length === 0) return '–'
  const [least, most] = [figure(Math.min(...known)), figure(Math.max(...known))]
  return least === most ? least : `${least} to ${most}`
}

/** Growth over the steps that are averaged over, in nats: a slow way past a saddle may bring as much, which is no chaos. */
export const transientGrowth = 20
/** Beyond twice its standard error above 0, and beyond what a transient may bring. */
export const isChaotic = ({ largest, largestError, steps }: SweepRow) =>
  largest !== null && largestError !== null && largest - 2 * largestError > 0 && largest * steps > transientGrowth

/** Rows of a net under a rule, in the order of the page. */
export function sweeps({ sweep }: Gathered): { readonly net: string; readonly optimizer: string; readonly rows: readonly SweepRow[] }[] {
  const groups = new Map<string, SweepRow[]>()
  for (const row of sweep) {
    const key = `${row.net}\n${row.optimizer}`
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return [...groups.values()].map((rows) => ({ net: rows[0].net, optimizer: rows[0].optimizer, rows }))
}

export interface Crossing {
  readonly seed: number
  /** Smallest learning rate at which training is chaotic; null: none that was looked at. */
  readonly from: number | null
  /** The one looked at below it; null where that was the first. */
  readonly below: SweepRow | null
  readonly at: SweepRow | null
}

/** Where the largest exponent crosses zero, for each start. */
export function crossings(rows: readonly SweepRow[]): Crossing[] {
  const seeds = [...new Set(rows.map(({ seed }) => seed))]
  return seeds.map((seed) => {
    const own = rows.filter((row) => row.seed === seed).sort((a, b) => a.learningRate - b.learningRate)
    const first = own.findIndex(isChaotic)
    return { seed, from: own[first]?.learningRate ?? null, below: own[first - 1] ?? null, at: own[first] ?? null }
  })
}

/** η × sharpness ÷ 2 of gradient descent: 1 is the edge of stability of the quadratic there. */
const edge = ({ learningRate, sharpness }: SweepRow) => (sharpness === null ? null : (learningRate * sharpness) / 2)

function chaosFinding({ net, optimizer, rows }: ReturnType<typeof sweeps>[number]): string {
  const found = crossings(rows)
  const chaotic = found.filter(({ from }) => from !== null)
  const rates = range(rows.map(({ learningRate }) => learningRate))
  const head = `${net}, ${called(optimizer)}:`
  const lost = rows.filter(({ state }) => state !== 'done')
  const diverged =
    lost.length === 0
      ? ''
      : ` ${lost.length} of ${rows.length} trainings diverged or ran away, from a learning rate of ${figure(Math.min(...lost.map(({ learningRate }) => learningRate)))} on.`
  if (chaotic.length === 0) {
    const most = Math.max(...present(rows.map(({ largest }) => largest)))
    return `${head} not chaotic at any of the learning rates ${rates}; the largest exponent is at most ${figure(most)} nats a step.${diverged}`
  }
  const below = found.flatMap((one) => (one.below === null ? [] : [one.below]))
  const stability =
    optimizer === 'gd' && present(below.map(edge)).length > 0 ? ` Just below, η × sharpness ÷ 2 is ${range(below.map(edge))}.` : ''
  const of = chaotic.length === found.length ? '' : ` (for ${chaotic.length} of ${found.length} starts)`
  return `${head} the largest exponent crosses zero between learning rates ${range(below.map(({ learningRate }) => learningRate))} and ${range(chaotic.map(({ from }) => from))}${of}; there it is ${range(chaotic.map(({ at }) => at?.largest ?? null))} ± ${range(chaotic.map(({ at }) => at?.largestError ?? null))} nats a step, and over all learning rates at most ${figure(Math.max(...present(rows.map(({ largest }) => largest))))}.${stability}${diverged}`
}

export const chaosFindings = (gathered: Gathered): string[] => sweeps(gathered).map(chaosFinding)

export function chaosVerdict(gathered: Gathered): string {
  const all = sweeps(gathered)
  const by = (when: (rows: readonly SweepRow[]) => boolean) => all.filter(({ rows }) => when(rows))
  const some = by((rows) => rows.some(isChaotic))
  const calmFirst = by((rows) => crossings(rows).every(({ below, from }) => from === null || below !== null))
  const list = some.map(({ net, optimizer }) => `${called(optimizer)} on the ${net}`).join(', ')
  const lead = `Is training chaotic? In ${some.length} of ${all.length} pairs of net and optimizer it is, at large learning rates${some.length > 0 ? ` (${list})` : ''}.`
  return `${lead} In ${calmFirst.length} of ${all.length} the smallest learning rates looked at are not: there nearby trainings come together, since weight decay leaves no direction free.`
}

function sumFinding({ net, optimizer, rows }: ReturnType<typeof sweeps>[number]): string[] {
  const chaotic = rows.filter(isChaotic)
  if (chaotic.length === 0) return []
  const share = chaotic.map(({ sumPositive, largest }) => (sumPositive === null || largest === null ? null : sumPositive / largest))
  const dimension = chaotic[0].dimension
  const middle = quantile(
    present(chaotic.map(({ sumPositive }) => sumPositive)).sort((a, b) => a - b),
    0.5
  )
  return [
    `${net}, ${called(optimizer)}: where training is chaotic, ${range(chaotic.map(({ positive }) => positive))} of ${dimension} exponents are positive; their sum, Ruelle’s upper bound of the entropy, is ${range(chaotic.map(({ sumPositive }) => sumPositive))} nats a step (median ${figure(middle)}), ${range(share)} times the largest. The sum of all is ${range(chaotic.map(({ sum }) => sum))}, the Kaplan–Yorke dimension ${range(chaotic.map(({ kaplanYorke }) => kaplanYorke))}.`
  ]
}

export function sumFindings(gathered: Gathered): string[] {
  const momentum = gathered.sweep.filter(({ optimizer, sum }) => optimizer === 'momentum' && sum !== null)
  const apart = present(
    momentum.map(({ sum, dimension }) => (sum === null || dimension === null ? null : Math.abs(sum - (dimension / 2) * Math.log(0.9))))
  )
  const identity =
    apart.length === 0
      ? []
      : [
          `Momentum shrinks volume by μ^P whatever the landscape: over ${apart.length} trainings the sum of all exponents departs from P ln 0.9 by at most ${figure(Math.max(...apart))}.`
        ]
  return [...sweeps(gathered).flatMap(sumFinding), ...identity]
}

/** From so much on a boundary is not a curve: a straight one is measured as 1.00 ± 0.02. */
export const fractalFrom = 1.05
export const isFractal = ({ dimension, error }: BasinRow) => dimension !== null && error !== null && dimension - 2 * error > fractalFrom

const boundary = (row: BasinRow) =>
  row.dimension === null
    ? 'there is no boundary'
    : `the boundary has box-counting dimension ${figure(row.dimension)} ± ${figure(row.error)}${isFractal(row) ? '' : ', that of a curve within what is measured'}`

export const basinFindings = ({ basins }: Gathered): string[] =>
  basins.map((row) => {
    const lost = [row.notYet ? `${row.notYet} are under way` : '', row.diverged ? `${row.diverged} diverge` : ''].filter(Boolean)
    return `${row.of}, ${row.optimizer}: of ${row.pixels} starts ${row.arrived ?? 0} arrive at ${row.centres ?? 0} critical points${lost.length > 0 ? `, ${lost.join(', ')}` : ''}; ${boundary(row)}.`
  })

export function basinVerdict({ basins }: Gathered): string {
  const say = (rule: BasinRow['rule']) => {
    const rows = basins.filter((row) => row.rule === rule)
    const fractal = rows.filter(isFractal)
    const how =
      fractal.length === rows.length ? 'count as fractal' : fractal.length === 0 ? 'do not' : `do for ${fractal.length} of ${rows.length}`
    return `${how} (${rows.map((row) => `${row.optimizer} ${figure(row.dimension)} ± ${figure(row.error)}`).join(', ')})`
  }
  return `Are basins of attraction fractal? At scales of 1 to 16 pixels Newton’s ${say('newton')}; saddle-free Newton’s ${say('saddle-free')}; damped so that its steps stay bounded, they ${say('damped')}; those of gradient descent with small steps ${say('first order')}.`
}

export function controlFindings({ known, sweep, basins }: Gathered): string[] {
  const failed = [...known, ...sweep, ...basins].filter(({ failedChecks }) => failedChecks !== '')
  const kinds = [...new Set(failed.flatMap(({ failedChecks }) => failedChecks.split(' ')))]
  return [
    ...known.map(
      ({ map, steps, largest, error, expected, sum, expectedSum }) =>
        `The ${map}, which is an optimizer on a cubic, must have the exponent ${figureOnPage(expected, 4)}: it has ${figureOnPage(largest, 5)} ± ${figure(error)} after ${steps} steps, and the sum ${figureOnPage(sum, 6)} for ${figureOnPage(expectedSum, 6)}.`
    ),
    failed.length === 0
      ? 'All checks of all analyses hold.'
      : `${failed.length} of ${known.length + sweep.length + basins.length} analyses have a check that does not hold (${kinds.join(', ')}): they are named in the tables.`
  ]
}
