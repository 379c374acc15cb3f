// Groups of runs: what they may be grouped by, and what a group shows of a column: mean ± sample standard deviation, or what all have in common.
import { formatCount } from '../../app/format'
import type { RunSummary } from '../../../shared/run/summary'
import type { RunValue } from '../../../shared/run/column'
import type { GroupFigure } from '../../ui/table'
import type { NumberStyle } from './number-style'

export interface Spread {
  readonly count: number
  readonly mean: number
  /** Sample standard deviation, over n − 1; null for one value. */
  readonly deviation: number | null
}

/** Of the finite values; null when there are none. */
export function spreadOf(values: readonly (number | null)[]): Spread | null {
  const finite = values.filter((value): value is number => value !== null && Number.isFinite(value))
  const count = finite.length
  if (count === 0) return null
  const mean = finite.reduce((sum, value) => sum + value, 0) / count
  const squares = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { count, mean, deviation: count < 2 ? null : Math.sqrt(squares / (count - 1)) }
}

/** The figure of a column of numbers over a group. */
export function meanFigure(values: readonly (number | null)[], style: NumberStyle): GroupFigure | null {
  const spread = spreadOf(values)
  if (!spread) return null
  const { count, mean, deviation } = spread
  const among = count < values.length ? `${formatCount(count)} of ` : ''
  return {
    text: style.mean(mean),
    note: deviation === null ? 'one value' : `± ${style.deviation(deviation)}${among === '' ? '' : ` (${count})`}`,
    title:
      deviation === null
        ? `One value: ${mean}`
        : `Mean ${mean}, sample standard deviation ${deviation}, over ${among}${formatCount(values.length)} runs`,
    value: mean
  }
}

/** What all have in common, or how many different ones there are. */
export function commonFigure(texts: readonly (string | null)[]): GroupFigure | null {
  const different = new Set(texts)
  if (different.size !== 1) return { text: `${different.size} values`, value: null }
  const [text] = different
  return text === null ? null : { text, value: text }
}

export const groupTitle = 'In rows of groups: mean ± sample standard deviation (over n − 1) of the runs that have the figure'

/** By a field of the summary, or `spec:<path>`. */
export const summaryGroups = {
  tag: { label: 'Tag', keys: (run: RunSummary) => run.tags },
  group: { label: 'Group', keys: (run: RunSummary) => (run.group === null ? [] : [run.group]) },
  optimizer: { label: 'Optimizer', keys: (run: RunSummary) => [run.optimizer] },
  dataset: { label: 'Dataset', keys: (run: RunSummary) => [run.dataset] },
  state: { label: 'State', keys: (run: RunSummary) => [run.state] }
} as const satisfies Record<string, { label: string; keys: (run: RunSummary) => readonly string[] }>
export type SummaryGroup = keyof typeof summaryGroups

export const isSummaryGroup = (text: string): text is SummaryGroup => Object.hasOwn(summaryGroups, text)

/** The keys of a run's groups; null when there is no such grouping. `valueOf` looks a field of the spec up. */
export function groupKeys(by: string, valueOf: (path: string, id: string) => RunValue): ((run: RunSummary) => readonly string[]) | null {
  if (isSummaryGroup(by)) return summaryGroups[by].keys
  const path = /^spec:(.+)$/.exec(by)?.[1]
  if (path === undefined) return null
  return (run) => {
    const value = valueOf(path, run.id)
    return value === null ? [] : [String(value)]
  }
}

/** The name of a group, as `batch.size = 32`. */
export function groupName(by: string, key: string): string {
  const label = isSummaryGroup(by) ? summaryGroups[by].label.toLowerCase() : by.replace(/^spec:/, '')
  if (key === '') return `no ${label}`
  return isSummaryGroup(by) ? key : `${label} = ${key}`
}
