// Power series of an expression and of its gradient: one pass up its tree, one pass down (reverse mode), in the arithmetic of series.
import { ExpressionError, type Term } from '../../shared/expression'
import { elementary, raised } from './elementary'
import { constant, plus, product, quotient, times, type Series } from './series'

/** A term's series, and how it depends on those below it; terms without a variable depend on nothing. */
interface Traced {
  readonly value: Series
  readonly variable: number | null
  readonly dependencies: readonly { readonly on: Traced; readonly slope: Series | number }[]
}

const isFixed = (series: Series): boolean => series.every((value, k) => k === 0 || value === 0)
const dependsOnNothing = (term: Traced): boolean => term.variable === null && term.dependencies.length === 0

function trace(term: Term, variables: readonly Series[], order: number): Traced {
  if (term.kind === 'number') return { value: constant(term.value, order), variable: null, dependencies: [] }
  if (term.kind === 'variable') return { value: variables[term.index], variable: term.index, dependencies: [] }
  if (term.name === 'log' && term.args.length === 2) {
    const [value, base] = term.args
    const log = (arg: Term): Term => ({ kind: 'call', name: 'log', args: [arg] })
    return trace({ kind: 'call', name: 'divide', args: [log(value), log(base)] }, variables, order)
  }
  const args = term.args.map((arg) => trace(arg, variables, order))
  const [a, b] = args
  const made = (value: Series, ...slopes: (() => Series | number)[]): Traced => ({
    value,
    variable: null,
    dependencies: slopes.flatMap((slope, place) => (dependsOnNothing(args[place]) ? [] : [{ on: args[place], slope: slope() }]))
  })
  switch (term.name) {
    case 'add':
    case 'subtract': {
      const sign = term.name === 'add' ? 1 : -1
      return made(
        plus(a.value, b.value, sign),
        () => 1,
        () => sign
      )
    }
    case 'unaryPlus':
      return a
    case 'unaryMinus':
      return made(times(-1, a.value), () => -1)
    case 'multiply':
      return made(
        product(a.value, b.value),
        () => b.value,
        () => a.value
      )
    case 'divide': {
      const value = quotient(a.value, b.value)
      return made(
        value,
        () => quotient(constant(1, order), b.value),
        () => times(-1, quotient(value, b.value))
      )
    }
    case 'pow': {
      const { value, byBase, byExponent } = raised(a.value, b.value, isFixed(b.value))
      return made(value, byBase, byExponent)
    }
  }
  const apply = elementary.get(term.name)
  if (apply === undefined) throw new ExpressionError(`"${term.name}" has no power series; use it in schedules only`, null)
  const { value, slope } = apply(a.value)
  return made(value, () => slope)
}

/** Adds adjoint · ∂term/∂x_i to gradient[i] for every variable below. */
function descend(term: Traced, adjoint: Series, gradient: readonly Series[]): void {
  if (term.variable !== null) {
    const sum = gradient[term.variable]
    for (let k = 0; k < sum.length; k++) sum[k] += adjoint[k]
  }
  for (const { on, slope } of term.dependencies)
    descend(on, typeof slope === 'number' ? times(slope, adjoint) : product(adjoint, slope), gradient)
}

/**
 * The series of a term whose variables are series of one order, and those of its derivatives by each variable, one array a variable.
 * Throws ExpressionError, which names the operation, for what has no derivative (floor, min, comparisons, …). Coefficients are NaN or infinite where
 * the expression has no power series (√x at 0, |x| at 0, a negative base with a moving exponent).
 */
export function expressionJet(
  term: Term,
  variables: readonly Series[],
  withGradient: boolean
): { readonly value: Series; readonly gradient: Series[] } {
  const order = variables[0].length - 1
  const traced = trace(term, variables, order)
  const gradient = withGradient ? variables.map(() => new Float64Array(order + 1)) : []
  if (withGradient) descend(traced, constant(1, order), gradient)
  return { value: traced.value, gradient }
}
