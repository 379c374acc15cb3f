// A face-off by optimizer: the cell that stands for each, which is its best by the study's own rule.
import type { StudyDetails } from '../../../shared/api/contract'
import { optimizerNames, type StudyCell } from './shape'

export interface Racer {
  readonly place: number
  readonly name: string
  /** Null while none of its cells has a value. */
  readonly cell: StudyCell | null
  /** Cells that it was searched over. */
  readonly cells: number
}

const better = (a: StudyCell, b: StudyCell, goal: 'min' | 'max') => {
  if ((a.n === a.of) !== (b.n === b.of)) return a.n === a.of
  return goal === 'min' ? Number(a.mean) < Number(b.mean) : Number(a.mean) > Number(b.mean)
}

/** The best of these cells; one that lacks a value never beats one that lacks none, and the first of equals stays. */
export const bestOf = (cells: readonly StudyCell[], goal: 'min' | 'max'): StudyCell | null =>
  cells.reduce<StudyCell | null>(
    (best, cell) => (cell.mean === null ? best : best === null || better(cell, best, goal) ? cell : best),
    null
  )

/** In the order of the study. */
export function racersOf(study: Pick<StudyDetails, 'spec' | 'table'>): Racer[] {
  return optimizerNames(study).map((name, place) => {
    const own = study.table.filter(({ optimizer }) => optimizer === place)
    return { place, name, cell: bestOf(own, study.spec.select.goal), cells: own.length }
  })
}
