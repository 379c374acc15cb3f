// The accelerator: the machine's LAPACK where it has one, over the embedded backend's memory and small kernels.
import { LinalgError } from '../../interface'
import type { LinalgCore } from '../../routines/core'
import type { Linalg } from '../../interface'
import { candidates, type Candidate } from './candidates'
import { checkLibrary } from './check'
import { eigenSymmetric, eigenvalues } from './eigen'
import { choleskyInPlace, lq, qr, singularValues, solveCholeskyInPlace, solveTriangularInPlace } from './factorizations'
import type { Context } from './job'
import { loadLibrary, type Library } from './library'
import { createMemory } from './memory'
import { gemm, symv, syrk } from './products'

/** One library that was tried. */
export interface ProbedLibrary {
  readonly name: string
  readonly accepted: boolean
  /** What it is when it was accepted, otherwise why not. */
  readonly detail: string
}

export interface LapackProbe {
  readonly tried: readonly ProbedLibrary[]
  /** The first accepted library. */
  readonly library: Library | null
}

export interface ProbeOptions {
  /** Goes on after the first accepted library, for a complete list. */
  readonly all?: boolean
  /** Takes the unblocked reference library as well, which is slower than the embedded kernels (default false). */
  readonly acceptReference?: boolean
  readonly candidates?: readonly Candidate[]
}

/** Tries the candidates of this platform in order: loads each, looks up its routines, and checks its results on a small problem. */
export function probeLapack(options: ProbeOptions = {}): LapackProbe {
  const tried: ProbedLibrary[] = []
  let library: Library | null = null
  for (const candidate of options.candidates ?? candidates()) {
    if (library && !options.all) break
    try {
      const found = loadLibrary(candidate)
      found.setThreads(1)
      checkLibrary(found)
      if (!found.optimized && !options.acceptReference)
        throw new Error(`${found.description} is slower than the embedded kernels; SADDLESCOPE_BACKEND=lapack takes it all the same`)
      tried.push({ name: candidate.name, accepted: true, detail: found.description })
      library ??= found
    } catch (error) {
      tried.push({ name: candidate.name, accepted: false, detail: oneLine(error) })
    }
  }
  return { tried, library }
}

const oneLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0].trim()

/** The routines of the accelerator over an open embedded backend, whose memory it uses and which it disposes of. */
export function lapackOver(
  embedded: LinalgCore,
  library: Library,
  threads: number
): LinalgCore & Pick<Linalg, 'qr' | 'lq' | 'singularValues'> {
  const context: Context = { library, threads, memory: createMemory(embedded) }
  const used = library.setThreads(threads)
  let open = true
  const guarded =
    <Arguments extends unknown[], Result>(routine: (context: Context, ...values: Arguments) => Promise<Result>) =>
    async (...values: Arguments): Promise<Result> => {
      if (!open) throw new LinalgError('backend', 'this linear-algebra backend has been closed')
      return routine(context, ...values)
    }
  return {
    info: { kind: 'lapack', description: library.description, threads: used },
    allocate: (length) => embedded.allocate(length),
    release: (array) => embedded.release(array),
    get availableBytes() {
      return embedded.availableBytes
    },
    get memory() {
      return embedded.memory
    },
    gemmOuterBatch: (batch, options) => embedded.gemmOuterBatch(batch, options),
    mirrorUpperInPlace: (a, options) => embedded.mirrorUpperInPlace(a, options),
    gemm: guarded(gemm),
    syrk: guarded(syrk),
    symv: guarded(symv),
    choleskyInPlace: guarded(choleskyInPlace),
    solveTriangularInPlace: guarded(solveTriangularInPlace),
    solveCholeskyInPlace: guarded(solveCholeskyInPlace),
    eigenvalues: guarded(eigenvalues),
    eigenSymmetric: guarded(eigenSymmetric),
    qr: guarded(qr),
    lq: guarded(lq),
    singularValues: guarded(singularValues),
    dispose() {
      open = false
      return embedded.dispose()
    }
  }
}
