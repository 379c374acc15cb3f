// A direct sum of small matrices spread out over the rows of a large one, whose blocks become diagonal.
import { task, type Team } from '../team'

/** Addresses in bytes, everything else in elements; see `Spread` of the interface. */
export interface SpreadJob {
  readonly units: number
  readonly count: number
  readonly order: number
  readonly c: number
  readonly columns: number
  readonly stride: number
  readonly column: number
}

/** Rows cleared in large pieces: from some 100 MB on the C library's `memset`, which a kernel's fill is, writes memory without reading it first. */
export const clearShares = task(['c', 'columns', 'stride', 'rows', 'shares'], (on, p) => {
  for (let share = on.nextTile(); share < p.shares && !on.cancelled(); share = on.nextTile()) {
    const from = Math.floor((p.rows * share) / p.shares)
    const to = Math.floor((p.rows * (share + 1)) / p.shares)
    on.kernels.scaleBlock(to - from, p.columns, 0, p.c + 8 * from * p.stride, p.stride)
  }
})

/** A tile is the `count` rows of one i. */
export const spreadRows = task(['units', 'count', 'order', 'c', 'stride', 'column'], (on, p) => {
  for (let i = on.nextTile(); i < p.order && !on.cancelled(); i = on.nextTile())
    for (let j = 0; j < p.count; j++) {
      const row = p.c + 8 * (i * p.count + j) * p.stride
      on.kernels.scatterRow(p.order, p.units + 8 * (j * p.order + i) * p.order, row + 8 * (p.column + j), p.count)
    }
})

export function spread(team: Team, job: SpreadJob): void {
  const rows = job.order * job.count
  const parallel = rows * job.columns > 1e5
  team.run(clearShares, { ...job, rows, shares: parallel ? team.threads : 1 }, parallel)
  team.run(spreadRows, { ...job }, parallel)
}
