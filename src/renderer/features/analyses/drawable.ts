// Which arrays of an analysis can be drawn as they are: one dimension as a curve, two as a picture. Pure.
import type { AnalysisManifest } from '../../../shared/analyses/manifest'

export interface Drawable {
  readonly name: string
  readonly as: 'curve' | 'map'
  readonly meaning: string
  readonly unit: string | null
}

/** What a curve takes, and a picture of cells. */
const mostPoints = 200_000
const mostCells = 250_000

export const countOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1)
export const shapeText = (shape: readonly number[]) => (shape.length === 0 ? '1' : shape.join(' × '))

export function drawables(arrays: AnalysisManifest['arrays']): Drawable[] {
  return Object.entries(arrays).flatMap(([name, { shape, meaning, unit }]): Drawable[] => {
    const count = countOf(shape)
    const long = shape.filter((size) => size > 1).length
    if (long === 1 && shape.length <= 2 && count <= mostPoints) return [{ name, as: 'curve', meaning, unit }]
    if (long === 2 && shape.length === 2 && count <= mostCells) return [{ name, as: 'map', meaning, unit }]
    return []
  })
}
