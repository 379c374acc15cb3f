// Chooses the linear-algebra backend of this process.
import { availableParallelism, cpus } from 'node:os'
import { openFront } from './front'
import { LinalgError, type Linalg } from './interface'

export {
  LinalgError,
  type BackendInfo,
  type CallOptions,
  type GemmOuterBatch,
  type Linalg,
  type Owned,
  type SymmetricEigen
} from './interface'
export { releaseAll } from './front/owned'
export { multiply, productsFor, type Products } from './front/small'
export { block, matrix, normInfinity, type Matrix } from './matrix'

export interface BackendChoice {
  /** `auto`: lapack where one is found and passes its check, else wasm. */
  readonly backend?: 'auto' | 'wasm' | 'lapack'
  /** Default: the number of cores, at least 1. */
  readonly threads?: number
}

/** One library or kernel file that could compute here, and why it does or does not. */
export interface BackendCandidate {
  readonly kind: 'wasm' | 'lapack'
  readonly name: string
  readonly accepted: boolean
  /** What it is when it was accepted, otherwise why not. */
  readonly detail: string
}

export interface BackendReport {
  /** What SADDLESCOPE_BACKEND asks for (`auto` when unset). */
  readonly asked: 'auto' | 'wasm' | 'lapack'
  readonly threads: number
  readonly candidates: readonly BackendCandidate[]
  /** What `openLinalg()` opens here; null with the reason in `error` when it would reject. */
  readonly inUse: { readonly kind: 'wasm' | 'lapack'; readonly description: string; readonly threads: number } | null
  readonly error: string | null
}

function cores(): number {
  // availableParallelism came with Node 18; Electron 22 has Node 16.
  return Math.max(1, typeof availableParallelism === 'function' ? availableParallelism() : cpus().length)
}

function asked(choice: BackendChoice): 'auto' | 'wasm' | 'lapack' {
  if (choice.backend && choice.backend !== 'auto') return choice.backend
  const variable = process.env.SADDLESCOPE_BACKEND
  if (!variable || variable === 'auto') return 'auto'
  if (variable === 'wasm' || variable === 'lapack') return variable
  throw new LinalgError('backend', `SADDLESCOPE_BACKEND must be wasm, lapack or auto, got "${variable}"`)
}

/**
 * Opens a backend. The environment variable SADDLESCOPE_BACKEND (wasm | lapack) answers for `auto`, and SADDLESCOPE_LAPACK names the one library to try.
 * `auto` never fails for want of a library; `lapack` rejects with code `backend` and says what was tried. Each backend has its own memory and
 * threads: open one a process, and `dispose` of it.
 */
export async function openLinalg(choice: BackendChoice = {}): Promise<Linalg> {
  const kind = asked(choice)
  const threads = Math.max(1, Math.floor(choice.threads ?? cores()))
  const { openWasm } = await import('./backends/wasm')
  if (kind === 'wasm') return openFront(await openWasm({ threads }))
  const lapack = await loadLapack()
  const probe = 'problem' in lapack ? null : lapack.probeLapack({ acceptReference: kind === 'lapack' })
  if ('problem' in lapack || !probe?.library) {
    if (kind === 'auto') return openFront(await openWasm({ threads }))
    const reasons = 'problem' in lapack ? lapack.problem : probe?.tried.map(({ name, detail }) => `${name}: ${detail}`).join('; ')
    throw new LinalgError('backend', `no LAPACK library can be used (${reasons}); SADDLESCOPE_BACKEND=wasm needs none`)
  }
  return openFront(lapack.lapackOver(await openWasm({ threads }), probe.library, threads))
}

/** The accelerator's code needs koffi, which has no binary for some platforms. */
async function loadLapack(): Promise<typeof import('./backends/lapack') | { readonly problem: string }> {
  try {
    return await import('./backends/lapack')
  } catch (error) {
    return { problem: `native libraries cannot be called here: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}` }
  }
}

/** Everything that could compute on this machine, for `doctor`: every library tried, why it was refused, and what is in use. */
export async function probeBackends(choice: BackendChoice = {}): Promise<BackendReport> {
  const candidates: BackendCandidate[] = []
  const lapack = await loadLapack()
  if ('problem' in lapack) candidates.push({ kind: 'lapack', name: 'koffi', accepted: false, detail: lapack.problem })
  else for (const tried of lapack.probeLapack({ all: true }).tried) candidates.push({ kind: 'lapack', ...tried })
  try {
    const embedded = await openLinalg({ backend: 'wasm', threads: 1 })
    candidates.push({ kind: 'wasm', name: 'embedded kernels', accepted: true, detail: embedded.info.description })
    await embedded.dispose()
  } catch (error) {
    candidates.push({
      kind: 'wasm',
      name: 'embedded kernels',
      accepted: false,
      detail: error instanceof Error ? error.message : String(error)
    })
  }
  const threads = Math.max(1, Math.floor(choice.threads ?? cores()))
  try {
    const opened = await openLinalg(choice)
    const inUse = { ...opened.info }
    await opened.dispose()
    return { asked: asked(choice), threads, candidates, inUse, error: null }
  } catch (error) {
    const kind =
      process.env.SADDLESCOPE_BACKEND === 'wasm' || process.env.SADDLESCOPE_BACKEND === 'lapack' ? process.env.SADDLESCOPE_BACKEND : 'auto'
    return { asked: kind, threads, candidates, inUse: null, error: error instanceof Error ? error.message : String(error) }
  }
}
