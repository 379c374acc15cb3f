// One router for every transport: checks the input against its schema, calls the handler, answers with data or an error, never throws.
import type { z } from 'zod'
import { methods, type ApiError, type MethodName, type MethodOutput, type Methods } from '../shared/api/contract'
import { describe, keysAt, nearest, schemaAt, shown } from '../shared/spec/describe'
import { Failure, toApiError } from './failure'

export interface HandlerOptions {
  readonly signal: AbortSignal
}

export type HandlerInput<Name extends MethodName> = z.output<Methods[Name]['input']>
export type Handlers = {
  readonly [Name in MethodName]: (input: HandlerInput<Name>, options: HandlerOptions) => Promise<MethodOutput<Name>>
}
/** A part of the handlers, as each domain's file provides it. */
export type HandlersOf<Name extends MethodName> = Pick<Handlers, Name>

export type Answer = { readonly ok: true; readonly data: unknown } | { readonly ok: false; readonly error: ApiError }

/** The sentence for an input that does not fit its schema. */
export function inputFault(schema: z.ZodType, input: unknown, what: string): Failure | null {
  const parsed = schema.safeParse(input)
  if (parsed.success) return null
  const issue = parsed.error.issues[0]
  const path = issue.path.map(String).join('.')
  const place = schemaAt(schema, input, issue.path)
  if (issue.code === 'unrecognized_keys') {
    const known = place ? keysAt(place, input) : []
    const near = nearest(issue.keys[0], known)
    return new Failure(
      'bad-request',
      `${what}: unknown key ${[path, issue.keys[0]].filter(Boolean).join('.')}${near === null ? '' : `; did you mean ${near}?`}`
    )
  }
  const wanted =
    issue.code === 'invalid_format' || issue.code === 'custom' ? issue.message : place ? `must be ${describe(place)}` : issue.message
  const value = issue.path.reduce<unknown>(
    (here, key) => (typeof here === 'object' && here !== null ? (here as Record<PropertyKey, unknown>)[key] : undefined),
    input
  )
  return new Failure('bad-request', `${what}: ${path === '' ? 'the input' : path} ${wanted}, got ${shown(value)}`)
}

function isMethod(name: string): name is MethodName {
  return Object.hasOwn(methods, name)
}

export type Router = (method: string, input: unknown, signal: AbortSignal) => Promise<Answer>

export function createRouter(handlers: Handlers): Router {
  async function callChecked<Name extends MethodName>(name: Name, input: unknown, signal: AbortSignal): Promise<Answer> {
    const schema: z.ZodType = methods[name].input
    const fault = inputFault(schema, input, name)
    if (fault) return { ok: false, error: toApiError(fault) }
    const parsed = schema.parse(input) as HandlerInput<Name>
    return { ok: true, data: await handlers[name](parsed, { signal }) }
  }
  return async (method, input, signal) => {
    try {
      if (!isMethod(method)) throw new Failure('bad-request', `there is no method ${shown(method)}`)
      return await callChecked(method, input ?? {}, signal)
    } catch (error) {
      return { ok: false, error: signal.aborted ? { code: 'cancelled', message: `${method} was cancelled` } : toApiError(error) }
    }
  }
}
