// What a form does to a spec: values at paths, kinds with their starters, defaults left out, and numbers and lists as people type them.
import { kindOf, type Field } from '../../../shared/spec/fields'
import { helpOf } from '../../../shared/spec/help'
import type { JsonPath } from './json-text'

type Json = Record<string, unknown>
export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value at a path; undefined where nothing stands. */
export function valueAt(value: unknown, path: JsonPath): unknown {
  return path.reduce<unknown>((here, key) => {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined
    return (here as Record<string | number, unknown>)[key]
  }, value)
}

/** The fields that a value of this field has: those of a group, or of the choice's kind. */
export function fieldsIn({ shape, ...field }: Field, value: unknown): readonly Field[] {
  if (shape.type === 'group') return shape.fields
  if (shape.type === 'either') return isObject(value) ? shape.fields.flatMap((one) => fieldsIn(one, value)) : []
  if (shape.type !== 'choice') return []
  const kind = kindOf({ shape, ...field }, value)
  return shape.alternatives.find((one) => one.value === kind)?.fields ?? []
}

const nested = (path: JsonPath, value: unknown): unknown => path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)

/** The edit that sets a value: objects that are missing on the way come with the kind that their default has. */
export function editOf(fields: readonly Field[], spec: unknown, path: JsonPath, value: unknown): { path: JsonPath; value: unknown } {
  let [here, list] = [spec, fields]
  for (let depth = 0; depth < path.length - 1; depth++) {
    const field = list.find(({ key }) => key === path[depth])
    const next = valueAt(here, [path[depth]])
    if (!isObject(next) && !Array.isArray(next)) {
      const rest = nested(path.slice(depth + 1), value)
      const base = isObject(field?.fallback) ? field.fallback : {}
      return { path: path.slice(0, depth + 1), value: { ...base, ...(rest as Json) } }
    }
    here = next
    const item = field?.shape.type === 'list' ? field.shape.item : null
    list = field ? (item ? [{ ...item, key: String(path[depth + 1]) }] : fieldsIn(field, next)) : []
  }
  return { path, value }
}

/** A value of a kind to begin with: what the kind needs and has no default for. */
export function starterOf(fields: readonly Field[], kind: string): Json {
  const needed = fields.filter(({ required, shape }) => required && shape.type !== 'constant')
  return { kind, ...Object.fromEntries(needed.map((field) => [field.key, helpOf(field).start ?? ''])) }
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** The value of a field without what its defaults say anyway; undefined when nothing is left to say. */
function withoutDefault(field: Field, value: unknown): unknown {
  const { shape, fallback, required } = field
  let kept = value
  if (isObject(value)) {
    const fields = fieldsIn(field, value)
    const members = Object.entries(value).map(([key, member]) => {
      const known = fields.find((one) => one.key === key)
      return [key, known ? withoutDefault(known, member) : member] as const
    })
    kept = Object.fromEntries(members.filter(([, member]) => member !== undefined))
  } else if (shape.type === 'list' && Array.isArray(value))
    kept = value.map((item) => withoutDefault({ ...shape.item, required: true }, item))
  return !required && fallback !== undefined && (same(kept, fallback) || same(value, fallback)) ? undefined : kept
}

/** A spec that says only what its defaults do not. */
export function withoutDefaults(fields: readonly Field[], spec: unknown): unknown {
  if (!isObject(spec)) return spec
  const members = Object.entries(spec).map(([key, value]) => {
    const field = fields.find((one) => one.key === key)
    return [key, field ? withoutDefault(field, value) : value] as const
  })
  return Object.fromEntries(members.filter(([, value]) => value !== undefined))
}

const numeral = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** What was typed: a number where it is one, else the text, so that the check can say what is wrong with it. */
export const readNumeral = (text: string): number | string => (numeral.test(text.trim()) ? Number(text) : text)

/** Items with commas between. `none` stands for null. */
export function readList(text: string, item: Field): unknown[] {
  const none = helpOf(item).none?.toLowerCase()
  if (text.trim() === '') return []
  return text
    .split(',')
    .map((part) => part.trim())
    .map((part) => {
      if (item.nullable && (part.toLowerCase() === none || part === 'null')) return null
      return item.shape.type === 'number' ? readNumeral(part) : part
    })
}

/** A value as it stands in a field. */
export function shownValue(field: Field, value: unknown): string {
  if (value === undefined) return ''
  if (field.shape.type === 'list' && Array.isArray(value)) {
    const { item } = field.shape
    return value.map((one) => (one === null ? (helpOf(item).none ?? 'null') : String(one))).join(', ')
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** What was typed into a field's line of text. */
export function readText(field: Field, text: string): unknown {
  if (field.shape.type === 'list') return readList(text, field.shape.item)
  return field.shape.type === 'number' || field.shape.type === 'word' ? readNumeral(text) : text
}
