// The search for NaN and infinity in the input of a decomposition or solve.
import type { Team } from '../team'
import { at, JobError, type Block } from './block'

/** Throws `not-finite` naming the first entry (row by row) that is NaN or infinite. `triangle` 'lower' looks at the lower triangle only. */
export function checkFinite(team: Team, routine: string, name: string, a: Block, triangle: 'all' | 'lower' = 'all'): void {
  for (let i = 0; i < a.rows; i++) {
    if (i % 256 === 0) team.checkCancelled()
    const j = team.kernels.findNonFinite(triangle === 'lower' ? Math.min(i + 1, a.columns) : a.columns, at(a, i, 0))
    if (j >= 0) {
      const value = new Float64Array(team.memory.buffer, at(a, i, j), 1)[0]
      throw new JobError('not-finite', `${routine}: entry (${i}, ${j}) of ${name} is ${value}; every entry must be a finite number`)
    }
  }
}
