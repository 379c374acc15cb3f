// L-BFGS (Liu and Nocedal 1989): one step is up to `maxIterations` inner iterations on the step's batch; the rules and stopping tests of torch.optim.LBFGS.
import { LinalgError } from '../linalg'
import { dot, firstNonFinite, maxAbs, plusScaled, powerOfTwo, scaled, sumOfSquares } from '../linalg/vectors'
import type { OptimizerFactory, OptimizerState, StepInput } from './interface'
import { strongWolfe } from './line-search'

interface Memory {
  /** Changes of gradient and of position, oldest first. */
  readonly gradients: Float64Array[]
  readonly moves: Float64Array[]
  direction: Float64Array
  previousGradient: Float64Array
  t: number
  diagonal: number
  iterations: number
}

function unpack(state: OptimizerState): Memory {
  const rows = (array: Float64Array, count: number) => {
    const length = state.arrays.direction.length
    return Array.from({ length: count }, (_, i) => array.slice(i * length, (i + 1) * length))
  }
  const { count, t, diagonal, iterations } = state.numbers
  return {
    gradients: rows(state.arrays.gradients, count),
    moves: rows(state.arrays.moves, count),
    direction: state.arrays.direction,
    previousGradient: state.arrays.previousGradient,
    t,
    diagonal,
    iterations
  }
}

function pack(memory: Memory): OptimizerState {
  const join = (rows: readonly Float64Array[]) => {
    const joined = new Float64Array(rows.length * memory.direction.length)
    rows.forEach((row, i) => joined.set(row, i * row.length))
    return joined
  }
  return {
    arrays: {
      gradients: join(memory.gradients),
      moves: join(memory.moves),
      direction: memory.direction,
      previousGradient: memory.previousGradient
    },
    numbers: { count: memory.moves.length, t: memory.t, diagonal: memory.diagonal, iterations: memory.iterations }
  }
}

/** Takes the last move into the history and gives −(approximate inverse Hessian) · g by the two-loop recursion. */
function quasiNewtonDirection(memory: Memory, gradient: Float64Array, history: number): Float64Array {
  const change = plusScaled(gradient, -1, memory.previousGradient)
  const move = scaled(memory.t, memory.direction)
  const product = dot(change, move)
  const { scale, sum } = sumOfSquares(change)
  const diagonal = product / scale / scale / sum
  // What overflows is no measure of curvature.
  if (product > 1e-10 && Number.isFinite(product) && Number.isFinite(diagonal)) {
    if (memory.moves.length === history) {
      memory.moves.shift()
      memory.gradients.shift()
    }
    memory.gradients.push(change)
    memory.moves.push(move)
    memory.diagonal = diagonal
  }
  const inverse = memory.moves.map((s, i) => 1 / dot(memory.gradients[i], s))
  const alpha = new Float64Array(inverse.length)
  let q = scaled(-1, gradient)
  for (let i = inverse.length - 1; i >= 0; i--) {
    alpha[i] = dot(memory.moves[i], q) * inverse[i]
    q = plusScaled(q, -alpha[i], memory.gradients[i])
  }
  q = scaled(memory.diagonal, q)
  for (let i = 0; i < inverse.length; i++) q = plusScaled(q, alpha[i] - dot(memory.gradients[i], q) * inverse[i], memory.moves[i])
  if (firstNonFinite(q) < 0) return q
  // A history whose products overflow says nothing: start over with the steepest descent.
  memory.moves.length = memory.gradients.length = 0
  memory.diagonal = 1
  return scaled(-1, gradient)
}

/** The same line with a slope that is finite wherever possible: d divided, and t multiplied, by a power of two where gᵀd overflows. */
function withFiniteSlope(gradient: Float64Array, direction: Float64Array, t: number) {
  const slope = dot(gradient, direction)
  if (Number.isFinite(slope)) return { direction, t, slope }
  const scale = powerOfTwo(maxAbs(direction))
  const shorter = scaled(1 / scale, direction)
  return { direction: shorter, t: t * scale, slope: dot(gradient, shorter) }
}

