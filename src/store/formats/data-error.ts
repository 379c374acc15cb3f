// The one error of everything that reads data from outside: a code for programs, one sentence for people that names file and place.

export class DataError extends Error {
  constructor(
    /** `bad-data`: the file is not what it should be; `bad-input`: the request does not fit it; `not-found`; `conflict`: something else has that name; `unavailable`: network or offline; `too-large`. */
    readonly code: 'bad-data' | 'bad-input' | 'not-found' | 'conflict' | 'unavailable' | 'too-large',
    message: string
  ) {
    // Messages quote what files and servers hold: control and invisible characters become `?`.
    super(message.replace(/\p{C}/gu, '?'))
    this.name = 'DataError'
  }
}

export function badData(message: string): DataError {
  return new DataError('bad-data', message)
}

/** Options that make no sense, or do not fit the file. */
export function badInput(message: string): DataError {
  return new DataError('bad-input', message)
}

/** `code` of a Node file-system or network error, or ''. */
export function errorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Words out of a file, short enough for a message. */
export function shown(words: string, length = 100): string {
  return words.length > length ? `${words.slice(0, length)}…` : words
}
