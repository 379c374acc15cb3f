// A function as an Objective: what every optimizer asks of a network it can ask of a function.
import { functionBlocks, variableArrays } from '../../shared/model/layout'
import { matrix, type CallOptions, type Matrix } from '../linalg'
import type { CurvatureBlock, EngineContext, InverseGradientOptions, InverseGradientResult, Objective } from '../objective'
import { functionJets } from '../jets/function'
import { scaled } from '../linalg/vectors'
import type { FunctionDefinition } from '../functions/definition'

function invert(definition: FunctionDefinition, x: Float64Array, { mode, r, oneSided }: InverseGradientOptions): InverseGradientResult {
  const { inverse } = definition
  if (inverse === undefined)
    throw new Error(
      `fd-newton: the gradient of ${definition.title} has no closed inverse here; use another optimizer or a function that has one`
    )
  const gradient = new Float64Array(x.length)
  definition.gradient(x, gradient)
  const notes = [`inverse gradient: ${inverse.formula}`]
  // All variables at once: the limit is the joint inverse.
  if (mode !== 'finite-difference') return { direction: inverse.derivative(x, gradient), notes, figures: {} }
  const [above, below] = oneSided === true ? [r, 0] : [r / 2, -r / 2]
  const up = inverse.at(x, scaled(1 + above, gradient))
  const down = inverse.at(x, scaled(1 + below, gradient))
  return { direction: up.map((t, i) => (t - down[i]) / r), notes, figures: { r } }
}

/** Every scope means the whole matrix, named `full`; where the function is no sum of squares its Gauss–Newton matrix is taken to be the Hessian. */
export function functionObjective(context: EngineContext, definition: FunctionDefinition): Objective {
  const { linalg } = context
  const size = definition.variables.length
  const fill = (x: Float64Array, kind: string, data: Float64Array) =>
    kind === 'ggn' && definition.gaussNewton !== undefined ? definition.gaussNewton(x, data) : definition.hessian(x, data)
  return {
    parameterCount: size,
    blocks: functionBlocks(size),
    arrays: variableArrays(functionBlocks(size)),
    samples: 1,
    loss: async (x) => definition.value(x),
    async gradient(x, gradient) {
      definition.gradient(x, gradient)
      return definition.value(x)
    },
    async curvature(x, { kind = 'hessian', reuse }): Promise<CurvatureBlock[]> {
      const data = reuse?.[0]?.size === size ? reuse[0].data : linalg.allocate(size * size)
      fill(x, kind, data)
      return [
        { name: 'full', offset: 0, size, units: 1, data, positiveSemidefinite: kind === 'ggn' && definition.gaussNewton !== undefined }
      ]
    },
    async products(x, kind) {
      if (kind === 'fisher') throw new Error(`${definition.title}: a function has no Fisher matrix; use hessian`)
      const h = new Float64Array(size * size)
      fill(x, kind, h)
      return async (vectors: Matrix, options?: CallOptions) => {
        const result = matrix(vectors.rows, size)
        await linalg.gemm(vectors, matrix(size, size, h), result, { ...options })
        return result
      }
    },
    jets: (x, curves, options) => functionJets(definition, x, curves, options),
    inverseGradient: async (x, options) => invert(definition, x, options)
  }
}
