// A study as it stands: a row a cell, the best of them, and what a reader must know of the figures.
import type { RunState } from '../run/schema'
import { isFunctionSpec } from '../spec/schema'
import type { Costs, StudyAxis, StudyDetails, StudyRow, StudyRunRow, StudyState, StudySummary } from './answers'
import { groupsOf } from './cells'
import { analysisFigure, figuresOfRun, type FoundAnalysis } from './analyses'
import { judgedOn, selectionText } from './metrics'
import { noOutcome, type Outcome, type RunCosts } from './outcome'
import type { Cell, Json, StudySpec } from './spec'
import { isRange, isSample } from './values'

/** What is known of one of its runs; a run that is not there yet is not known. */
export interface KnownRun {
  readonly state: RunState
  /** Of one that came to its end. */
  readonly outcome: Outcome
  /** Of one that came to its end: the study's analyses in their order, null for one that is still to be made. */
  readonly analyses: readonly (FoundAnalysis | null)[]
}

export interface StudyAt {
  readonly id: string
  readonly createdAt: string
  readonly spec: StudySpec
  readonly cells: readonly Cell[]
  readonly run: (id: string) => KnownRun | null
  /** Somebody works on it. */
  readonly working: boolean
  readonly etaSeconds: number | null
}

const ended: ReadonlySet<string> = new Set<RunState>(['done', 'failed', 'diverged'])
export const hasEnded = (state: RunState | 'planned') => ended.has(state)
/** It has ended, and no analysis of it is due. */
export const isOver = ({ state, analyses }: Pick<StudyRunRow, 'state' | 'analyses'>) => hasEnded(state) && (analyses?.due ?? 0) === 0

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const meanOf = (values: readonly number[]) => (values.length === 0 ? null : sum(values) / values.length)

/** With n − 1; null for fewer than two. */
export function deviationOf(values: readonly number[]): number | null {
  const mean = meanOf(values)
  if (mean === null || values.length < 2) return null
  return Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1))
}

function meanCosts(costs: readonly RunCosts[]): Costs {
  const mean = (of: (one: RunCosts) => number | null) => {
    const values = costs.map(of)
    // Of all that reached it or of none: a mean over some of them would be of other runs than its neighbours.
    return values.every((value) => value !== null) ? meanOf(values) : null
  }
  return {
    reached: costs.length,
    steps: mean(({ steps }) => steps),
    epochs: mean(({ epochs }) => epochs),
    seconds: mean(({ seconds }) => seconds),
    gradientEvaluations: mean(({ gradientEvaluations }) => gradientEvaluations),
    learningRateTime: mean(({ learningRateTime }) => learningRateTime)
  }
}

/** With the value of the analysis that the study is judged by, where it is. */
export function outcomeIn({ select, analyse }: StudySpec, found: KnownRun | null): Outcome {
  if (found?.state !== 'done') return noOutcome
  const figure = analysisFigure(select.metric)
  if (figure === null) return found.outcome
  const one = found.analyses[analyse.findIndex(({ kind }) => kind === figure.kind)] ?? null
  const made = one !== null && 'figures' in one ? one : null
  const value = made?.figures[figure.figure] ?? null
  return { ...found.outcome, value, step: value === null ? null : (made?.step ?? null) }
}

function analysesOf(spec: StudySpec, found: KnownRun | null): Pick<StudyRunRow, 'analyses'> {
  if (spec.analyse.length === 0) return {}
  const done = found?.state === 'done' ? found.analyses : []
  return {
    analyses: {
      figures: figuresOfRun(spec.analyse, done),
      due: done.filter((one) => one === null).length,
      faults: done.flatMap((one) => (one !== null && 'fault' in one ? [one.fault] : []))
    }
  }
}

