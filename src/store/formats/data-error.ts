// Faults of data from outside: one sentence that names file and place.
import { StorageError } from '../files'
import { messageOf } from '../../shared/format/message-of'

/** The file is not what it should be. */
export function badData(message: string): StorageError {
  return new StorageError('bad-data', message)
}

/** Options that make no sense, or do not fit the file. */
export function badInput(message: string): StorageError {
  return new StorageError('bad-input', message)
}

export function errorMessage(error: unknown): string {
  return messageOf(error)
}

/** Words out of a file, short enough for a message. */
export function shown(words: string, length = 100): string {
  return words.length > length ? `${words.slice(0, length)}…` : words
}
