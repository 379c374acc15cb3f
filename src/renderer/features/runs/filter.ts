// The filter box: the run list's filter language, and what is wrong with a filter while it is being typed.
import { compileFilter, FilterError } from '../../../shared/filter'
import type { RunSummary } from '../../../shared/run/summary'

export interface RunFilter {
  readonly test: (run: RunSummary) => boolean
  /** One sentence; every run passes meanwhile. */
  readonly fault: string | null
}

export function runFilter(text: string): RunFilter {
  try {
    return { test: compileFilter(text), fault: null }
  } catch (error) {
    if (error instanceof FilterError) return { test: () => true, fault: error.message }
    throw error
  }
}
