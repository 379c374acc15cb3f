// What every call of the front passes: an open backend, no cancellation yet, results apart from their inputs.
import type { Backend } from '../core'
import { LinalgError, type CallOptions } from '../interface'
import type { Matrix } from '../matrix'
import { throwIfCancelled } from '../passes'
import { disposed } from '../refusals'
import { overlaps } from './checks'

export interface Gate {
  readonly backend: Backend
  /** A call's first step: throws when the backend has been closed or the call is cancelled already. */
  begin(options?: CallOptions): void
  /** Refuses an output that shares an entry with an input. */
  checkApart(routine: string, outputName: string, output: Matrix, inputName: string, input: Matrix): void
  /** From now on every call is refused. */
  close(): void
}

export function openGate(backend: Backend): Gate {
  let open = true
  return {
    backend,
    begin(options) {
      if (!open) throw disposed()
      throwIfCancelled(options)
    },
    checkApart(routine, outputName, output, inputName, input) {
      if (overlaps(output, input, backend.addressOf))
        throw new LinalgError('aliasing', `${routine}: the result ${outputName} overlaps the input ${inputName}; give it memory of its own`)
    },
    close: () => void (open = false)
  }
}
