// The columns of the table of results: last, best and chosen step of each figure, with training, validation and test told apart.
import type { RunSummary } from '../../../shared/run/summary'
import type { ResultColumn, ValueKind } from './results'
import type { FigureColumn } from './use-figures'
import { figureTitle } from './use-view'

/** Figures the table always has where a run has them. */
const standard = ['lossPerSample', 'valLoss', 'valAccuracy', 'testLoss', 'testAccuracy']

export function tableMetrics(chosen: readonly string[], available: readonly string[]): string[] {
  const first = available.includes('lossPerSample') ? standard : ['loss', ...standard.slice(1)]
  return [...new Set([...first, ...chosen])].filter((name) => available.includes(name) && !fromSummary.has(name))
}
/** Of these the list of runs knows more: whether they are exact, and of which step. */
const fromSummary = new Set(['lambdaMin', 'lambdaMax', 'index'])

function kindOf(metric: string): ValueKind {
  const base = metric.split('.')[0]
  if (/accuracy$/i.test(base) || base === 'index') return 'fraction'
  if (/loss$/i.test(base) || base === 'lossPerSample') return 'loss'
  return /^(phases|seconds|wallSeconds)$/.test(base) ? 'duration' : 'number'
}

const number = (value: number | null | undefined) => value ?? NaN

/** With validation, what is best is said by validation: test figures are only reported. */
function betterOf(metric: string, validated: boolean): 'low' | 'high' | null {
  if (metric.startsWith('test') && validated) return null
  const kind = kindOf(metric)
  if (kind === 'loss') return 'low'
  return kind === 'fraction' && metric !== 'index' ? 'high' : null
}

export interface ResultInput {
  readonly runs: readonly RunSummary[]
  readonly metrics: readonly string[]
  readonly figures: Readonly<Record<string, FigureColumn>>
  readonly at: number | null
  /** Data and loss are the same for all: else no value is better than another. */
  readonly comparable: boolean
  /** What there is to say of a run's curvature figures. */
  readonly curvatureNote: (run: RunSummary) => string | null
}

export function resultColumns({ runs, metrics, figures, at, comparable, curvatureNote }: ResultInput): ResultColumn[] {
  const validated = 'valLoss' in figures || 'valAccuracy' in figures
  const ofSummary = (
    key: string,
    figure: string,
    kind: ValueKind,
    value: (run: RunSummary) => number | null | undefined
  ): ResultColumn => ({
    key,
    figure,
    statistic: '',
    kind,
    better: null,
    values: runs.map((run) => number(value(run)))
  })
  const measured = metrics.flatMap((metric): ResultColumn[] => {
    const found = figures[metric]
    if (!found) return []
    const kind = kindOf(metric)
    const better = comparable ? betterOf(metric, validated) : null
    const common = { figure: figureTitle(metric), kind, better }
    const extreme = kind === 'fraction' && metric !== 'index' ? 'max' : 'min'
    const last: ResultColumn = { ...common, key: `${metric} last`, statistic: 'last', values: found.last, steps: found.lastStep }
    const best: ResultColumn = {
      ...common,
      key: `${metric} ${extreme}`,
      statistic: extreme,
      values: found[extreme],
      steps: found[`${extreme}Step`]
    }
    const chosen: ResultColumn = { ...common, key: `${metric} at`, statistic: `at step ${at}`, values: found.at }
    return [last, best, ...(at === null ? [] : [chosen])]
  })
  const notes = runs.map(curvatureNote)
  const curvature = [
    ofSummary('lambdaMin', 'λ min', 'number', (run) => run.lambdaMin),
    ofSummary('lambdaMax', 'λ max', 'number', (run) => run.lambdaMax),
    ofSummary('index', 'Index', 'fraction', (run) => run.index)
  ].map((column): ResultColumn => ({ ...column, statistic: 'last', notes }))
  const wall = ofSummary('wallSeconds', 'Wall time', 'duration', (run) => run.wallSeconds)
  return [
    ofSummary('steps', 'Steps', 'count', (run) => run.step),
    ...measured,
    ...curvature.filter((column) => Array.from(column.values).some(Number.isFinite)),
    ofSummary('seconds', 'Step time', 'duration', (run) => run.seconds),
    ...(Array.from(wall.values).some(Number.isFinite) ? [wall] : [])
  ]
}
