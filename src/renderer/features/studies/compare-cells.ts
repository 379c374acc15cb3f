// Runs of cells as Compare takes them.
import { mostRuns } from '../compare/use-view'
import type { StudyCell } from './shape'

export const mostCompared = mostRuns

/** All seeds of the cells that are there. */
export const runsToCompare = (cells: readonly StudyCell[]): string[] =>
  cells.flatMap(({ runs }) => runs.filter(({ state }) => state !== 'planned').map(({ run }) => run))
