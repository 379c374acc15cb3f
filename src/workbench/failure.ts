// How a call fails: a code for programs, a sentence for people; found from whatever was thrown.
import type { ApiError } from '../shared/api/contract'
import type { SpecProblem } from '../shared/spec/problem'

type Code = ApiError['code']

/** Thrown by handlers where the store's or engine's own errors would not say it. */
export class Failure extends Error {
  constructor(
    readonly code: Code,
    message: string,
    readonly problems?: readonly SpecProblem[]
  ) {
    super(message)
    this.name = 'Failure'
  }
}

/** Codes of the errors of lower floors (storage, data, linear algebra, expressions), as the API names them. */
const codes: Readonly<Record<string, Code>> = {
  'bad-input': 'bad-request',
  'bad-data': 'bad-request',
  'too-large': 'bad-request',
  damaged: 'bad-request',
  'not-found': 'not-found',
  locked: 'conflict',
  conflict: 'conflict',
  'other-backend': 'conflict',
  'disk-full': 'unavailable',
  denied: 'unavailable',
  vanished: 'unavailable',
  io: 'unavailable',
  unavailable: 'unavailable',
  'out-of-memory': 'unavailable',
  cancelled: 'cancelled'
}

/** Errors that mean the input was wrong. */
const inputErrors = new Set(['ExpressionError', 'FilterError', 'NpyError'])

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || ('code' in error && error.code === 'cancelled'))
}

/** The answer for anything thrown. Errors nobody foresaw keep their message, under code `internal`. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof Failure) return { code: error.code, message: error.message, ...(error.problems ? { problems: error.problems } : {}) }
  if (isAbort(error)) return { code: 'cancelled', message: 'the call was cancelled' }
  if (!(error instanceof Error)) return { code: 'internal', message: String(error) }
  if (error.name === 'SpecFault' && 'problems' in error)
    return { code: 'bad-request', message: error.message, problems: error.problems as readonly SpecProblem[] }
  const own = 'code' in error && typeof error.code === 'string' ? codes[error.code] : undefined
  return { code: own ?? (inputErrors.has(error.name) ? 'bad-request' : 'internal'), message: error.message }
}
