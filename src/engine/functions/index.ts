// Functions of a few variables: test problems, the playground's landscapes, and anything that can be typed.
import { builtIn } from './built-in'
import type { FunctionDefinition } from './definition'

export type { FunctionDefinition, InverseGradientMap } from './definition'
export { linearRegression } from './built-in'
export { describePoint, functionDefinition, functionObjective } from '../objectives/function'

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
