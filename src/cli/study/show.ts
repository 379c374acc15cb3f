// A study as people read it in a terminal: what is judged, a row a cell from the best on, the costs, and what to know of the figures.
import { duration } from '../../shared/format/durations'
import { figure } from '../../shared/format/figures'
import { ranked } from '../../shared/studies/details'
import type { Fairness, StudyDetails, StudyRow } from '../../shared/studies/answers'
import { table } from '../format'

const most = 40

const valueText = (value: unknown) =>
  value === undefined
    ? '·'
    : typeof value === 'number'
      ? String(Number(value.toPrecision(6)))
      : typeof value === 'string'
        ? value
        : JSON.stringify(value)

function meanText({ mean, std, n, of }: StudyRow): string {
  if (mean === null) return '·'
  return `${figure(mean, 5)}${std === null ? '' : ` ± ${figure(std, 2)}`}${n < of ? ` (${n} of ${of})` : ''}`
}

function stateText({ runs }: StudyRow): string {
  const counts = new Map<string, number>()
  for (const { state } of runs) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts].map(([state, count]) => (counts.size === 1 ? state : `${count} ${state}`)).join(', ')
}

/** "12 of 24 runs done, 1 failed or diverged, 2 running". */
export function progressText({ finished, failed, runs, running }: StudyDetails): string {
  return `${finished} of ${runs} runs done${failed > 0 ? `, ${failed} failed or diverged` : ''}${running > 0 ? `, ${running} running` : ''}`
}

const cellText = (details: StudyDetails, row: StudyRow) =>
  [
    ...(row.optimizer === null ? [] : [details.optimizers[row.optimizer]]),
    ...details.axes.flatMap(({ path, label }) => (path in row.values ? [`${label} ${valueText(row.values[path])}`] : []))
  ].join(', ')

export function studyText(details: StudyDetails): string {
  const rows = ranked(details.table, details.spec.select.goal)
  const faceOff = details.spec.optimizers !== null
  const target = details.spec.target
  const header = [
    'cell',
    ...(faceOff ? ['optimizer'] : []),
    ...details.axes.map(({ label }) => label),
    details.spec.select.metric,
    ...(target === null ? [] : ['reached']),
    'steps',
    'epochs',
    'step s',
    'gradients',
    'Σ η',
    'state'
  ]
  const cells = rows
    .slice(0, most)
    .map((row) => [
      String(row.index),
      ...(faceOff ? [details.optimizers[row.optimizer ?? 0]] : []),
      ...details.axes.map(({ path }) => valueText(row.values[path])),
      meanText(row),
      ...(target === null ? [] : [`${row.costs?.reached ?? 0} of ${row.of}`]),
      figure(row.costs?.steps),
      figure(row.costs?.epochs),
      figure(row.costs?.seconds),
      figure(row.costs?.gradientEvaluations),
      figure(row.costs?.learningRateTime),
      stateText(row)
    ])
  const best = details.best === null ? null : (details.table[details.best.cell] ?? null)
  const lines = [
    `${details.name} (${details.id}): ${details.state}, ${progressText(details)}`,
    `judged by ${details.selection}`,
    ...(best === null
      ? []
      : [
          `best: cell ${best.index} (${cellText(details, best)}): ${details.spec.select.metric} ${meanText(best)}${details.on === 'test' ? ', a test figure that the choice was made by' : ''}`
        ]),
    '',
    table(
      header,
      cells,
      header.filter((name) => !['optimizer', 'state'].includes(name))
    )
  ]
  if (rows.length > most) lines.push(`and ${rows.length - most} cells more: summary.csv has all`)
  if (details.etaSeconds !== null) lines.push(`about ${duration(details.etaSeconds)} left`)
  if (details.notes.length > 0) lines.push('', ...details.notes.map((note) => `note: ${note}`))
  return lines.join('\n')
}

/** What was compared, and everything that is not as it should be. */
export function fairnessText({ groups, findings, verified }: Fairness): string {
  const short = ({ hash, same }: { hash: string | null; same: boolean }) =>
    `${hash === null ? '·' : hash.slice(0, 12)}${same ? '' : ' differs'}`
  const shown = groups.filter(({ of }) => of > 1 || verified).slice(0, most)
  const rows = shown.map((group) => [
    String(group.seed),
    `${group.recorded} of ${group.of}`,
    short(group.weights),
    short(group.projection),
    short(group.batches),
    short(group.dataset)
  ])
  const how = verified ? 'computed anew and compared' : 'as recorded; --verify computes them anew'
  const head = `runs that ought to start alike (${how}):`
  const body =
    rows.length === 0 ? 'none share a start' : table(['seed', 'runs', 'weights', 'projection', 'batches', 'dataset'], rows, ['seed'])
  const end = findings.length === 0 ? 'nothing differs' : findings.map(({ sentence }) => sentence).join('\n')
  return `${head}\n${body}\n${end}`
}
