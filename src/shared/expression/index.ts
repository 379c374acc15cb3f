// Expressions people type: schedules ("0.1 * 0.99^epoch") and functions of named variables with symbolic gradient and Hessian.
import { derivativeBudget, derivativeTerm, parseTerm } from './parse'
import { closure, pretty, type Term } from './term'

export { ExpressionError, parseTerm, variablesOf } from './parse'
export type { Term } from './term'

/**
 * Compiles an expression in the given variables to a function of their values, in that order. Operators + − * / ^ %, comparisons and ? :,
 * the usual functions, pi, e; nothing else is understood, and nothing is executed but arithmetic. Throws ExpressionError (one sentence with the place).
 */
export function compile(source: string, variables: readonly string[]): (values: ArrayLike<number>) => number {
  return closure(parseTerm(source, variables))
}

export interface DifferentiableExpression {
  readonly variables: readonly string[]
  /** The expression's tree. */
  readonly term: Term
  value(x: ArrayLike<number>): number
  /** Writes ∂f/∂x_i. */
  gradient(x: ArrayLike<number>, gradient: Float64Array): void
  /** Writes the symmetric n × n Hessian, row-major. */
  hessian(x: ArrayLike<number>, hessian: Float64Array): void
  /** For people, as text. */
  readonly formulas: { readonly value: string; readonly gradient: readonly string[]; readonly hessian: readonly (readonly string[])[] }
}

/** Most variables of a differentiable expression: its Hessian has a term for each pair. */
export const mostVariables = 20

/** An expression with its first and second derivatives, found symbolically (mathjs' rules). Throws ExpressionError. */
export function differentiable(source: string, variables: readonly string[]): DifferentiableExpression {
  const count = variables.length
  if (count > mostVariables) throw new RangeError(`an expression to minimize may have at most ${mostVariables} variables, got ${count}`)
  const term = parseTerm(source, variables)
  const budget = derivativeBudget()
  const first = variables.map((_, i) => derivativeTerm(term, variables, i, budget))
  const second = first.map((row, i) => variables.slice(0, i + 1).map((_, j) => derivativeTerm(row, variables, j, budget)))
  const value = closure(term)
  const gradients = first.map(closure)
  const hessians = second.map((row) => row.map(closure))
  return {
    variables,
    term,
    value,
    gradient(x, gradient) {
      for (let i = 0; i < count; i++) gradient[i] = gradients[i](x)
    },
    hessian(x, hessian) {
      for (let i = 0; i < count; i++) for (let j = 0; j <= i; j++) hessian[i * count + j] = hessian[j * count + i] = hessians[i][j](x)
    },
    formulas: {
      value: pretty(term, variables),
      gradient: first.map((row) => pretty(row, variables)),
      hessian: variables.map((_, i) => variables.map((__, j) => pretty(second[Math.max(i, j)][Math.min(i, j)], variables)))
    }
  }
}
