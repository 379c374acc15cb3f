// Whose loss an analysis looked at, for its notes.
import type { AnalysisPoint } from './interface'

/** One sentence; none for a function, which has no samples. */
export function samplesNote({ network, samples, step }: AnalysisPoint, data: 'batch' | 'all'): string[] {
  if (network === null) return []
  const which = data === 'all' ? `all ${samples} training samples` : `the ${samples} samples that step ${step + 1} trains on`
  return [`The loss is that of ${which}.`]
}
