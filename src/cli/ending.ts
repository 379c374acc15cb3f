// How a command ends: exit status 0 done, 1 the work failed, 2 bad usage or bad spec, 130 interrupted; one sentence on stderr, a stack trace only with --debug.

import { harmless } from './format'

/** Bad usage or a bad spec: exit status 2. */
export class UsageError extends Error {
  constructor(
    message: string,
    /** Further sentences, one a line. */
    readonly more: readonly string[] = []
  ) {
    super(message)
    this.name = 'UsageError'
  }
}

/** A number that an option gives, an integer from 1 (to `most`). */
export function countOf(option: string, value: number, most = Infinity): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw new UsageError(`--${option}: must be an integer from 1${most === Infinity ? '' : ` to ${most}`}, got ${value}`)
}

/** Runs, or cells, at once. */
export const jobsAtOnce = (jobs: number): number => countOf('jobs', jobs, 256)

/** Errors of lower floors, by their codes, that mean the call was wrong rather than that the work failed. */
const usageCodes = new Set(['bad-input', 'not-found', 'conflict'])
const usageNames = new Set(['UsageError', 'SpecFault', 'ExpressionError', 'FilterError'])

export function exitStatusOf(error: unknown): number {
  if (!(error instanceof Error)) return 1
  if (error.name === 'AbortError') return 130
  if (usageNames.has(error.name)) return 2
  return 'code' in error && typeof error.code === 'string' && usageCodes.has(error.code) ? 2 : 1
}

export interface CommonOptions {
  readonly debug?: boolean
  readonly json?: boolean
}

/** Runs a command; what it returns is the exit status (0 when it returns nothing). */
export async function endWith(options: CommonOptions, work: () => Promise<number | void>): Promise<void> {
  try {
    process.exitCode = (await work()) ?? 0
  } catch (error) {
    process.exitCode = exitStatusOf(error)
    const lines = error instanceof Error ? [error.message, ...(error instanceof UsageError ? error.more : [])] : [String(error)]
    if (process.exitCode === 130) lines[0] = 'interrupted'
    for (const line of lines) process.stderr.write(`${harmless(line)}\n`)
    if (options.debug && error instanceof Error) process.stderr.write(`${harmless(error.stack ?? '')}\n`)
  }
}