/**
 * Options as in PyTorch; the learning rate is the first trial step of the line search, or the fixed step without one. Rejects with LinalgError `not-finite`
 * where fixed steps lead to a loss or gradient that is not finite; PyTorch goes on with NaN there.
 */
export const lbfgs: OptimizerFactory<'l-bfgs'> = ({ maxIterations, history, toleranceGradient, toleranceChange, lineSearch }) => ({
  init: (parameterCount) => ({
    arrays: {
      gradients: new Float64Array(0),
      moves: new Float64Array(0),
      direction: new Float64Array(parameterCount),
      previousGradient: new Float64Array(parameterCount)
    },
    numbers: { count: 0, t: 0, diagonal: 1, iterations: 0 }
  }),
  async step(state: OptimizerState, input: StepInput) {
    const { objective, parameters, learningRate, signal } = input
    const evaluate = async (x: Float64Array) => {
      signal?.throwIfAborted()
      const gradient = new Float64Array(x.length)
      // Activations that saturate have a finite loss even at infinite weights.
      if (firstNonFinite(x) >= 0) return { loss: Number.NaN, gradient }
      const loss = await objective.gradient(x, gradient, { signal })
      return { loss, gradient }
    }
    const memory = unpack(state)
    const mostEvaluations = Math.floor((maxIterations * 5) / 4)
    let x = parameters
    let { gradient, loss } = input
    let evaluations = 1
    let inner = 0
    const notes: string[] = []
    if (maxAbs(gradient) > toleranceGradient)
      while (inner < maxIterations) {
        inner++
        memory.iterations++
        const first = memory.iterations === 1
        const line = withFiniteSlope(
          gradient,
          first ? scaled(-1, gradient) : quasiNewtonDirection(memory, gradient, history),
          first ? Math.min(1, 1 / gradient.reduce((sum, g) => sum + Math.abs(g), 0)) * learningRate : learningRate
        )
        const { direction, slope } = line
        memory.direction = direction
        memory.t = line.t
        memory.previousGradient = gradient
        const previousLoss = loss
        if (!Number.isFinite(slope)) notes.push('the slope along the direction of descent is not finite: it stays there')
        if (!Number.isFinite(slope) || slope > -toleranceChange) break
        const from = x
        let used = 0
        let optimal = false
        if (lineSearch === 'strong-wolfe') {
          const found = await strongWolfe(
            (t) => evaluate(plusScaled(from, t, direction)),
            direction,
            { t: memory.t, loss, gradient, slope },
            mostEvaluations - evaluations
          )
          ;({ loss, gradient } = found.point)
          memory.t = found.point.t
          used = found.evaluations
          if (memory.t === 0) notes.push('the line search found no finite loss below that of its start: it stays there')
          x = plusScaled(from, memory.t, direction)
          optimal = maxAbs(gradient) <= toleranceGradient
        } else {
          x = plusScaled(from, memory.t, direction)
          if (inner !== maxIterations) {
            ;({ loss, gradient } = await evaluate(x))
            if (!Number.isFinite(loss) || firstNonFinite(gradient) >= 0)
              throw new LinalgError(
                'not-finite',
                `fixed steps of l-bfgs run into a loss or gradient that is not finite (inner iteration ${inner}; lineSearch strong-wolfe would shorten them)`
              )
            used = 1
            optimal = maxAbs(gradient) <= toleranceGradient
          }
        }
        evaluations += used
        if (evaluations >= mostEvaluations || optimal) break
        if (maxAbs(direction) * Math.abs(memory.t) <= toleranceChange || Math.abs(loss - previousLoss) < toleranceChange) break
      }
    return {
      update: plusScaled(x, -1, parameters),
      state: pack(memory),
      diagnostics: { extraGradients: evaluations - 1, figures: { innerIterations: inner }, notes }
    }
  }
})
