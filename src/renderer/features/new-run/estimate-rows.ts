// The estimate in words: what is measured, what is estimated, and from what.
import { measured, type ProbeResult } from '../../../shared/run/calibration'
import type { SpecEstimate } from '../../../shared/run/estimate'
import { longTime } from '../../../shared/run/fit'
import type { RunSpec } from '../../../shared/spec/schema'
import { formatBytes, formatCount, formatDuration } from '../../app/format'

export interface Estimated {
  readonly spec: RunSpec
  readonly estimate: SpecEstimate
  readonly probe: ProbeResult | null
}

/** With the measurement in place of the estimate where there is one. */
export const bestOf = ({ spec, estimate, probe }: Estimated): SpecEstimate => (probe ? measured(spec, estimate, probe) : estimate)

const year = 365 * 86_400
const about = (seconds: number | null) => (seconds === null ? '–' : `about ${seconds > year ? longTime(seconds) : formatDuration(seconds)}`)
const each = (list: readonly string[]) => [...new Set(list)].join(', ')

/** Where the time of a step comes from, in a sentence. */
export function sourceOf({ estimate: { basis }, probe }: Estimated): string {
  if (probe) {
    const { kind, threads } = probe.backend
    return `measured here: ${probe.steps} step${probe.steps === 1 ? '' : 's'} on ${kind}, ${threads} thread${threads === 1 ? '' : 's'}`
  }
  if (basis.kind === 'run') return `from the run “${basis.name}”, which made ${formatCount(basis.steps)} such steps here`
  if (basis.kind === 'corrected')
    return `estimated, corrected by a measurement of this optimizer here (P = ${formatCount(basis.parameters)})`
  return 'estimated from the measured speed of matrix products; may be wrong by a factor of two or more'
}

interface Row {
  readonly name: string
  readonly value: string
}

export function estimateRows(all: readonly Estimated[]): Row[] {
  const best = all.map(bestOf)
  const total = best.reduce<number | null>((sum, one) => (sum === null || one.totalSeconds === null ? null : sum + one.totalSeconds), 0)
  const snapshots = best.reduce((sum, one) => sum + one.snapshots, 0)
  const evaluations = best.reduce((sum, one) => sum + one.evaluations, 0)
  const probes = all.map(({ probe }) => probe)
  const peaks = probes.flatMap((probe) => (probe?.peakBytes ? [probe.peakBytes] : []))
  const first = probes.flatMap((probe) => (probe?.firstStepSeconds ? [formatDuration(probe.firstStepSeconds)] : []))
  const rows: (Row | null)[] = [
    { name: 'Parameters P', value: each(best.map((one) => formatCount(one.parameters))) },
    { name: 'Peak memory', value: `about ${formatBytes(Math.max(...best.map((one) => one.peakBytes)))}` },
    peaks.length === 0 ? null : { name: 'Memory measured', value: formatBytes(Math.max(...peaks)) },
    { name: 'Disk', value: `up to ${formatBytes(best.reduce((sum, one) => sum + one.diskBytes, 0))}` },
    { name: 'A step', value: each(best.map((one) => formatDuration(one.secondsPerStep))) },
    first.length === 0 ? null : { name: 'The first step', value: each(first) },
    { name: 'Steps', value: each(best.map((one) => formatCount(one.steps))) },
    snapshots === 0
      ? null
      : {
          name: 'A snapshot',
          value: `${each(best.filter((one) => one.snapshots > 0).map((one) => formatDuration(one.secondsPerSnapshot)))}, ${formatCount(snapshots)} times`
        },
    evaluations === 0
      ? null
      : {
          name: 'An evaluation',
          value: `${each(best.filter((one) => one.evaluations > 0).map((one) => formatDuration(one.secondsPerEvaluation)))}, ${formatCount(evaluations)} times`
        },
    { name: 'All together', value: about(total) }
  ]
  return rows.filter((row) => row !== null)
}
