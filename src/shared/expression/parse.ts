// From text to our own tree through mathjs' parser: bounded in size, allow-listed in content, every refusal one sentence with its place.
import { create, derivativeDependencies, parseDependencies, type MathNode } from 'mathjs/number'
import { call, constants, countNodes, functions, number, operators, print, type Term } from './term'

const limits = { characters: 2000, parentheses: 60, depth: 220, nodes: 400, derivativeNodes: 60_000, variables: 100 } as const

const math = create({ ...parseDependencies, ...derivativeDependencies }, {})

/** What is wrong with an expression: one sentence; `position` counts characters from 1, null where no single place is at fault. */
export class ExpressionError extends Error {
  constructor(
    message: string,
    readonly position: number | null
  ) {
    super(message)
    this.name = 'ExpressionError'
  }
}

interface ParsedNode extends MathNode {
  readonly name?: string
  readonly fn?: string | { readonly name?: string }
  readonly value?: unknown
  readonly args?: ParsedNode[]
  readonly content?: ParsedNode
  readonly condition?: ParsedNode
  readonly trueExpr?: ParsedNode
  readonly falseExpr?: ParsedNode
}

function fail(source: string, text: string | null, message: string): never {
  const at = text === null ? -1 : source.indexOf(text)
  const position = at < 0 ? null : at + 1
  throw new ExpressionError(position === null ? message : `${message} (character ${position})`, position)
}

const refusedNodes: Readonly<Record<string, string>> = {
  AccessorNode: 'a property or an index',
  IndexNode: 'an index',
  AssignmentNode: 'an assignment',
  FunctionAssignmentNode: 'a function definition',
  ArrayNode: 'a list',
  ObjectNode: 'an object',
  BlockNode: 'several statements',
  RangeNode: 'a range'
}

function convert(node: ParsedNode, source: string, variableIndex: (name: string) => number | null, depth: number): Term {
  if (depth > limits.depth) fail(source, null, `the expression is nested more than ${limits.depth} deep`)
  const inner = (child: ParsedNode | undefined) => {
    if (child === undefined) return fail(source, null, 'the expression could not be read')
    return convert(child, source, variableIndex, depth + 1)
  }
  switch (node.type) {
    case 'ConstantNode':
      if (typeof node.value !== 'number') return fail(source, String(node.value), 'only numbers are allowed, not text or true and false')
      return number(node.value)
    case 'ParenthesisNode':
      return inner(node.content)
    case 'SymbolNode': {
      const name = node.name ?? ''
      const index = variableIndex(name)
      if (index !== null) return { kind: 'variable', index }
      const value = constants.get(name)
      if (value !== undefined) return number(value)
      return fail(
        source,
        name,
        functions.has(name) ? `"${name}" is a function and needs its argument in parentheses` : `"${name}" is not known here`
      )
    }
    case 'OperatorNode': {
      const name = typeof node.fn === 'string' ? node.fn : ''
      if (!operators.has(name)) return fail(source, null, `the operator "${name}" is not allowed`)
      return call(name, (node.args ?? []).map(inner))
    }
    case 'RelationalNode':
      return fail(source, null, 'a chain of comparisons is not allowed')
    case 'ConditionalNode':
      return call('conditional', [inner(node.condition), inner(node.trueExpr), inner(node.falseExpr)])
    case 'FunctionNode': {
      const name = typeof node.fn === 'object' ? (node.fn.name ?? '') : ''
      const known = functions.get(name)
      const args = node.args ?? []
      if (known === undefined)
        return fail(source, name, `the function "${name}" is not allowed; allowed are ${[...functions.keys()].join(', ')}`)
      if (args.length < known.least || args.length > known.most)
        return fail(
          source,
          name,
          `"${name}" takes ${known.least === known.most ? known.least : `${known.least} to ${known.most}`} arguments, got ${args.length}`
        )
      return call(name, args.map(inner))
    }
    default:
      return fail(source, null, `${refusedNodes[node.type] ?? `"${node.type}"`} is not allowed in an expression`)
  }
}

function nesting(source: string): number {
  let depth = 0
  let most = 0
  for (const character of source) {
    if (character === '(') most = Math.max(most, ++depth)
    else if (character === ')') depth--
  }
  return most
}

/** Only what arithmetic needs: keeps quotes, brackets, semicolons, line breaks and the like away from the parser. */
const allowedCharacter = /^[A-Za-z0-9_.,+\-*/^%()<>=!?: \t]$/

