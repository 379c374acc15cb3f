// The tree of a spec's fields, walked from the schema: what a form shows, and what the help must cover.
import type { z } from 'zod'
import { definition, describe, unwrap } from './describe'
import { functionSpecSchema, networkSpecSchema } from './schema'

type Schema = z.core.$ZodType

/** One kind of a choice with the fields that only it has. */
export interface Alternative {
  readonly value: string
  readonly fields: readonly Field[]
}

export type FieldShape =
  | { readonly type: 'group'; readonly fields: readonly Field[] }
  /** An object whose `kind` says which fields it has. */
  | { readonly type: 'choice'; readonly alternatives: readonly Alternative[] }
  | { readonly type: 'list'; readonly item: Field }
  | { readonly type: 'number' }
  | { readonly type: 'text' }
  /** A number, or text such as an expression or "all". */
  | { readonly type: 'word' }
  | { readonly type: 'switch' }
  | { readonly type: 'select'; readonly values: readonly string[] }
  /** A text, or an object in its place. */
  | { readonly type: 'either'; readonly fields: readonly Field[] }
  | { readonly type: 'constant'; readonly value: unknown }

export interface Field {
  readonly key: string
  /** Where help is looked up: keys with dots, `[]` for the items of a list. */
  readonly path: string
  readonly shape: FieldShape
  readonly nullable: boolean
  /** The spec is not complete without it. */
  readonly required: boolean
  /** What stands for it when it is left out; undefined when it is required or simply absent. */
  readonly fallback: unknown
  /** What would be right, in words. */
  readonly wanted: string
}

interface Wrapping {
  readonly nullable: boolean
  readonly required: boolean
  readonly fallback: unknown
}

function wrappingOf(schema: Schema, found: Wrapping = { nullable: false, required: true, fallback: undefined }): Wrapping {
  const { type, innerType, defaultValue } = definition(schema)
  if (!innerType) return found
  if (type === 'nullable') return wrappingOf(innerType, { ...found, nullable: true })
  if (type === 'optional') return wrappingOf(innerType, { ...found, required: false })
  if (type === 'default' || type === 'prefault') return wrappingOf(innerType, { ...found, required: false, fallback: defaultValue })
  return found
}

const objectFields = (shape: Readonly<Record<string, Schema>>, path: string, without?: string): Field[] =>
  Object.entries(shape)
    .filter(([key]) => key !== without)
    .map(([key, schema]) => fieldOf(schema, key, path === '' ? key : `${path}.${key}`))

function shapeOf(schema: Schema, path: string): FieldShape {
  const { type, shape = {}, options = [], discriminator, element, items = [], values = [], entries = {} } = definition(schema)
  if (type === 'object') return { type: 'group', fields: objectFields(shape, path) }
  if (type === 'union' && discriminator !== undefined)
    return {
      type: 'choice',
      alternatives: options.map((option) => {
        const members = definition(unwrap(option)).shape ?? {}
        const [value] = definition(unwrap(members[discriminator])).values ?? []
        return { value: String(value), fields: objectFields(members, path, discriminator) }
      })
    }
  if (type === 'union') {
    const isObject = (option: Schema) => definition(unwrap(option)).type === 'object'
    if (!options.some(isObject)) return { type: 'word' }
    return { type: 'either', fields: options.map((option) => fieldOf(option, '', path)) }
  }
  if (type === 'array' && element) return { type: 'list', item: fieldOf(element, '', `${path}[]`) }
  if (type === 'tuple' && items.length > 0) return { type: 'list', item: fieldOf(items[0], '', `${path}[]`) }
  if (type === 'number') return { type: 'number' }
  if (type === 'boolean') return { type: 'switch' }
  if (type === 'enum') return { type: 'select', values: Object.values(entries).map(String) }
  if (type === 'literal') return { type: 'constant', value: values[0] }
  if (type === 'string') return { type: 'text' }
  throw new Error(`the form knows no field for a schema of type ${type} (${path})`)
}

function fieldOf(schema: Schema, key: string, path: string): Field {
  return { key, path, shape: shapeOf(unwrap(schema), path), ...wrappingOf(schema), wanted: describe(schema) }
}

/** The fields of any object's schema. */
export const fieldsOf = (schema: Schema): readonly Field[] => objectFields(definition(schema).shape ?? {}, '')

/** The fields of a spec that trains a network on data. */
export const networkFields = fieldsOf(networkSpecSchema)
/** The fields of a spec that goes down a function. */
export const functionFields = fieldsOf(functionSpecSchema)

/** A field, and everything below it. */
export function withDescendants(field: Field): Field[] {
  const { shape } = field
  const below =
    shape.type === 'choice'
      ? shape.alternatives.flatMap(({ fields }) => fields)
      : shape.type === 'group' || shape.type === 'either'
        ? shape.fields
        : shape.type === 'list'
          ? [shape.item]
          : []
  return [field, ...below.flatMap(withDescendants)]
}

/** The kind that a choice is of: the value's own, or its default's; null where there is none. */
export function kindOf(field: Field, value: unknown): string | null {
  const of = (one: unknown) => (typeof one === 'object' && one !== null && 'kind' in one ? String(one.kind) : null)
  return of(value) ?? of(field.fallback)
}
