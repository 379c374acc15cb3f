// The accelerator: the machine's LAPACK where it has one, over the embedded backend's memory and small kernels.
import type { Backend, BandKernels, LinalgCore } from '../../core'
import { findBundled } from './bundled'
import { candidates, type Candidate, type LibrarySource } from './candidates'
import { checkLibrary } from './check'
import { eigenSymmetric, eigenvalues } from './eigen'
import { choleskyInPlace, lq, qr, singularValues, solveCholeskyInPlace, solveTriangularInPlace } from './factorizations'
import { adviseEmbedded } from './huge-pages'
import type { Context } from './job'
import { leastSquares, pseudoinverse } from './least-squares'
import { openLarge } from './large'
import { loadLibrary, type Library } from './library'
import { createMemory } from './memory'
import { gemmOuterBatch } from './outer-batch'
import { twoStageOf } from './threads'
import { gemm, symv, syrk } from './products'
import { tridiagonalize } from './reduce'
import { messageOf } from '../../../../shared/format/message-of'

/** Counted up with every change of these files that changes a bit of a result: it is part of the description, by which runs and stages tell whether they go on alike. */
const numericsVersion = 2

/** One library that was tried. */
export interface ProbedLibrary {
  readonly name: string
  readonly source: LibrarySource
  readonly files: readonly string[]
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
  /** The one library to try, instead of what SADDLESCOPE_LAPACK names. */
  readonly named?: string
}

const candidatesHere = (named = process.env.SADDLESCOPE_LAPACK): readonly Candidate[] =>
  candidates({ platform: process.platform, named, bundled: findBundled() })

/** Tries the candidates of this platform in order: loads each, looks up its routines, and checks its results on a small problem. */
export function probeLapack(options: ProbeOptions = {}): LapackProbe {
  const tried: ProbedLibrary[] = []
  let library: Library | null = null
  for (const candidate of options.candidates ?? candidatesHere(options.named)) {
    if (library && !options.all) break
    try {
      const found = loadLibrary(candidate)
      found.setThreads(1)
      checkLibrary(found)
      if (!found.optimized && !options.acceptReference)
        throw new Error(`${found.description} is slower than the embedded kernels; SADDLESCOPE_BACKEND=lapack takes it all the same`)
      tried.push({ ...candidate, accepted: true, detail: found.description })
      library ??= found
    } catch (error) {
      tried.push({ ...candidate, accepted: false, detail: oneLine(error) })
    }
  }
  return { tried, library }
}

const oneLine = (error: unknown): string => messageOf(error).split('\n')[0].trim()

/** What the accelerator takes from the embedded backend: memory, and kernels that no library has. */
type Embedded = Pick<
  LinalgCore,
  | 'kernels'
  | 'allocate'
  | 'release'
  | 'availableBytes'
  | 'memory'
  | 'addressOf'
  | 'gemmOuterBatch'
  | 'spread'
  | 'mirrorUpperInPlace'
  | 'dispose'
> &
  BandKernels

/** The accelerator over an open embedded backend, which it disposes of. `twoStage`: from which order eigenproblems take two stages, where not as measured for the library. */
export function lapackOver(embedded: Embedded, library: Library, threads: number, twoStage = twoStageOf(library)): Backend {
  adviseEmbedded(embedded)
  const context: Context = { library, threads, memory: createMemory(embedded), kernels: embedded, twoStage }
  return {
    // Whose batched products are native is part of it: their bits are others.
    info: {
      kind: 'lapack',
      description: `${library.description}${library.multiplyBatch ? ', batched products' : ''}, calls ${numericsVersion}`,
      threads: library.setThreads(threads)
    },
    kernels: embedded.kernels,
    allocate: embedded.allocate,
    release: embedded.release,
    get availableBytes() {
      return embedded.availableBytes
    },
    get memory() {
      return embedded.memory
    },
    addressOf: embedded.addressOf,
    spread: embedded.spread,
    mirrorUpperInPlace: embedded.mirrorUpperInPlace,
    gemmOuterBatch: (...given) => gemmOuterBatch(context, embedded, ...given),
    gemm: (...given) => gemm(context, ...given),
    syrk: (...given) => syrk(context, ...given),
    symv: (...given) => symv(context, ...given),
    choleskyInPlace: (...given) => choleskyInPlace(context, ...given),
    solveTriangularInPlace: (...given) => solveTriangularInPlace(context, ...given),
    solveCholeskyInPlace: (...given) => solveCholeskyInPlace(context, ...given),
    eigenvalues: (...given) => eigenvalues(context, ...given),
    eigenSymmetric: (...given) => eigenSymmetric(context, ...given),
    tridiagonalize: (...given) => tridiagonalize(context, ...given),
    qr: (...given) => qr(context, ...given),
    lq: (...given) => lq(context, ...given),
    singularValues: (...given) => singularValues(context, ...given),
    leastSquares: (...given) => leastSquares(context, ...given),
    pseudoinverse: (...given) => pseudoinverse(context, ...given),
    openLarge: (order, vectors) => openLarge(context, order, vectors),
    dispose: embedded.dispose
  }
}
