// A spec with its faulty places replaced by something valid, so that the rules of everything else can be asked in the same breath.
import type { z } from 'zod'
import { definition, schemaAt, unwrap } from './describe'

type Schema = z.core.$ZodType
type Path = readonly PropertyKey[]

const fits = (schema: Schema, value: unknown) => (schema as z.ZodType).safeParse(value).success

/** The least value that a schema takes; undefined where leaving it out is right, or where none was found. */
function sample(schema: Schema): unknown {
  const { type, innerType, shape = {}, options = [], element, values = [], entries = {} } = definition(schema)
  if (type === 'default' || type === 'prefault' || type === 'optional') return undefined
  if (innerType) return sample(innerType)
  if (type === 'object') {
    const members = Object.entries(shape).map(([key, member]) => [key, sample(member)])
    const least = Object.fromEntries(members.filter(([, value]) => value !== undefined)) as Record<string, unknown>
    // Only a budget wants one of several members.
    return fits(schema, least) ? least : { ...least, steps: 1 }
  }
  if (type === 'union') return sample(options[0])
  if (type === 'array' && element)
    return [1, 2].map((count) => Array<unknown>(count).fill(sample(element))).find((list) => fits(schema, list))
  if (type === 'literal') return values[0]
  if (type === 'enum') return Object.values(entries)[0]
  if (type === 'boolean') return false
  return [1, 0.5, 0, 'x', '1 GB'].find((value) => fits(schema, value))
}

function ownerOf(root: unknown, path: Path): Record<PropertyKey, unknown> | null {
  let here = root
  for (const key of path.slice(0, -1)) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return null
    here = (here as Record<PropertyKey, unknown>)[key]
  }
  return typeof here === 'object' && here !== null ? (here as Record<PropertyKey, unknown>) : null
}

function mendIssue(schema: Schema, root: unknown, issue: z.core.$ZodIssue) {
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) delete ownerOf(root, [...issue.path, key])?.[key]
    return
  }
  // A kind that is none takes the whole object with it.
  const isKind = issue.code === 'invalid_union' && issue.path.at(-1) === 'kind'
  const path = isKind ? issue.path.slice(0, -1) : issue.path
  const place = schemaAt(schema, root, path)
  const owner = ownerOf(root, path)
  const key = path.at(-1)
  if (!place || !owner || key === undefined) return
  const least = sample(place) ?? (Array.isArray(owner) ? sample(unwrap(place)) : undefined)
  if (least === undefined) delete owner[key]
  else owner[key] = least
}

/** What the schema makes of the input once its faults are mended; null where that did not work out. */
export function mend<Output>(schema: z.ZodType<Output>, input: unknown): Output | null {
  const root = structuredClone(input)
  for (let round = 0; round < 4; round++) {
    const parsed = schema.safeParse(root)
    if (parsed.success) return parsed.data
    for (const issue of parsed.error.issues) mendIssue(schema, root, issue)
  }
  return null
}

/** Whether one of two dotted paths lies in the other. */
export function pathsMeet(a: string, b: string): boolean {
  return a === b || a === '' || b === '' || a.startsWith(`${b}.`) || b.startsWith(`${a}.`)
}
