// A function that somebody typed, with its symbolic derivatives.
import { differentiable, variablesOf } from '../../shared/expression'
import type { FunctionDefinition } from './definition'

/** Variables default to the expression's names in alphabetical order; the start to 1 everywhere. Throws ExpressionError. */
export function expressionFunction(source: string, variables: readonly string[] | null): FunctionDefinition {
  const names = variables ?? variablesOf(source)
  if (names.length === 0) throw new Error(`problem.function: "${source}" has no variable; write one, such as "x^2 - y^2"`)
  const twice = names.find((name, place) => names.indexOf(name) !== place)
  if (twice !== undefined) throw new Error(`problem.variables: "${twice}" is listed twice; name each variable once`)
  const f = differentiable(source, names)
  return {
    name: source,
    title: source,
    formula: source,
    variables: names,
    start: names.map(() => 1),
    view:
      names.length === 2
        ? [
            [-2, 2],
            [-2, 2]
          ]
        : null,
    critical: [],
    value: (x) => f.value(x),
    gradient: (x, gradient) => f.gradient(x, gradient),
    hessian: (x, hessian) => f.hessian(x, hessian),
    term: () => f.term
  }
}
