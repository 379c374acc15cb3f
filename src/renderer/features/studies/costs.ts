// What it cost to come to the target, or to the end: the same figures in the table of cells, the race and the files.
import type { Costs, StudyDetails } from '../../../shared/api/contract'
import { formatCount, formatDuration, formatNumber } from '../../app/format'

interface HasCosts {
  readonly costs: Costs | null
  readonly of: number
}

export interface CostColumn {
  readonly id: 'reached' | 'steps' | 'epochs' | 'seconds' | 'gradientEvaluations' | 'learningRateTime'
  readonly header: string
  readonly title: string
  value(row: HasCosts): number | null
  text(row: HasCosts): string
}

const plain = (value: number) => (Number.isInteger(value) ? formatCount(value) : formatNumber(value, 4))

/** Where the costs are counted to, in words. */
export function targetText({ spec }: Pick<StudyDetails, 'spec'>): string {
  const { target } = spec
  return target === null ? 'to the end of each run' : `to the first step at which ${target.metric} reaches ${formatNumber(target.value, 6)}`
}

export function costColumns(study: Pick<StudyDetails, 'spec'>): CostColumn[] {
  const to = targetText(study)
  const figure = (id: Exclude<CostColumn['id'], 'reached'>, header: string, what: string, text: (value: number) => string): CostColumn => ({
    id,
    header,
    title: `${what}, ${to}; mean over the runs that ${study.spec.target === null ? 'came to their end' : 'reached it'}`,
    value: ({ costs }) => costs?.[id] ?? null,
    text: ({ costs }) => {
      const value = costs?.[id] ?? null
      return value === null ? '–' : text(value)
    }
  })
  return [
    {
      id: 'reached',
      header: study.spec.target === null ? 'Ended' : 'Reached',
      title: study.spec.target === null ? 'Runs that came to their end, of all' : 'Runs that reached the target, of all',
      value: ({ costs }) => costs?.reached ?? null,
      text: ({ costs, of }) => (costs === null ? '–' : `${costs.reached} of ${of}`)
    },
    figure('steps', 'Steps', 'Steps', plain),
    figure('epochs', 'Epochs', 'Epochs', plain),
    figure('seconds', 'Step time', 'The steps’ own work', formatDuration),
    figure('gradientEvaluations', 'Gradients', 'Evaluations of the gradient', plain),
    figure('learningRateTime', 'η·t', 'Learning-rate time, the sum of the steps’ learning rates', plain)
  ]
}
