// From anything to a complete run spec, or to every fault in it: path, what is wrong, what would be right.
import type { z } from 'zod'
import { describe, keysAt, kindsAt, nearest, schemaAt, shown, unwrap } from './describe'
import { defaultDifference } from './optimizers'
import type { SpecProblem } from './problem'
import { mend } from './mend'
import { ruleProblems } from './rules'
import { currentSchemaVersion, functionSpecSchema, networkSpecSchema, type RunSpec } from './schema'

export interface CheckedSpec {
  /** Complete, defaults filled in; null when there is a problem. */
  readonly spec: RunSpec | null
  readonly problems: readonly SpecProblem[]
  /** The spec as far as its fields are right by themselves, also where rules are broken; null where a field is not. */
  readonly parsed: RunSpec | null
}

const refused = (...problems: SpecProblem[]): CheckedSpec => ({ spec: null, problems, parsed: null })

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let here = value
  for (const key of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined
    here = (here as Record<PropertyKey, unknown>)[key]
  }
  return here
}

const dotted = (path: readonly PropertyKey[]) => path.map(String).join('.')

function unknownKey(schema: z.core.$ZodType, input: unknown, path: readonly PropertyKey[], key: string): SpecProblem {
  const place = schemaAt(schema, input, path)
  const owner = valueAt(input, path)
  const keys = place ? keysAt(place, owner) : []
  const near = nearest(key, keys)
  const kind = place && kindsAt(place) && typeof owner === 'object' && owner !== null && 'kind' in owner ? `${String(owner.kind)} ` : ''
  const hint = near === null ? `; ${kind}takes ${keys.join(', ')}` : `; did you mean "${near}"?`
  return { path: dotted([...path, key]), message: `unknown key${hint}` }
}

function missing(schema: z.core.$ZodType | null): string {
  return `is missing, must be ${schema ? describe(schema) : 'given'}`
}

function fromIssue(schema: z.core.$ZodType, input: unknown, issue: z.core.$ZodIssue): SpecProblem[] {
  const path = dotted(issue.path)
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(schema, input, issue.path, key))
  // A plain union whose object member fits but for its content: that member's own faults say more than the union's.
  const value = valueAt(input, issue.path)
  if (issue.code === 'invalid_union' && issue.errors.length > 0 && typeof value === 'object' && value !== null) {
    const inner = issue.errors.find((errors) => errors.every((error) => error.path.length > 0 || error.code === 'unrecognized_keys'))
    if (inner)
      return inner.flatMap((error) => fromIssue(schema, input, { ...error, path: [...issue.path, ...error.path] } as z.core.$ZodIssue))
  }
  const place = schemaAt(schema, input, issue.path)
  const kinds = place && kindsAt(unwrap(place))
  if (issue.code === 'invalid_union' && kinds && issue.path.at(-1) === 'kind') {
    if (value === undefined) return [{ path, message: `is missing, must be one of ${kinds.join(', ')}` }]
    const near = typeof value === 'string' ? nearest(value, kinds) : null
    return [{ path, message: `must be one of ${kinds.join(', ')}, got ${shown(value)}${near === null ? '' : `; did you mean "${near}"?`}` }]
  }
  if (value === undefined) return [{ path, message: missing(place) }]
  if (issue.code === 'custom' || issue.code === 'invalid_format')
    return [{ path, message: `${issue.message}${typeof value === 'object' ? '' : `, got ${shown(value)}`}` }]
  if (!place) return [{ path, message: issue.message }]
  return [{ path, message: `must be ${describe(place)}, got ${shown(value)}` }]
}

/** Every fault that a schema finds in an input, told as faults of a spec are. */
export function schemaProblems(schema: z.ZodType, input: unknown): SpecProblem[] {
  const read = schema.safeParse(input)
  return read.success ? [] : read.error.issues.flatMap((issue) => fromIssue(schema, input, issue))
}

function isFunctionInput(input: object): boolean {
  return 'problem' in input && !('data' in input || 'model' in input)
}

/**
 * Fills in defaults and names every fault, never throws: unknown keys (with the nearest known one), wrong types and ranges, fields that do not
 * go together, expressions that are none. What only the data can tell (widths, classes) is found when the data is opened.
 */
export async function checkSpec(input: unknown): Promise<CheckedSpec> {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return refused({ path: '', message: `a run spec must be a JSON object, got ${shown(input)}` })
  const version = (input as { schemaVersion?: unknown }).schemaVersion
  if (typeof version === 'number' && version > currentSchemaVersion)
    return refused({
      path: 'schemaVersion',
      message: `this spec is of version ${version}, newer than the ${currentSchemaVersion} that this Saddlescope runs: it can be looked at, but not run; use a newer Saddlescope`
    })
  if ('problem' in input && !isFunctionInput(input))
    return refused({ path: 'problem', message: 'a function in place of a network leaves out data, model, loss and batch' })
  const schema: z.ZodType<RunSpec> = isFunctionInput(input) ? functionSpecSchema : networkSpecSchema
  const read = schema.safeParse(input)
  if (!read.success) return refused(...(await allProblems(schema, input, read.error.issues)))
  const parsed = inOrder(withDependentDefaults(read.data))
  const problems = await ruleProblems(parsed)
  return { spec: problems.length === 0 ? parsed : null, problems, parsed }
}

/** The faults of fields, and the rules that the other fields break: told together. */
async function allProblems(schema: z.ZodType<RunSpec>, input: object, issues: readonly z.core.$ZodIssue[]): Promise<SpecProblem[]> {
  const faults = issues.flatMap((issue) => fromIssue(schema, input, issue))
  const mended = mend(schema, input)
  if (!mended) return faults
  const faulty = faults.map(({ path }) => path)
  return [...faults, ...(await ruleProblems(mended, faulty))]
}

/** Defaults that hang on another field, so that a stored spec says all. */
function withDependentDefaults(spec: RunSpec): RunSpec {
  const { optimizer } = spec
  if (optimizer.kind === 'fd-newton' && optimizer.mode === 'finite-difference' && optimizer.r === undefined)
    return { ...spec, optimizer: { ...optimizer, r: defaultDifference } }
  return spec
}

const keyOrder = ['schemaVersion', 'name', 'seed', 'tags', 'problem', 'data', 'model', 'loss', 'regularization', 'batch', 'optimizer']

/** The same spec with its keys in the order in which people read them. */
function inOrder(spec: RunSpec): RunSpec {
  const place = ([key]: [string, unknown]) => (keyOrder.includes(key) ? keyOrder.indexOf(key) : keyOrder.length)
  return Object.fromEntries(Object.entries(spec).sort((a, b) => place(a) - place(b))) as RunSpec
}
