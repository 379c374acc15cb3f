// Functions of a few variables by name: built-in ones (test problems, the playground's landscapes), and anything that can be typed.
import { foreignFunctions, type FunctionSpec } from '../../shared/spec/schema'
import { builtIn } from './built-in'
import type { FunctionDefinition } from './definition'
import { expressionFunction } from './expression'

/** What a list of built-in functions shows. */
export type FunctionSummary = Pick<FunctionDefinition, 'name' | 'title' | 'formula' | 'variables' | 'start' | 'view' | 'critical'> & {
  readonly inverse: string | null
}

export function listFunctions(): FunctionSummary[] {
  return Object.values(builtIn).map((make) => {
    const { name, title, formula, variables, start, view, critical, inverse } = make()
    return { name, title, formula, variables, start, view, critical, inverse: inverse?.formula ?? null }
  })
}

type ProblemSpec = FunctionSpec['problem']

/** The definition that a spec names. Throws one sentence for an unknown name that is no expression either, or a start of another length. */
export function functionDefinition(problem: Pick<ProblemSpec, 'function' | 'variables' | 'start'>): FunctionDefinition {
  if (foreignFunctions.includes(problem.function))
    throw new Error(
      'problem.function: this run came from elsewhere and says nothing of what was minimized, so that nothing can be computed of it'
    )
  const own = Object.hasOwn(builtIn, problem.function) ? builtIn[problem.function]() : null
  const definition = own ?? expressionFunction(problem.function, problem.variables)
  if (problem.start === null) return definition
  if (problem.start.length !== definition.variables.length)
    throw new Error(
      `problem.start: ${definition.title} has ${definition.variables.length} variables (${definition.variables.slice(0, 5).join(', ')}), got ${problem.start.length} numbers`
    )
  return { ...definition, start: problem.start }
}

/** "x = 0, y = 1". */
export function describePoint(definition: FunctionDefinition, x: Float64Array): string {
  const shown = definition.variables.slice(0, 6).map((name, i) => `${name} = ${x[i]}`)
  return definition.variables.length > 6 ? `${shown.join(', ')}, …` : shown.join(', ')
}