function rowOf(spec: StudySpec, { index, values, optimizer, runs }: Cell, run: StudyAt['run']): StudyRow {
  const known = runs.map(({ run: id, seed }) => ({ id, seed, found: run(id) }))
  const outcomes = known.map(({ found }) => outcomeIn(spec, found))
  const numbers = outcomes.flatMap(({ value }) => value ?? [])
  const costs = outcomes.flatMap((outcome) => outcome.costs ?? [])
  return {
    index,
    values,
    optimizer,
    n: numbers.length,
    of: runs.length,
    mean: meanOf(numbers),
    std: deviationOf(numbers),
    costs: known.some(({ found }) => found && hasEnded(found.state)) ? meanCosts(costs) : null,
    runs: known.map(({ id, seed, found }, k) => ({
      run: id,
      seed,
      state: found?.state ?? 'planned',
      value: outcomes[k].value,
      step: outcomes[k].step,
      ...analysesOf(spec, found)
    }))
  }
}

/** Whether `a` beats `b`: complete cells go before those that lack a value. */
function beats(a: StudyRow, b: StudyRow, goal: 'min' | 'max'): boolean {
  const [whole, other] = [a.n === a.of, b.n === b.of]
  if (whole !== other) return whole
  if (a.mean === null || b.mean === null) return a.mean !== null
  return goal === 'min' ? a.mean < b.mean : a.mean > b.mean
}

/** The row that wins; null while none has a value. */
export function bestRow(rows: readonly StudyRow[], goal: 'min' | 'max'): StudyRow | null {
  return rows.reduce<StudyRow | null>((best, row) => (row.mean !== null && (best === null || beats(row, best, goal)) ? row : best), null)
}

/** The rows from the best to the worst; those without a value last, in their order. */
export const ranked = (rows: readonly StudyRow[], goal: 'min' | 'max'): StudyRow[] =>
  [...rows].sort((a, b) => Number(beats(b, a, goal)) - Number(beats(a, b, goal)))

/** The end of a path that says what it is: `learningRate`, `damping.value`, `layers.1`. */
function labelOf(path: string, all: readonly string[]): string {
  const keys = path.split('.')
  const short = keys.slice(/^(value|kind|\d+)$/.test(keys[keys.length - 1]) ? -2 : -1).join('.')
  return all.some((other) => other !== path && other.endsWith(`.${short}`)) ? path : short
}

const byNumber = (a: Json, b: Json) => (typeof a === 'number' && typeof b === 'number' ? a - b : 0)

/** Every path that varies, with the values that cells have of it. */
export function axesOf(study: StudySpec, cells: readonly Pick<Cell, 'values'>[]): StudyAxis[] {
  const axes = groupsOf(study).flatMap((group) => group.axes)
  const paths = [...new Set(axes.map(({ path }) => path))]
  return paths.map((path) => {
    const own = axes.filter((axis) => axis.path === path)
    const values = [
      ...new Map(cells.flatMap((cell) => (path in cell.values ? [[JSON.stringify(cell.values[path]), cell.values[path]]] : []))).values()
    ]
    const numeric = values.every((value) => typeof value === 'number')
    const [range] = own.filter((axis) => isRange(axis) || isSample(axis))
    return {
      path,
      label: labelOf(path, paths),
      numeric,
      scale: range && 'scale' in range ? range.scale : null,
      values: own.some(isSample) || own.length > 1 ? values.sort(byNumber) : values
    }
  })
}

const optimizersOf = ({ base, optimizers }: StudySpec) => optimizers?.map(({ optimizer }) => optimizer.kind) ?? [base.optimizer.kind]

