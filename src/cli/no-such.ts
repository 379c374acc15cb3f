// What is said of a name that is not there: the one that was probably meant, or all there are.
import { nearest } from '../shared/spec/describe'
import { UsageError } from './ending'

/** `what` leads to the name, such as "there is no report". */
export function noSuch(what: string, name: string, names: readonly string[]): UsageError {
  const near = nearest(name, names)
  return new UsageError(`${what} "${name}"${near ? `; did you mean ${near}?` : `; there are ${names.join(', ')}`}`)
}
