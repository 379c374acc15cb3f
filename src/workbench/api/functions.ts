// functions.*: the playground's landscapes and trajectories. Small problems, computed here in slices so that other calls are heard.
import type { FunctionDefinition } from '../../engine/functions/definition'
import { functionDefinition, listFunctions } from '../../engine/functions/list'
import { basinPass } from '../../engine/analyses/map/basins'
import { play } from '../../engine/training/play'
import { matrix } from '../../engine/linalg'
import type { FunctionInfo, Trajectory } from '../../shared/api/contract'
import { optimizerSchema, type OptimizerSpec } from '../../shared/spec/schema'
import type { WorkbenchContext } from '../context'
import { Failure } from '../failure'
import { inputFault, type HandlersOf } from '../router'

type Names = 'functions.list' | 'functions.describe' | 'functions.grid' | 'functions.local' | 'functions.basins' | 'functions.play'

type Described = Pick<FunctionDefinition, 'name' | 'title' | 'formula' | 'variables' | 'start' | 'view'>

const infoOf = ({ name, title, formula, variables, start, view }: Described): FunctionInfo => ({
  name,
  title,
  formula,
  variables,
  start,
  view: view === null ? null : [view[0][0], view[0][1], view[1][0], view[1][1]]
})

const define = (name: string) => functionDefinition({ function: name, variables: null, start: null })

function requireVariables({ variables }: FunctionDefinition, count: number, what: string) {
  if (variables.length !== count)
    throw new Failure('bad-request', `${what} must have ${variables.length} numbers (${variables.join(', ')}), got ${count}`)
}

const sliceMilliseconds = 15

async function grid(definition: FunctionDefinition, view: readonly number[], width: number, height: number, signal: AbortSignal) {
  requireVariables(definition, 2, 'a contour picture')
  const [left, right, bottom, top] = view
  const values = new Float64Array(width * height)
  const point = new Float64Array(2)
  let since = performance.now()
  for (let row = 0; row < height; row++) {
    point[1] = top + ((bottom - top) * row) / (height - 1)
    for (let column = 0; column < width; column++) {
      point[0] = left + ((right - left) * column) / (width - 1)
      values[row * width + column] = definition.value(point)
    }
    if (performance.now() - since > sliceMilliseconds) {
      await new Promise<void>((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
      since = performance.now()
    }
  }
  return { values, width, height }
}

function optimizersOf(inputs: readonly unknown[]): OptimizerSpec[] {
  return inputs.map((input, place) => {
    const fault = inputFault(optimizerSchema, input, `optimizers.${place}`)
    if (fault) throw fault
    return optimizerSchema.parse(input)
  })
}

function flat({ optimizer, points, values, lines, ended }: Awaited<ReturnType<typeof play>>[number]): Trajectory {
  return {
    optimizer: optimizer.kind,
    points: Float64Array.from(points.flat()),
    values: Float64Array.from(values, (value) => value ?? Number.NaN),
    gradNorms: Float64Array.from(lines, ({ gradNorm }) => gradNorm),
    outcome: ended ?? 'budget'
  }
}

export function functionHandlers({ machine }: WorkbenchContext): HandlersOf<Names> {
  return {
    'functions.list': async () => listFunctions().map(infoOf),
    'functions.describe': async ({ function: name }) => infoOf(define(name)),
    'functions.grid': ({ function: name, view, width, height }, { signal }) => grid(define(name), view, width, height, signal),

    async 'functions.local'({ function: name, at }, { signal }) {
      const definition = define(name)
      const n = at.length
      requireVariables(definition, n, 'the point')
      const x = Float64Array.from(at)
      const gradient = new Float64Array(n)
      const hessian = new Float64Array(n * n)
      definition.gradient(x, gradient)
      definition.hessian(x, hessian)
      const value = definition.value(x)
      if (!hessian.every(Number.isFinite))
        return {
          value,
          gradient,
          hessian,
          eigenvalues: new Float64Array(n).fill(Number.NaN),
          eigenvectors: new Float64Array(n * n).fill(Number.NaN)
        }
      const linalg = await machine.small()
      const { values, vectors, release } = await linalg.eigenSymmetric(matrix(n, n, hessian.slice()), { signal })
      const eigenvectors = new Float64Array(n * n)
      for (let row = 0; row < n; row++)
        eigenvectors.set(vectors.data.subarray(vectors.offset + row * vectors.stride, vectors.offset + row * vectors.stride + n), row * n)
      release()
      return { value, gradient, hessian, eigenvalues: values.slice(), eigenvectors }
    },

    async 'functions.basins'({ optimizer, view, ...rest }, { signal }) {
      const { variables } = define(rest.function)
      if (variables.length !== 2)
        throw new Failure('bad-request', `basins are drawn of functions of two variables; this one has ${variables.length}`)
      if (!(view[0] < view[1] && view[2] < view[3]))
        throw new Failure('bad-request', 'view: left must be below right, and bottom below top')
      return basinPass({ ...rest, view, optimizer: optimizersOf([optimizer])[0], signal })
    },

    async 'functions.play'({ function: name, optimizers, start, steps }, { signal }) {
      requireVariables(define(name), start.length, 'the start')
      const linalg = await machine.small()
      const trajectories = await play({ linalg }, { function: name, optimizers: optimizersOf(optimizers), start, steps, signal })
      return { trajectories: trajectories.map(flat) }
    }
  }
}