function notesOf(spec: StudySpec, rows: readonly StudyRow[], axes: readonly StudyAxis[]): string[] {
  const { base, select, target } = spec
  const notes: string[] = []
  const on = judgedOn(select.metric)
  if (on === 'test')
    notes.push(
      `cells are chosen by figures of the test set, as the study asks: the winner’s ${select.metric} is too good by that choice; for an honest figure select by validation`
    )
  if (on === 'training' && /^loss$/.test(select.metric)) {
    const batches = !isFunctionSpec(base) && base.batch.size !== null
    if (batches) notes.push('loss is that of one minibatch, before the update of its step')
    if (!isFunctionSpec(base) && base.loss === 'half-sse' && axes.some(({ path }) => /^(batch(\.size)?|data\.trainLimit|loss)$/.test(path)))
      notes.push('loss is a sum over the batch here and the cells have batches of different sizes: select lossPerSample to compare them')
  }
  if (/^loss(PerSample)?$/.test(select.metric) && axes.some(({ path }) => /^regularization(\.l2)?$/.test(path)))
    notes.push(
      `${select.metric} holds the weight decay ½·l2·‖w‖², of which the cells have different amounts: select a validation figure to compare them`
    )
  const runs = rows.flatMap((row) => row.runs)
  const bad = runs.filter(({ state }) => state === 'failed' || state === 'diverged').length
  if (bad > 0) notes.push(`${bad} of ${runs.length} runs failed or diverged: they have no value, and their cells do not beat complete ones`)
  const due = runs.reduce((sum, { analyses }) => sum + (analyses?.due ?? 0), 0)
  if (due > 0)
    notes.push(`${due} ${due === 1 ? 'analysis' : 'analyses'} of runs that came to their end ${due === 1 ? 'is' : 'are'} still to be made`)
  const faults = runs.flatMap(({ run, analyses }) => (analyses?.faults ?? []).map((fault) => `${run}: ${fault}`))
  if (faults.length > 0) notes.push(`${faults.length} ${faults.length === 1 ? 'analysis' : 'analyses'} could not be made; ${faults[0]}`)
  const waiting = analysisFigure(select.metric) === null ? 0 : runs.filter(({ analyses }) => (analyses?.due ?? 0) > 0).length
  const without = runs.filter(({ state, value }) => state === 'done' && value === null).length - waiting
  if (without > 0)
    notes.push(`${without} of the runs that came to their end ${without === 1 ? 'has' : 'have'} no ${select.metric} at the selected point`)
  if (target !== null) notes.push(`costs are counted to the first step whose ${target.metric} reaches ${target.value}`)
  return notes
}

function stateOf(runs: readonly StudyRunRow[], working: boolean): StudyState {
  if (runs.every(isOver)) return 'done'
  return working || runs.some(({ state }) => state === 'running') ? 'running' : 'stopped'
}

export function detailsOf({ id, createdAt, spec, cells, run, working, etaSeconds }: StudyAt): StudyDetails {
  const table = cells.map((cell) => rowOf(spec, cell, run))
  const runs = table.flatMap((row) => row.runs)
  const best = bestRow(table, spec.select.goal)
  const axes = axesOf(spec, cells)
  const state = stateOf(runs, working)
  return {
    id,
    name: spec.name,
    createdAt,
    state,
    cells: cells.length,
    runs: runs.length,
    finished: runs.filter(({ state: one }) => one === 'done').length,
    failed: runs.filter(({ state: one }) => one === 'failed' || one === 'diverged').length,
    running: runs.filter(({ state: one }) => one === 'running').length,
    selection: selectionText(spec.select, spec.seeds),
    best: best && best.mean !== null ? { cell: best.index, mean: best.mean, std: best.std } : null,
    optimizers: optimizersOf(spec),
    damage: null,
    spec,
    axes,
    on: judgedOn(spec.select.metric),
    table,
    etaSeconds: state === 'running' ? etaSeconds : null,
    notes: notesOf(spec, table, axes)
  }
}

/** What the list shows. */
export function summaryOf(details: StudyDetails): StudySummary {
  const { id, name, createdAt, state, cells, runs, finished, failed, running, selection, best, optimizers, damage } = details
  return { id, name, createdAt, state, cells, runs, finished, failed, running, selection, best, optimizers, damage }
}
