// Our own small syntax tree of an expression: only numbers, variables and allow-listed operations, evaluated by closures. Nothing of it can reach the host.

export type Term =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'variable'; readonly index: number }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Term[] }

type Operation = (...args: number[]) => number

/** Operators by mathjs' names, how they are printed, and what they do. Comparisons give 1 or 0. */
export const operators: ReadonlyMap<string, { readonly symbol: string; readonly run: Operation }> = new Map([
  ['add', { symbol: '+', run: (a, b) => a + b }],
  ['subtract', { symbol: '-', run: (a, b) => a - b }],
  ['multiply', { symbol: '*', run: (a, b) => a * b }],
  ['divide', { symbol: '/', run: (a, b) => a / b }],
  ['pow', { symbol: '^', run: (a, b) => a ** b }],
  ['unaryMinus', { symbol: '-', run: (a) => -a }],
  ['unaryPlus', { symbol: '+', run: (a) => a }],
  ['mod', { symbol: '%', run: (a, b) => (b === 0 ? a : a - b * Math.floor(a / b)) }],
  ['smaller', { symbol: '<', run: (a, b) => (a < b ? 1 : 0) }],
  ['larger', { symbol: '>', run: (a, b) => (a > b ? 1 : 0) }],
  ['smallerEq', { symbol: '<=', run: (a, b) => (a <= b ? 1 : 0) }],
  ['largerEq', { symbol: '>=', run: (a, b) => (a >= b ? 1 : 0) }],
  ['equal', { symbol: '==', run: (a, b) => (a === b ? 1 : 0) }],
  ['unequal', { symbol: '!=', run: (a, b) => (a !== b ? 1 : 0) }]
])

/** Functions by name with the number of arguments they take. */
export const functions: ReadonlyMap<string, { readonly least: number; readonly most: number; readonly run: Operation }> = new Map([
  ...(
    [
      ['abs', Math.abs],
      ['exp', Math.exp],
      ['log10', Math.log10],
      ['sqrt', Math.sqrt],
      ['sin', Math.sin],
      ['cos', Math.cos],
      ['tan', Math.tan],
      ['sec', (x) => 1 / Math.cos(x)],
      ['csc', (x) => 1 / Math.sin(x)],
      ['cot', (x) => 1 / Math.tan(x)],
      ['asin', Math.asin],
      ['acos', Math.acos],
      ['atan', Math.atan],
      ['sinh', Math.sinh],
      ['cosh', Math.cosh],
      ['tanh', Math.tanh],
      ['sech', (x) => 1 / Math.cosh(x)],
      ['csch', (x) => 1 / Math.sinh(x)],
      ['coth', (x) => 1 / Math.tanh(x)],
      ['asinh', Math.asinh],
      ['acosh', Math.acosh],
      ['atanh', Math.atanh],
      ['floor', Math.floor],
      ['ceil', Math.ceil],
      ['round', Math.round],
      ['sign', Math.sign]
    ] satisfies [string, Operation][]
  ).map(([name, run]) => [name, { least: 1, most: 1, run }] as const),
  ['log', { least: 1, most: 2, run: (x, base) => (base === undefined ? Math.log(x) : Math.log(x) / Math.log(base)) }],
  ['pow', { least: 2, most: 2, run: (a, b) => a ** b }],
  ['min', { least: 1, most: 8, run: Math.min }],
  ['max', { least: 1, most: 8, run: Math.max }]
])

export const constants: ReadonlyMap<string, number> = new Map([
  ['pi', Math.PI],
  ['PI', Math.PI],
  ['e', Math.E],
  ['E', Math.E],
  ['tau', 2 * Math.PI]
])

const isNumber = (term: Term, value: number) => term.kind === 'number' && term.value === value
export const number = (value: number): Term => ({ kind: 'number', value })

function operation(name: string): Operation {
  const found = operators.get(name)?.run ?? functions.get(name)?.run
  if (found === undefined) throw new Error(`no operation ${name}`)
  return found
}

