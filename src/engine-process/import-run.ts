// Takes a run or an array into the workspace, with the eigenvalues that an array comes without.
import { openLinalg, type Matrix } from '../engine/linalg'
import type { Workspace } from '../store'
import { importPath } from '../store/transfer'

export interface ImportRunOptions {
  readonly id?: string
  readonly signal?: AbortSignal
  readonly onPhase?: (phase: 'importing' | 'eigenvalues') => void
  readonly onProgress?: (fraction: number) => void
}

/** A run folder, a zip of one, or a .npy array; returns the new run's id. Throws one sentence. */
export async function importRunWithSpectrum(workspace: Workspace, path: string, options: ImportRunOptions = {}): Promise<string> {
  const { id, signal, onPhase, onProgress } = options
  let linalg: Awaited<ReturnType<typeof openLinalg>> | null = null
  onPhase?.('importing')
  try {
    return await importPath(workspace, path, {
      ...(id === undefined ? {} : { id }),
      signal,
      onProgress,
      async eigenvalues(matrix: Matrix) {
        linalg ??= await openLinalg()
        onPhase?.('eigenvalues')
        return linalg.eigenvalues(matrix, { signal, onProgress })
      }
    })
  } finally {
    await (linalg as Awaited<ReturnType<typeof openLinalg>> | null)?.dispose()
  }
}
