// A study's figures in words, the same on every screen.
import type { StudyDetails, StudySummary } from '../../../shared/api/contract'
import { formatCount, formatDuration, formatNumber } from '../../app/format'
import { axisLabel } from './axis-names'
import { optimizerName, statesText, valueText, type StudyCell } from './shape'

/** "0.123 ± 0.004"; a dash where there is none. */
export const meanText = (mean: number | null, std: number | null) =>
  mean === null ? '–' : std === null ? formatNumber(mean, 4) : `${formatNumber(mean, 4)} ± ${formatNumber(std, 2)}`

/** "12 of 60 runs ended". */
export const endedText = ({ finished, failed, runs }: StudySummary) =>
  `${formatCount(finished + failed)} of ${formatCount(runs)} ${runs === 1 ? 'run' : 'runs'} ended`

/** "2 failed or diverged, 1 running"; empty where there is nothing to add. */
export function asideText({ failed, running }: StudySummary): string {
  const words = [
    ...(failed > 0 ? [`${formatCount(failed)} failed or diverged`] : []),
    ...(running > 0 ? [`${formatCount(running)} running`] : [])
  ]
  return words.join(', ')
}

export const progressText = (study: StudySummary) => [endedText(study), asideText(study)].filter(Boolean).join(', ')

/** Runs that ended, also badly, of all. */
export const fractionOf = ({ finished, failed, runs }: Pick<StudySummary, 'finished' | 'failed' | 'runs'>) =>
  runs === 0 ? 0 : Math.min(1, (finished + failed) / runs)

export const etaText = ({ state, etaSeconds }: Pick<StudyDetails, 'state' | 'etaSeconds'>) =>
  state !== 'running' || etaSeconds === null ? '' : `about ${formatDuration(etaSeconds)} left`

/** What a cell is: its values on the axes, its optimizer in front. */
export function cellName(study: Pick<StudyDetails, 'axes' | 'spec'>, cell: StudyCell): string {
  const values = study.axes
    .filter(({ path }) => Object.hasOwn(cell.values, path))
    .map((axis) => `${axisLabel(axis)} = ${valueText(cell.values[axis.path])}`)
  const words = [optimizerName(study, cell), ...values].filter((word) => word !== null)
  return words.length === 0 ? 'as in the base' : words.join(', ')
}

/** A cell in a sentence: where it lies, its mean and deviation, of how many of its runs. */
export function cellSentence(study: Pick<StudyDetails, 'axes' | 'spec'>, cell: StudyCell): string {
  const figures =
    cell.mean === null
      ? `no value (${statesText(cell)})`
      : `${meanText(cell.mean, cell.std)}, ${cell.n} of ${cell.of} ${cell.of === 1 ? 'run' : 'runs'}`
  return `${cellName(study, cell)}: ${figures}`
}

/** What the figures of the cells are called: the metric, and the samples it was measured on. */
export function metricName({ spec, on }: Pick<StudyDetails, 'spec' | 'on'>): string {
  return `${spec.select.metric} (${on})`
}
