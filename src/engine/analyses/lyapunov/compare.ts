// An exact tangent map held against central differences of the whole step, along a few directions.
import { matrix, rowOf, type Matrix } from '../../linalg'
import { maxAbs, norm, plusScaled } from '../../linalg/vectors'
import { fillNormal, randomStream } from '../../random'
import { differenceLength } from './difference'
import type { StepPoint, TangentMap } from './tangent'

const directions = 3
/** Times the default length: where a weight sits close to a kink or a zero of Adam's second moment, shorter ones are right; where rounding rules, longer ones. */
const lengths = [100, 10, 1, 0.1, 0.01]

/** Random directions of states, each array of the optimizer's moved in proportion to its own entries. */
function randomRows(point: StepPoint, dimension: number): Matrix {
  const random = randomStream(0, 'lyapunov')
  const size = point.gradient.length
  const rows = matrix(directions, dimension, fillNormal(random, new Float64Array(directions * dimension)))
  for (const [place, [name, before]] of Object.entries(point.before.optimizer.arrays).entries()) {
    const after = point.after.optimizer.arrays[name]
    const scale = before.map((value, i) => Math.max(Math.abs(value), Math.abs(after[i])))
    const whole = maxAbs(scale) || 1
    for (let r = 0; r < directions; r++)
      for (let i = 0; i < size; i++)
        rows.data[r * dimension + (place + 1) * size + i] *= (scale[i] || whole) / (name === 'momentum' ? whole : 1)
  }
  return rows
}

/** The worst ‖Jv − difference‖/‖Jv‖ over a few directions, each at the best of several lengths, or at the one length given. */
export async function compareTangents(
  point: StepPoint,
  exact: TangentMap,
  byDifferences: (r: number) => TangentMap,
  r: number | null,
  dimension: number
): Promise<number> {
  const rows = randomRows(point, dimension)
  const images = matrix(rows.rows, dimension, rows.data.slice())
  await exact.apply(point, images)
  const best = new Float64Array(rows.rows).fill(Infinity)
  const unit = differenceLength(point.before.parameters)
  for (const length of r === null ? lengths.map((factor) => factor * unit) : [r]) {
    const differences = matrix(rows.rows, dimension, rows.data.slice())
    await byDifferences(length).apply(point, differences)
    for (let k = 0; k < rows.rows; k++) {
      const size = norm(rowOf(images, k))
      const apart = norm(plusScaled(rowOf(images, k), -1, rowOf(differences, k)))
      best[k] = Math.min(best[k], size === 0 ? apart : apart / size)
    }
  }
  return maxAbs(best)
}
