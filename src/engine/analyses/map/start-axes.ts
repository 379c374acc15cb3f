// The axes of a map that move the start weights: directions and the weights that they are added to.
import type { MapTarget } from '../../../shared/analyses/map-axes'
import { rowOf } from '../../linalg'
import { norm } from '../../linalg/vectors'
import { eigenpairsAt } from '../eigenpairs'
import type { AnalysisCall, AnalysisSource } from '../interface'
import { orthonormal, randomAxes } from '../landscape/axes'

export interface StartAxes {
  /** The weights; along a coordinate its entry is 0, so that the axis' value is the coordinate itself. */
  readonly center: Float64Array
  /** Of x and of y; null for one of the spec. */
  readonly directions: readonly (Float64Array | null)[]
  /** How far axes reach that do not say: the length of the weights, or 1. */
  readonly extent: number
  readonly notes: string[]
}

export async function startAxes(
  source: AnalysisSource,
  parameters: Float64Array,
  targets: readonly (MapTarget | null)[],
  seed: number,
  call: AnalysisCall
): Promise<StartAxes> {
  const size = parameters.length
  const center = parameters.slice()
  const notes: string[] = []
  const drawn =
    targets.some((target) => target?.kind === 'random') && size > 1 ? randomAxes(size, seed) : [Float64Array.of(1), Float64Array.of(1)]
  const wanted = targets.flatMap((target) => (target?.kind === 'eigenvector' ? [numberOf(target.index, size)] : []))
  const pairs =
    wanted.length === 0
      ? null
      : await eigenpairsAt(await source.point(), { indices: [...new Set(wanted)] }, { ...call, onProgress: () => undefined })
  let randoms = 0
  const directions = targets.map((target) => {
    if (target === null || target.kind === 'spec') return null
    if (target.kind === 'random') return drawn[randoms++]
    if (target.kind === 'coordinate') {
      center[target.index] = 0
      return Float64Array.from({ length: size }, (_, i) => (i === target.index ? 1 : 0))
    }
    const index = numberOf(target.index, size)
    const row = pairs?.indices.indexOf(index) ?? -1
    if (pairs === null || row < 0) throw new Error(`eigenvector ${index} was not found`)
    notes.push(`Eigenvector ${index} has λ = ${pairs.values[row].toPrecision(4)}.`)
    return rowOf(pairs.vectors, row).slice()
  })
  const [x, y] = directions
  const free = targets.every((target) => target?.kind === 'random' || target?.kind === 'eigenvector')
  // Eigenvectors and random directions together are put at right angles; the first stays as it is.
  const right = free && x && y && size > 1 ? orthonormal([x, y]) : directions
  return { center, directions: right, extent: norm(parameters) || 1, notes }
}

const numberOf = (index: number | 'smallest' | 'largest', size: number) =>
  index === 'smallest' ? 0 : index === 'largest' ? size - 1 : index