/** A call, with constants folded and the neutral and annihilating cases of + − · / ^ dropped: what mathjs' derivative leaves behind. */
export function call(name: string, args: readonly Term[]): Term {
  const [a, b] = args
  if (name !== 'conditional' && args.every((arg) => arg.kind === 'number')) {
    return number(operation(name)(...args.map((arg) => (arg.kind === 'number' ? arg.value : NaN))))
  }
  if (name === 'unaryPlus') return a
  if (name === 'add' && isNumber(a, 0)) return b
  if ((name === 'add' || name === 'subtract') && isNumber(b, 0)) return a
  if (name === 'subtract' && isNumber(a, 0)) return call('unaryMinus', [b])
  if (name === 'multiply' && (isNumber(a, 0) || isNumber(b, 0))) return number(0)
  if (name === 'multiply' && isNumber(a, 1)) return b
  if (name === 'multiply' && isNumber(b, 1)) return a
  if (name === 'divide' && isNumber(b, 1)) return a
  if (name === 'divide' && isNumber(a, 0)) return number(0)
  if (name === 'pow' && isNumber(b, 1)) return a
  if (name === 'pow' && isNumber(b, 0)) return number(1)
  if (name === 'multiply' && b.kind === 'number' && a.kind !== 'number') return call('multiply', [b, a])
  if (name === 'multiply' && a.kind === 'number' && b.kind === 'call' && b.name === 'multiply' && b.args[0].kind === 'number')
    return call('multiply', [number(a.value * b.args[0].value), b.args[1]])
  if (name === 'multiply' && a.kind === 'number' && b.kind === 'call' && b.name === 'unaryMinus')
    return call('multiply', [number(-a.value), b.args[0]])
  if (name === 'unaryMinus' && a.kind === 'call' && a.name === 'multiply' && a.args[0].kind === 'number')
    return call('multiply', [number(-a.args[0].value), a.args[1]])
  if (name === 'unaryMinus' && a.kind === 'call' && a.name === 'unaryMinus') return a.args[0]
  return { kind: 'call', name, args }
}

export function countNodes(term: Term): number {
  return term.kind === 'call' ? term.args.reduce((sum, arg) => sum + countNodes(arg), 1) : 1
}

/** Turns a term into a closure over the values of its variables. Time is proportional to its nodes: there are no loops. */
export function closure(term: Term): (values: ArrayLike<number>) => number {
  if (term.kind === 'number') {
    const { value } = term
    return () => value
  }
  if (term.kind === 'variable') {
    const { index } = term
    return (values) => values[index]
  }
  const args = term.args.map(closure)
  const [a, b, c] = args
  if (term.name === 'conditional') return (values) => (a(values) !== 0 ? b(values) : c(values))
  const run = operation(term.name)
  if (args.length === 1) return (values) => run(a(values))
  if (args.length === 2) return (values) => run(a(values), b(values))
  return (values) => run(...args.map((arg) => arg(values)))
}

/** The term as text that parses back to it, every operation in parentheses. */
export function print(term: Term, variables: readonly string[]): string {
  if (term.kind === 'number') return term.value < 0 ? `(${term.value})` : String(term.value)
  if (term.kind === 'variable') return variables[term.index]
  const args = term.args.map((arg) => print(arg, variables))
  if (term.name === 'conditional') return `(${args[0]} ? ${args[1]} : ${args[2]})`
  const symbol = operators.get(term.name)?.symbol
  if (symbol === undefined) return `${term.name}(${args.join(', ')})`
  return args.length === 1 ? `(${symbol}${args[0]})` : `(${args[0]} ${symbol} ${args[1]})`
}

const precedence: Readonly<Record<string, number>> = { add: 1, subtract: 1, multiply: 2, divide: 2, mod: 2, unaryMinus: 3, pow: 4 }

/** The term for people: only the parentheses that precedence asks for. */
export function pretty(term: Term, variables: readonly string[], outer = 0, right = false): string {
  if (term.kind === 'number') return term.value < 0 && (right || outer > 2) ? `(${term.value})` : String(term.value)
  if (term.kind === 'variable') return variables[term.index]
  const own = precedence[term.name]
  const symbol = operators.get(term.name)?.symbol
  if (own === undefined || symbol === undefined) {
    const args = term.args.map((arg) => pretty(arg, variables))
    if (term.name === 'conditional') return `(${args[0]} ? ${args[1]} : ${args[2]})`
    return symbol === undefined ? `${term.name}(${args.join(', ')})` : `(${args.join(` ${symbol} `)})`
  }
  const rightAssociative = term.name === 'pow'
  const text =
    term.args.length === 1
      ? `${symbol}${pretty(term.args[0], variables, own)}`
      : `${pretty(term.args[0], variables, own, rightAssociative)}${rightAssociative ? symbol : ` ${symbol} `}${pretty(term.args[1], variables, own, !rightAssociative)}`
  return own < outer || (own === outer && right) ? `(${text})` : text
}
