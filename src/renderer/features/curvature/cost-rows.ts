// What a snapshot on demand takes, as rows for people.
import type { SnapshotCost } from '../../../shared/api/contract'
import { parseBytes } from '../../../shared/format/bytes'
import { formatBytes, formatCount, formatDuration } from '../../app/format'

const matrixText = ({ name, size, units }: SnapshotCost['blocks'][number]) =>
  `${name}: ${units > 1 ? `${formatCount(units)} of ` : ''}${formatCount(size)} × ${formatCount(size)}`

export function costRows(cost: SnapshotCost, step: number): { name: string; value: string }[] {
  const { blocks, samples, peakBytes, freeMemory, diskBytes, freeBytes, storedBytes, maxBytes, budget, seconds } = cost
  const rows = [
    {
      name: 'Batch',
      value:
        samples === null
          ? `that of step ${formatCount(step + 1)}`
          : `${formatCount(samples)} ${samples === 1 ? 'sample' : 'samples'}, those of step ${formatCount(step + 1)}`
    },
    { name: 'Matrices', value: blocks.map(matrixText).join('; ') || '–' },
    { name: 'Memory', value: peakBytes === null ? '–' : `about ${formatBytes(peakBytes)} of ${formatBytes(freeMemory)} free` },
    {
      name: 'Disk',
      value: diskBytes === null ? '–' : `${formatBytes(diskBytes)}${freeBytes === null ? '' : ` of ${formatBytes(freeBytes)} free`}`
    },
    { name: 'Snapshots of the run', value: `${formatBytes(storedBytes)} of ${formatBytes(parseBytes(maxBytes))} (snapshots.maxBytes)` }
  ]
  if (budget) rows.push({ name: 'Disk budget', value: `${formatBytes(budget.used)} of ${formatBytes(budget.limit)} used by the workspace` })
  return seconds === null ? rows : [...rows, { name: 'Time', value: `roughly ${formatDuration(seconds)}, and reading the data` }]
}

export function existingText({ scope, eigenvectors, hessian }: NonNullable<SnapshotCost['existing']>, step: number): string {
  return `After step ${formatCount(step)} there is a snapshot already (scope ${scope}, ${formatCount(eigenvectors)} eigenvectors, ${hessian ? 'with' : 'without'} the Hessian).`
}
