// The defaults of a spec's schema, where they exist: what each leaf would be if it were left out.
import { functionSpecSchema, isFunctionSpec, networkSpecSchema, type RunSpec } from './schema'
import { leaves } from './leaves'

type Tree = { [key: string]: unknown }

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((here, key) => (isTree(here) ? here[key] : undefined), value)
}

function without(value: Tree, [key, ...rest]: readonly string[]): Tree {
  if (rest.length === 0) return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
  const inner = value[key]
  return isTree(inner) ? { ...value, [key]: without(inner, rest) } : value
}

/** By dotted path as JSON text; leaves that must be given have none. Those of `optimizer` are the defaults of the spec's own kind. */
export function specDefaults(spec: RunSpec): ReadonlyMap<string, string> {
  const schema = isFunctionSpec(spec) ? functionSpecSchema : networkSpecSchema
  const found = new Map<string, string>()
  for (const path of leaves(spec).keys()) {
    const keys = path.split('.')
    const parsed = schema.safeParse(without(spec, keys))
    const value = parsed.success ? at(parsed.data, keys) : undefined
    if (value !== undefined) found.set(path, JSON.stringify(value))
  }
  return found
}
