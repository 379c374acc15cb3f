// What does not fit into memory, onto the disk or into a year: one rule for the page, the workbench and the command line.
import { bytes } from '../format/bytes'
import { duration } from '../format/durations'
import type { SpecEstimate } from './estimate'

export interface Available {
  readonly memoryBytes: number
  /** null where the system does not say. */
  readonly diskBytes: number | null
}

export interface FitWarning {
  readonly kind: 'memory' | 'disk' | 'time'
  /** Bytes, or seconds for `time`. */
  readonly needed: number
  readonly available: number
  /** One sentence with both figures. */
  readonly message: string
}

const yearSeconds = 365 * 86_400

type Needs = Pick<SpecEstimate, 'peakBytes' | 'diskBytes' | 'totalSeconds'>

/** Runs wait for each other's memory and one after the other takes its time, but their files add up. Empty when everything fits. */
export function fitWarnings(needs: readonly Needs[], available: Available): FitWarning[] {
  const warnings: FitWarning[] = []
  const runs = needs.length === 1 ? 'the run needs' : 'the runs need'
  const memory = Math.max(0, ...needs.map(({ peakBytes }) => peakBytes))
  if (memory > available.memoryBytes)
    warnings.push({
      kind: 'memory',
      needed: memory,
      available: available.memoryBytes,
      message: `${needs.length === 1 ? 'the run needs' : 'the largest of the runs needs'} about ${bytes(memory)} of memory, this machine has ${bytes(available.memoryBytes)}`
    })
  const disk = needs.reduce((sum, { diskBytes }) => sum + diskBytes, 0)
  if (available.diskBytes !== null && disk > available.diskBytes)
    warnings.push({
      kind: 'disk',
      needed: disk,
      available: available.diskBytes,
      message: `${runs} up to ${bytes(disk)} of disk, the workspace's drive has ${bytes(available.diskBytes)} free`
    })
  const seconds = needs.reduce((sum, { totalSeconds }) => sum + (totalSeconds ?? 0), 0)
  if (seconds > yearSeconds)
    warnings.push({
      kind: 'time',
      needed: seconds,
      available: yearSeconds,
      message: `${runs} about ${longTime(seconds)}, more than a year`
    })
  return warnings
}

/** Years where hours say nothing. */
export function longTime(seconds: number): string {
  const years = seconds / yearSeconds
  if (years < 1) return duration(seconds)
  const rounded = Number(years.toPrecision(2))
  return `${years < 100 ? years.toFixed(1) : years < 1e5 ? rounded : rounded.toExponential().replace('e+', 'e')} years`
}
