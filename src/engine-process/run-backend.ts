// The linear algebra that a run was computed with, opened again.
import { openLinalg, type Linalg } from '../engine/linalg'
import type { RunStatus } from '../shared/run/schema'

/** The recorded kind with the recorded threads; null where nothing is recorded. Rejects where it is not to be had here. */
export function openRecorded(recorded: RunStatus['backend']): Promise<Linalg> | null {
  if (recorded === null || (recorded.kind !== 'wasm' && recorded.kind !== 'lapack')) return null
  const fused = recorded.kind === 'wasm' && recorded.description.endsWith('(fused)')
  return openLinalg({ backend: fused ? 'wasm-256-fma' : recorded.kind, threads: recorded.threads })
}
