// The tangent map of any optimizer's step by central differences of the whole step: gradient and update at w ± r v, and at optimizer states moved entry by entry.
import { rowOf, type Matrix } from '../../linalg'
import { maxAbs, norm, plusScaled } from '../../linalg/vectors'
import type { OptimizerState } from '../../optimizers'
import { positionOf } from '../../training'
import { curvatureObjective } from '../../training/step'
import type { StepPoint, TangentContext, TangentMap } from './tangent'

const cubeRoot = 2 ** (-52 / 3)

/** Relative move of an entry of the optimizer's state. */
const stateMove = 1e-5

interface Image {
  readonly update: Float64Array
  readonly arrays: readonly Float64Array[]
}

/** Length of a difference where none is given: ∛ε, as for any central difference of a function of scale one, times the weights' own scale. */
export const differenceLength = (parameters: Float64Array): number =>
  cubeRoot * Math.max(1, norm(parameters) / Math.sqrt(parameters.length))

/** How the image of one array's entries moves with another's: the optimizers that keep arrays use each entry for its own weight only. */
interface Diagonal {
  readonly update: Float64Array
  readonly arrays: readonly Float64Array[]
}

/** `r`: null for the default at each step's weights. */
export function differenceTangent({ linalg, parts, signal }: TangentContext, arrays: number, r: number | null): TangentMap {
  const image = async (point: StepPoint, parameters: Float64Array, state: OptimizerState, given: Float64Array | null): Promise<Image> => {
    const { objective, before, learningRate, damping } = point
    const gradient = given ?? new Float64Array(parameters.length)
    const loss = given === null ? await objective.gradient(parameters, gradient, { signal }) : 0
    const { update, state: next } = await parts.optimizer.step(state, {
      linalg,
      parameters,
      objective,
      curvatureObjective: curvatureObjective(parts, positionOf(before), objective),
      gradient,
      loss,
      step: before.step + 1,
      epoch: before.epoch,
      learningRate,
      damping,
      wantSpectrum: false,
      signal
    })
    return { update: update.slice(), arrays: Object.values(next.arrays) }
  }
  // Where v' = 0 the root of Adam's second moment has no derivative: it counts as 0, as in the exact map.
  const quotient = (up: Float64Array, down: Float64Array, moves: Float64Array) =>
    up.map((value, i) => (Number.isFinite(value - down[i]) ? (value - down[i]) / (2 * moves[i]) : 0))

  const diagonals = async (point: StepPoint): Promise<Diagonal[]> => {
    const { before, after, gradient } = point
    const found: Diagonal[] = []
    for (const [name, values] of Object.entries(before.optimizer.arrays)) {
      const reached = after.optimizer.arrays[name]
      const scale = maxAbs(values) || maxAbs(reached) || 1
      const moves = values.map((value, i) => stateMove * (Math.max(Math.abs(value), Math.abs(reached[i])) || scale))
      const at = (sign: number) =>
        image(
          point,
          before.parameters,
          { ...before.optimizer, arrays: { ...before.optimizer.arrays, [name]: values.map((value, i) => value + sign * moves[i]) } },
          gradient
        )
      const [up, down] = [await at(1), await at(-1)]
      found.push({
        update: quotient(up.update, down.update, moves),
        arrays: up.arrays.map((array, k) => quotient(array, down.arrays[k], moves))
      })
    }
    return found
  }
  return {
    exact: false,
    arrays,
    notes: [],
    async apply(point: StepPoint, rows: Matrix) {
      const { before } = point
      const size = before.parameters.length
      const own = arrays > 1 ? await diagonals(point) : []
      const step = r ?? differenceLength(before.parameters)
      for (let k = 0; k < rows.rows; k++) {
        signal.throwIfAborted()
        const row = rowOf(rows, k)
        const direction = row.slice(0, size)
        const length = norm(direction)
        const moved = row.slice()
        for (let a = 1; a < arrays; a++) moved.fill(0, a * size, (a + 1) * size)
        if (length > 0) {
          const [up, down] = [
            await image(point, plusScaled(before.parameters, step / length, direction), before.optimizer, null),
            await image(point, plusScaled(before.parameters, -step / length, direction), before.optimizer, null)
          ]
          const factor = length / (2 * step)
          for (let i = 0; i < size; i++) moved[i] += factor * (up.update[i] - down.update[i])
          for (let a = 1; a < arrays; a++)
            for (let i = 0; i < size; i++) moved[a * size + i] += factor * (up.arrays[a - 1][i] - down.arrays[a - 1][i])
        }
        for (const [from, { update, arrays: others }] of own.entries()) {
          const start = (from + 1) * size
          for (let i = 0; i < size; i++) {
            moved[i] += update[i] * row[start + i]
            for (let a = 1; a < arrays; a++) moved[a * size + i] += others[a - 1][i] * row[start + i]
          }
        }
        row.set(moved)
      }
    },
    logDeterminant: async () => null,
    release: () => undefined
  }
}
