// Native calls on koffi's own threads, off the event loop.
import type { Foreign } from './symbols'

/** The arrays stay referenced by this closure until the call is over. */
export function inBackground(routine: Foreign, pointers: readonly unknown[]): Promise<void> {
  return new Promise((resolve, reject) => {
    routine.async(...pointers, (error: unknown) => {
      if (pointers.length > 0 && error) reject(error instanceof Error ? error : new Error(String(error)))
      else resolve()
    })
  })
}
