// Gives the eigenvalue figures of a line to the block they are of: where a step decomposed one of several, its figures stand there without a name.
import type { MetricsLine } from '../../shared/run/schema'

const figures = ['lambdaMin', 'lambdaMax', 'index', 'flipped', 'zero', 'trace', 'effectiveRank'] as const

/** The line with such figures under their block's name; every other line as it is. */
export function withNamedBlocks(line: MetricsLine): MetricsLine {
  if (typeof line.lambdaMin !== 'number' || typeof line.path !== 'object' || line.path === null) return line
  const paths = Object.entries(line.path)
  const decomposed = paths.filter(([, path]) => path !== 'cholesky')
  if (paths.length < 2 || decomposed.length !== 1) return line
  const [[block]] = decomposed
  const named = figures.flatMap((figure) => {
    const value = line[figure]
    return typeof value === 'number' ? [[figure, { [block]: value }]] : []
  })
  return { ...line, ...Object.fromEntries(named) }
}
