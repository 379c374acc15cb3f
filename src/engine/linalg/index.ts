// Chooses the linear-algebra backend of this process.
import { defaultLinalg, type LinalgChoice } from '../../shared/linalg-choice'
import { cores } from './cores'
import { openFront } from './front'
import { LinalgError, type KernelBuild, type Linalg } from './interface'

export {
  LinalgError,
  type BackendInfo,
  type CallOptions,
  type GemmOuterBatch,
  type BandForm,
  type LargeSymmetric,
  type Linalg,
  type Owned,
  type SymmetricEigen
} from './interface'
export { addressableBytes } from './backends/wasm/webassembly'
export { releaseAll } from './front/owned'
export { multiply, productsFor, type Products } from './front/small'
export { block, matrix, normInfinity, rowOf, rowsAt, transposed, type Matrix } from './matrix'
export { inverseRoot, type InverseRoot } from './routines/inverse-root'
export { resolventSum, type Resolvent } from './routines/resolvents'
export { openKernels, type KernelMemory } from './backends/wasm/here'
export { programsFolder } from './backends/wasm/files'
export type { Kernels } from './backends/wasm/webassembly'
export { findBundled } from './backends/lapack/bundled'
export { requireBytes } from './refusals'
export { cores } from './cores'

/** `wasm`: of the embedded kernels the faster build of those with the same bits; a wide one by its own name, or not at all. */
type Asked = 'auto' | 'wasm' | 'wasm-256' | 'wasm-256-fma' | 'lapack'
const words: readonly string[] = ['auto', 'wasm', 'wasm-256', 'wasm-256-fma', 'lapack'] satisfies Asked[]

export interface BackendChoice {
  /** `auto`: lapack where one is found and passes its check, else wasm. */
  readonly backend?: Asked
  /** Default: the number of cores, at least 1. */
  readonly threads?: number
  /** The one native library to try (a path or a name), instead of what SADDLESCOPE_LAPACK names. */
  readonly library?: string
  /** The one build of the embedded kernels to take, also `wasm`. */
  readonly kernels?: KernelBuild
}

let preferred: LinalgChoice = defaultLinalg

/** From now on `auto` means this backend in this process, where SADDLESCOPE_BACKEND names none, and unsaid threads mean so many. */
export function preferLinalg(choice: LinalgChoice) {
  preferred = choice
}

function asked(choice: BackendChoice): Asked {
  if (choice.backend && choice.backend !== 'auto') return choice.backend
  const variable = process.env.SADDLESCOPE_BACKEND
  if (!variable) return preferred.backend
  if (words.includes(variable)) return variable as Asked
  throw new LinalgError('backend', `SADDLESCOPE_BACKEND must be wasm, wasm-256, wasm-256-fma, lapack or auto, got "${variable}"`)
}

/**
 * Opens a backend. The environment variable SADDLESCOPE_BACKEND (wasm | wasm-256 | wasm-256-fma | lapack) answers for `auto`, and SADDLESCOPE_LAPACK names the one library to try.
 * `auto` never fails for want of a library; `lapack` rejects with code `backend` and says what was tried. Each backend has its own memory and
 * threads: open one a process, and `dispose` of it.
 */
export async function openLinalg(choice: BackendChoice = {}): Promise<Linalg> {
  const kind = asked(choice)
  const threads = Math.max(1, Math.floor(choice.threads ?? preferred.threads ?? cores()))
  const { openWasm } = await import('./backends/wasm')
  const { kernels } = choice
  if (kind === 'wasm') return openFront(await openWasm({ threads, kernels }))
  if (kind === 'wasm-256' || kind === 'wasm-256-fma') return openFront(await openWasm({ threads, kernels: kind }))
  const lapack = await loadLapack()
  const probe = 'problem' in lapack ? null : lapack.probeLapack({ acceptReference: kind === 'lapack', named: choice.library })
  if ('problem' in lapack || !probe?.library) {
    if (kind === 'auto') return openFront(await openWasm({ threads, kernels }))
    const why = 'problem' in lapack ? lapack.problem : reasons(probe?.tried ?? [])
    throw new LinalgError('backend', `no LAPACK library can be used (${why}); SADDLESCOPE_BACKEND=wasm needs none`)
  }
  return openFront(lapack.lapackOver(await openWasm({ threads, kernels }), probe.library, threads))
}

/** The embedded kernels on the calling thread alone, for threads that each work on small problems of their own; the bits of `wasm` on one thread. */
export const openHere = async (): Promise<Linalg> => openFront(await (await import('./backends/wasm')).openWasm({ here: true }))

/** The native library that `auto` takes where no choice stands against it. */
export interface NativeLibrary {
  readonly kind: 'OpenBLAS' | 'MKL' | 'Accelerate' | 'reference'
  readonly version: string | null
  /** The processor that OpenBLAS chose its kernels for. */
  readonly core: string | null
  readonly source: 'named' | 'bundled' | 'system'
  /** A path, or the name it was found by. */
  readonly file: string
}

export interface NativeSearch {
  readonly library: NativeLibrary | null
  /** Why there is none, one sentence; null when there is one. */
  readonly none: string | null
  /** False when the user asked for the embedded kernels. */
  readonly wanted: boolean
}

/** Looks for a native library as `openLinalg` does, without opening a backend. */
export async function findNativeLibrary(): Promise<NativeSearch> {
  const chosen = asked({})
  if (chosen !== 'auto' && chosen !== 'lapack')
    return {
      library: null,
      none: `${process.env.SADDLESCOPE_BACKEND ? `SADDLESCOPE_BACKEND=${chosen} asks` : 'Settings ask'} for them`,
      wanted: false
    }
  const lapack = await loadLapack()
  if ('problem' in lapack) return { library: null, none: lapack.problem, wanted: true }
  const { tried, library } = lapack.probeLapack({ acceptReference: chosen === 'lapack' })
  if (!library) return { library: null, none: `no native library can be used (${reasons(tried)})`, wanted: true }
  const { kind, version, core, source, files } = library
  return { library: { kind, version, core, source, file: files.join(' with ') }, none: null, wanted: true }
}

const reasons = (tried: readonly { readonly name: string; readonly detail: string }[]): string =>
  tried.map(({ name, detail }) => `${name}: ${detail}`).join('; ')

/** The accelerator's code needs koffi, which has no binary for some platforms. */
async function loadLapack(): Promise<typeof import('./backends/lapack') | { readonly problem: string }> {
  try {
    return await import('./backends/lapack')
  } catch (error) {
    return { problem: `native libraries cannot be called here: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}` }
  }
}
