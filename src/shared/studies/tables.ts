// results.csv and summary.csv of a study.
import { csvLine } from '../csv'
import type { Costs, StudyDetails } from './answers'
import { analysisMetrics } from './analyses'
import { deviationOf, type KnownRun } from './details'
import type { Json, SelectPlace } from './spec'

const costNames = ['steps', 'epochs', 'seconds', 'gradientEvaluations', 'learningRateTime'] as const

const cell = (value: Json | undefined) =>
  value === undefined || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : JSON.stringify(value)

/** "last", "best", "step 100". */
const placeText = (at: SelectPlace) => (typeof at === 'string' ? at : `${Object.keys(at)[0]} ${Object.values(at)[0]}`)

const kindOf = ({ optimizers }: StudyDetails, optimizer: number | null) => optimizers[optimizer ?? 0]

function common(details: StudyDetails) {
  const { select } = details.spec
  return { paths: details.axes.map(({ path }) => path), judged: [select.metric, placeText(select.at), details.on] }
}

const costCells = (costs: Omit<Costs, 'reached'> | null | undefined) => costNames.map((name) => costs?.[name] ?? null)

/** A row a run, planned ones included. */
export function resultsCsv(details: StudyDetails, run: (id: string) => KnownRun | null): string {
  const { paths, judged } = common(details)
  const figures = analysisMetrics(details.spec.analyse)
  const header = [
    'run',
    'cell',
    'seed',
    'state',
    'optimizer',
    ...paths,
    'metric',
    'at',
    'on',
    'value',
    'step',
    'reached',
    ...costNames,
    ...figures
  ]
  const rows = details.table.flatMap((row) =>
    row.runs.map((one) => {
      const costs = one.state === 'done' ? run(one.run)?.outcome.costs : null
      const kind = kindOf(details, row.optimizer)
      const values = paths.map((path) => cell(row.values[path]))
      const found = figures.map((name) => one.analyses?.figures[name] ?? null)
      const outcome = [...judged, one.value, one.step, costs ? 1 : 0, ...costCells(costs)]
      return [one.run, row.index, one.seed, one.state, kind, ...values, ...outcome, ...found]
    })
  )
  return [header, ...rows].map(csvLine).join('')
}

/** A row a cell. */
export function summaryCsv(details: StudyDetails): string {
  const { paths, judged } = common(details)
  const figures = analysisMetrics(details.spec.analyse)
  const names = figures.flatMap((name) => [name, `${name}.std`])
  const header = ['cell', 'optimizer', ...paths, 'metric', 'at', 'on', 'mean', 'std', 'n', 'of', 'reached', ...costNames, ...names]
  const rows = details.table.map(({ index, optimizer, values, mean, std, n, of, costs, runs }) => [
    index,
    kindOf(details, optimizer),
    ...paths.map((path) => cell(values[path])),
    ...judged,
    mean,
    std,
    n,
    of,
    costs?.reached ?? 0,
    ...costCells(costs),
    ...figures.flatMap((name) => {
      const found = runs.flatMap(({ analyses }) => analyses?.figures[name] ?? [])
      return [found.length === 0 ? null : found.reduce((sum, value) => sum + value, 0) / found.length, deviationOf(found)]
    })
  ])
  return [header, ...rows].map(csvLine).join('')
}
