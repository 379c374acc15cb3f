// Whether this machine has a LAPACK library that the accelerator takes, for tests and benches of both backends.
import { openLinalg } from '../../../src/engine/linalg'

/** Null when it has one, else why not. */
export async function lapackFault(): Promise<string | null> {
  try {
    await (await openLinalg({ backend: 'lapack', threads: 1 })).dispose()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
