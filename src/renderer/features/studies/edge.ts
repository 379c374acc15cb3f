// Where a study over the learning rate crosses the edge of stability: sharpness = 2/η. Pure.
import type { StudyDetails, StudyRow } from '../../../shared/studies/answers'

const rate = 'optimizer.learningRate'

function meanOf(row: StudyRow, figure: string): number | null {
  const found = row.runs.flatMap(({ analyses }) => analyses?.figures[`lyapunov.${figure}`] ?? [])
  return found.length === 0 ? null : found.reduce((sum, value) => sum + value, 0) / found.length
}

export interface EdgePoint {
  readonly rate: number
  /** sharpness · η / 2: above 1 a step overshoots. */
  readonly ratio: number
}

/** Of the cells whose sharpness is known, ascending by rate. */
export const edgePoints = (cells: readonly StudyRow[]): EdgePoint[] =>
  cells
    .flatMap((row) => {
      const [value, sharpness, edge] = [Number(row.values[rate]), meanOf(row, 'sharpness'), meanOf(row, 'twoOverEta')]
      return sharpness === null || edge === null || !(value > 0) ? [] : [{ rate: value, ratio: sharpness / edge }]
    })
    .sort((a, b) => a.rate - b.rate)

/** The least rate where the ratio passes 1, between two cells by logarithms; null where it does not. */
export function edgeRate(points: readonly EdgePoint[]): number | null {
  const place = points.findIndex(({ ratio }, k) => k > 0 && ratio >= 1 && points[k - 1].ratio < 1)
  if (place < 0) return null
  const [a, b] = [points[place - 1], points[place]]
  if (!(a.ratio > 0)) return b.rate
  const part = Math.log(1 / a.ratio) / Math.log(b.ratio / a.ratio)
  return a.rate * (b.rate / a.rate) ** part
}

/** What is marked and said of the edge in a picture of this study over this axis; nothing in others. */
export function edgeOf(
  study: Pick<StudyDetails, 'spec'>,
  path: string,
  cells: readonly StudyRow[]
): { places: { x: number; label: string }[]; note: string | null } {
  const none = { places: [], note: null }
  if (path !== rate || !study.spec.analyse.some(({ kind }) => kind === 'lyapunov')) return none
  const points = edgePoints(cells)
  if (points.length === 0) return none
  const at = edgeRate(points)
  if (at !== null)
    return {
      places: [{ x: at, label: 'sharpness = 2/η' }],
      note: 'Marked is the edge of stability: where the sharpness of the last weights, between two cells by logarithms, comes to 2/η.'
    }
  const side = points.every(({ ratio }) => ratio < 1) ? 'below' : 'not once crossing'
  return { places: [], note: `The sharpness of the last weights stays ${side} 2/η at these rates: there is no edge of stability to mark.` }
}
