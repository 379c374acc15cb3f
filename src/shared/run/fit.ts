// What does not fit into memory, onto the disk or into a year: one rule for the page, the workbench and the command line.
import { bytes } from '../format/bytes'
import { duration } from '../format/durations'
import type { SpecEstimate } from './estimate'

export interface Available {
  readonly memoryBytes: number
  /** null where the system does not say. */
  readonly diskBytes: number | null
  /** What the workspace is meant to stay within; null or left out: no budget is set. */
  readonly budget?: DiskBudget | null
}

export interface DiskBudget {
  readonly limit: number
  /** Bytes of the workspace now. */
  readonly used: number
}

export interface FitWarning {
  readonly kind: 'memory' | 'disk' | 'budget' | 'time'
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
  const passed = budgetWarning(disk, available.budget ?? null, needs.length === 1 ? 'the run' : 'the runs')
  if (passed) warnings.push(passed)
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

/** What of `bytes` more would pass the budget; null where it would not, or none is set. */
export function budgetWarning(needed: number, budget: DiskBudget | null, what: string): FitWarning | null {
  if (budget === null || budget.used + needed <= budget.limit) return null
  const left = Math.max(0, budget.limit - budget.used)
  return {
    kind: 'budget',
    needed,
    available: left,
    message: `with up to ${bytes(needed)} of ${what} the workspace would pass its disk budget: ${bytes(budget.used)} of ${bytes(budget.limit)} are used, ${bytes(left)} are left`
  }
}

/** Years where hours say nothing. */
export function longTime(seconds: number): string {
  const years = seconds / yearSeconds
  if (years < 1) return duration(seconds)
  const rounded = Number(years.toPrecision(2))
  return `${years < 100 ? years.toFixed(1) : years < 1e5 ? rounded : rounded.toExponential().replace('e+', 'e')} years`
}
