// What a schema wants, in people's words: found from the schema itself, so that messages and rules cannot drift apart.
import { distance } from 'fastest-levenshtein'
import type { z } from 'zod'

type Schema = z.core.$ZodType

export interface Definition {
  readonly type: string
  readonly innerType?: Schema
  readonly defaultValue?: unknown
  readonly shape?: Readonly<Record<string, Schema>>
  readonly options?: readonly Schema[]
  readonly discriminator?: string
  readonly element?: Schema
  readonly items?: readonly Schema[]
  readonly values?: readonly unknown[]
  readonly entries?: Readonly<Record<string, unknown>>
  readonly checks?: readonly { readonly _zod: { readonly def: CheckDefinition } }[]
}

interface CheckDefinition {
  readonly check: string
  readonly value?: number
  readonly inclusive?: boolean
  readonly minimum?: number
  readonly maximum?: number
}

/** What zod keeps of a schema. */
export const definition = (schema: Schema) => schema._zod.def as unknown as Definition
const wrappers = new Set(['nullable', 'optional', 'default', 'prefault', 'readonly'])

/** The schema without nullable, default and the like. */
export function unwrap(schema: Schema): Schema {
  const { type, innerType } = definition(schema)
  return wrappers.has(type) && innerType ? unwrap(innerType) : schema
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The member of a union of objects that a value means: by its discriminator, or for plain unions the one of the value's type; null when none. */
function member(schema: Schema, value: unknown): Schema | null {
  const { options = [], discriminator } = definition(schema)
  if (!isObject(value)) return options.find((option) => definition(unwrap(option)).type === 'object') ?? null
  if (discriminator === undefined) return options.find((option) => definition(unwrap(option)).type === 'object') ?? null
  return options.find((option) => kindsOf(option, discriminator).includes(value[discriminator])) ?? null
}

const kindsOf = (option: Schema, discriminator: string): readonly unknown[] => {
  const field = definition(unwrap(option)).shape?.[discriminator]
  return field ? (definition(unwrap(field)).values ?? []) : []
}

/** The schema of the value at a path, unions resolved by the values on the way; null where the schema knows no such place. */
export function schemaAt(schema: Schema, value: unknown, path: readonly PropertyKey[]): Schema | null {
  const here = unwrap(schema)
  const { type, shape, element, discriminator } = definition(here)
  if (path.length === 0) return schema
  const [key, ...rest] = path
  if (type === 'union') {
    if (discriminator !== undefined && key === discriminator && rest.length === 0) return here
    const chosen = member(here, value)
    return chosen ? schemaAt(chosen, value, path) : null
  }
  if (type === 'object') {
    const next = shape && Object.hasOwn(shape, key) ? shape[String(key)] : undefined
    return next ? schemaAt(next, isObject(value) ? value[String(key)] : undefined, rest) : null
  }
  if (type === 'array' && element) return schemaAt(element, Array.isArray(value) ? value[Number(key)] : undefined, rest)
  return null
}

/** The keys an object at a path may have; empty where it is not an object. */
export function keysAt(schema: Schema, value: unknown): readonly string[] {
  const here = unwrap(schema)
  const { type, shape } = definition(here)
  if (type === 'object' && shape) return Object.keys(shape)
  if (type === 'union') {
    const chosen = member(here, value)
    return chosen ? keysAt(chosen, value) : []
  }
  return []
}

const quoted = (value: unknown) => JSON.stringify(value)
const list = (words: readonly string[]) =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`

function describeNumber(checks: readonly CheckDefinition[]): string {
  const whole = checks.some(({ check }) => check === 'number_format')
  const low = checks.find(({ check }) => check === 'greater_than')
  const high = checks.find(({ check, value }) => check === 'less_than' && (value ?? 0) < 2 ** 53 - 1)
  const noun = whole ? 'an integer' : 'a number'
  if (whole && low && !low.inclusive && !high) return `${noun} ≥ ${(low.value ?? 0) + 1}`
  const lower = low ? ` ${low.inclusive ? '≥' : '>'} ${low.value}` : ''
  const upper = high ? ` ${high.inclusive ? '≤' : '<'} ${high.value}` : ''
  return `${noun}${lower}${lower && upper ? ' and' : ''}${upper}`
}

/** What would be right at a place, such as "an integer ≥ 1 or null". */
export function describe(schema: Schema): string {
  const { type, innerType, options = [], discriminator, element, items = [], values, entries, checks = [] } = definition(schema)
  const rules = checks.map((check) => check._zod.def)
  if (type === 'nullable' && innerType) return `${describe(innerType)} or null`
  if (wrappers.has(type) && innerType) return describe(innerType)
  if (type === 'number') return describeNumber(rules)
  if (type === 'string')
    return rules.some(({ check, minimum }) => check === 'min_length' && minimum === 1) ? 'a text that is not empty' : 'a text'
  if (type === 'boolean') return 'true or false'
  if (type === 'literal') return list((values ?? []).map(quoted))
  if (type === 'enum') return list(Object.values(entries ?? {}).map(quoted))
  if (type === 'array' && element) {
    const shortest = rules.find(({ check }) => check === 'min_length')?.minimum
    return `a list${shortest === undefined ? '' : ` of at least ${shortest}`}, each ${describe(element)}`
  }
  if (type === 'tuple') return `a list of ${items.length}: ${items.map(describe).join(', then ')}`
  if (type === 'union' && discriminator !== undefined)
    return `an object whose ${discriminator} is ${list(options.flatMap((option) => kindsOf(option, discriminator).map(quoted)))}`
  if (type === 'union') return list(options.map(describe))
  if (type === 'object') return `an object with ${list(keysAt(schema, {}))}`
  return `a ${type}`
}

/** What the discriminator of a union of objects may be. */
export function kindsAt(schema: Schema): readonly string[] | null {
  const { type, options = [], discriminator } = definition(unwrap(schema))
  if (type !== 'union' || discriminator === undefined) return null
  return options.flatMap((option) => kindsOf(option, discriminator).map(String))
}

/** The candidate nearest to a word in single-letter changes (Levenshtein 1966), if near enough to be meant. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const distances = candidates.map((candidate) => distance(word.toLowerCase(), candidate.toLowerCase()))
  const least = Math.min(...distances)
  return least <= Math.max(2, Math.floor(word.length / 3)) ? candidates[distances.indexOf(least)] : null
}

/** A value as it stands in a message: JSON, cut to a bearable length. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