function parseNode(source: string): ParsedNode {
  if (source.trim() === '') throw new ExpressionError('the expression is empty', null)
  if (source.length > limits.characters)
    throw new ExpressionError(`the expression has ${source.length} characters; at most ${limits.characters} are allowed`, null)
  for (let i = 0; i < source.length; i++)
    if (!allowedCharacter.test(source[i]))
      throw new ExpressionError(`the character ${JSON.stringify(source[i])} is not allowed (character ${i + 1})`, i + 1)
  if (nesting(source) > limits.parentheses) throw new ExpressionError(`the expression is nested more than ${limits.parentheses} deep`, null)
  return readNode(source)
}

function readNode(source: string): ParsedNode {
  try {
    return math.parse(source)
  } catch (error) {
    if (error instanceof RangeError) throw new ExpressionError('the expression is nested too deeply', null)
    const text = error instanceof Error ? error.message.replace(/ \(char \d+\)$/, '') : String(error)
    const position = typeof error === 'object' && error !== null && 'char' in error && typeof error.char === 'number' ? error.char : null
    const sentence = text.charAt(0).toLowerCase() + text.slice(1)
    throw new ExpressionError(position === null ? sentence : `${sentence} (character ${position})`, position)
  }
}

function bounded(term: Term): Term {
  const nodes = countNodes(term)
  if (nodes > limits.nodes) throw new ExpressionError(`the expression has ${nodes} terms; at most ${limits.nodes} are allowed`, null)
  return term
}

/** Parses `source` in the given variables. Throws ExpressionError. */
export function parseTerm(source: string, variables: readonly string[]): Term {
  const places = new Map(variables.map((name, index) => [name, index]))
  const node = parseNode(source)
  try {
    return bounded(convert(node, source, (name) => places.get(name) ?? null, 0))
  } catch (error) {
    if (error instanceof RangeError) throw new ExpressionError('the expression is nested too deeply', null)
    throw error
  }
}

/** Names in the expression that are neither functions nor constants, alphabetically. Throws ExpressionError. */
export function variablesOf(source: string): string[] {
  const found = new Set<string>()
  const node = parseNode(source)
  convert(
    node,
    source,
    (name) => {
      if (constants.has(name) || functions.has(name)) return null
      found.add(name)
      return 0
    },
    0
  )
  if (found.size > limits.variables)
    throw new ExpressionError(`the expression has ${found.size} variables; at most ${limits.variables} are allowed`, null)
  return [...found].sort()
}

/** Terms that all derivatives of one expression may still have: what bounds the time of differentiating it. */
export interface DerivativeBudget {
  left: number
}

export const derivativeBudget = (): DerivativeBudget => ({ left: limits.derivativeNodes })

/** ∂term/∂variable by mathjs' rules, constants folded. Throws ExpressionError where there is no rule (min, floor, comparisons…) or the result grows too large. */
export function derivativeTerm(term: Term, variables: readonly string[], index: number, budget: DerivativeBudget): Term {
  // Named anew so that no name of the user's meets a name mathjs knows.
  const safe = variables.map((_, place) => `v_${place}`)
  const places = new Map(safe.map((name, place) => [name, place]))
  const text = print(term, safe)
  let derived: ParsedNode
  try {
    derived = math.derivative(readNode(text), safe[index], { simplify: false })
  } catch (error) {
    if (error instanceof ExpressionError) throw error
    const message = error instanceof Error ? error.message : String(error)
    const name = /(?:function|operator) "([^"]+)"/.exec(message)?.[1]
    throw new ExpressionError(
      name === undefined ? 'the expression cannot be differentiated' : `"${name}" has no derivative; use it in schedules only`,
      null
    )
  }
  const result = convertDerived(derived, places)
  const nodes = countNodes(result)
  budget.left -= nodes
  // One large derivative makes all of the next order large.
  if (budget.left < 0 || nodes > limits.derivativeNodes / 5)
    throw new ExpressionError(
      `the derivatives of the expression have too many terms (more than ${limits.derivativeNodes}, or a fifth of it in one); write it shorter`,
      null
    )
  return result
}

/** Derivatives may be deeper than what people may type; they come from checked terms only. */
function convertDerived(node: ParsedNode, places: ReadonlyMap<string, number>): Term {
  return convert(node, '', (name) => places.get(name) ?? null, -10 * limits.depth)
}
