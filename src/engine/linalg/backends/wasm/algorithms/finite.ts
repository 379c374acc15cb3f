// The search for NaN and infinity in the input of a decomposition or solve.
import { notFinite } from '../../../refusals'
import { task, type Team } from '../team'
import { at, type Block } from './block'

const tileRows = 64

/** Columns of row i that are looked at: all, or up to the diagonal. */
const lengthOf = (columns: number, lower: number, i: number) => (lower ? Math.min(i + 1, columns) : columns)

/** Sets the number at `found` when any row holds NaN or infinity. */
export const searchNonFinite = task(['a', 'stride', 'rows', 'columns', 'lower', 'found'], (on, p) => {
  const tiles = Math.ceil(p.rows / tileRows)
  for (let tile = on.nextTile(); tile < tiles && !on.cancelled(); tile = on.nextTile())
    for (let i = tile * tileRows; i < Math.min(p.rows, (tile + 1) * tileRows); i++)
      if (on.kernels.findNonFinite(lengthOf(p.columns, p.lower, i), p.a + 8 * i * p.stride) >= 0)
        new Float64Array(on.memory.buffer, p.found, 1)[0] = 1
})

/** Throws `not-finite` naming the first entry (row by row) that is NaN or infinite. `triangle` 'lower' looks at the lower triangle only. */
export function checkFinite(team: Team, routine: string, name: string, a: Block, triangle: 'all' | 'lower' = 'all'): void {
  const lower = triangle === 'lower' ? 1 : 0
  const found = new Float64Array(team.memory.buffer, team.spill, 1)
  found[0] = 0
  const input = { a: a.address, stride: a.stride, rows: a.rows, columns: a.columns, lower, found: team.spill }
  team.run(searchNonFinite, input, a.rows * a.columns >= 200_000)
  for (let i = 0; found[0] !== 0 && i < a.rows; i++) {
    const j = team.kernels.findNonFinite(lengthOf(a.columns, lower, i), at(a, i, 0))
    if (j >= 0) throw notFinite(routine, name, i, j, new Float64Array(team.memory.buffer, at(a, i, j), 1)[0])
  }
}
