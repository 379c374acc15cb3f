// Whether this machine has a LAPACK library that the accelerator takes, and which, for tests and benches of every backend.
import { findBundled, openLinalg } from '../../../src/engine/linalg'

/** Null when it has one, else why not. */
export async function lapackFault(): Promise<string | null> {
  try {
    await (await openLinalg({ backend: 'lapack', threads: 1 })).dispose()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

export interface LibraryHere {
  readonly source: 'bundled' | 'system'
  /** What SADDLESCOPE_LAPACK would say. */
  readonly file: string
}

/** The fetched library and the system's, as far as there are any that compute. */
export async function librariesHere(): Promise<readonly LibraryHere[]> {
  // The accelerator's code needs koffi, which has no binary for some platforms.
  const lapack = await import('../../../src/engine/linalg/backends/lapack').catch(() => null)
  if (lapack === null) return []
  const { tried } = lapack.probeLapack({ all: true, named: '' })
  const usable = tried.filter(({ accepted, files }) => accepted && files.length === 1)
  return (['bundled', 'system'] as const).flatMap((source) => {
    const found = usable.find((one) => one.source === source)
    return found ? [{ source, file: found.files[0] }] : []
  })
}

/** Why the fetched library is not among them; null when it is. */
export function bundledFault(here: readonly LibraryHere[]): string | null {
  if (here.some(({ source }) => source === 'bundled')) return null
  return findBundled() === null ? 'OpenBLAS is not fetched: npm run fetch-openblas' : 'the fetched OpenBLAS cannot be used'
}
