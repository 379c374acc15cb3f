// Facts of a data set as rows for people: the same words for what is installed and for what waits to be.
import type { DatasetInspection, DatasetStatistics } from '../../../shared/datasets/inspection'
import { formatCount, formatNumber } from '../../app/format'

export interface Fact {
  readonly name: string
  readonly value: string
  readonly mono?: boolean
  readonly title?: string
}

const listed = (names: readonly string[], most = 8) =>
  names.length <= most ? names.join(', ') : `${names.slice(0, most - 1).join(', ')}, … ${names.at(-1)}`

export function shapeText(shape: readonly number[]): string {
  if (shape.length === 3) return `${shape[2]} × ${shape[1]} pixels, ${shape[0] === 1 ? 'grey' : `${shape[0]} channels`}`
  return `${shape.map(formatCount).join(' × ')} ${shape[0] === 1 ? 'feature' : 'features'}`
}

export function targetText(classes: readonly string[] | null, targets: number | null): string {
  if (targets !== null) return `${formatCount(targets)} real ${targets === 1 ? 'value' : 'values'} a sample`
  if (classes) return `${formatCount(classes.length)} ${classes.length === 1 ? 'class' : 'classes'}: ${listed(classes)}`
  return 'none: it can train with "targets": "input"'
}

/** How evenly the training samples are spread over the classes. */
export function balanceText({ fine }: Pick<DatasetStatistics, 'fine'>): string | null {
  if (!fine) return null
  const counts = [...fine.train]
  const least = Math.min(...counts)
  const most = Math.max(...counts)
  const empty = counts.filter((count) => count === 0).length
  if (least === most) return `${formatCount(most)} training samples in every class`
  return `from ${formatCount(least)} to ${formatCount(most)} training samples a class${empty > 0 ? `; ${formatCount(empty)} ${empty === 1 ? 'class has' : 'classes have'} none` : ''}`
}

export function valueText({ values }: Pick<DatasetStatistics, 'values'>, dtype: string): string {
  const { channels } = values
  const least = Math.min(...channels.map((one) => one.least))
  const greatest = Math.max(...channels.map((one) => one.greatest))
  return `${dtype === 'uint8' ? 'bytes' : 'real numbers (float64)'} from ${formatNumber(least)} to ${formatNumber(greatest)}`
}

export function inspectionFacts(found: DatasetInspection): Fact[] {
  const { statistics, counts, partial, targets, checks, dtype } = found
  const balance = balanceText(statistics)
  const classes = statistics.fine?.names ?? null
  return [
    { name: 'Taken for', value: found.reading === null ? found.title : `a table of samples, ${found.title}` },
    {
      name: 'Samples',
      value: `${formatCount(counts.train)} training, ${formatCount(counts.test)} test${partial ? ' (a part of the official set)' : ''}`
    },
    { name: 'Shape', value: shapeText(found.shape) },
    { name: 'Target', value: targetText(classes, targets) },
    ...(statistics.coarse
      ? [{ name: 'Superclasses', value: `${formatCount(statistics.coarse.names.length)}: ${listed(statistics.coarse.names, 5)}` }]
      : []),
    ...(balance === null ? [] : [{ name: 'Balance', value: balance }]),
    { name: 'Values', value: valueText(statistics, dtype) },
    ...(checks.length > 0 ? [{ name: 'Checked', value: checks.join('; ') }] : []),
    { name: 'Fingerprint', value: `${found.fingerprint.slice(0, 16)}…`, mono: true, title: found.fingerprint }
  ]
}
