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
export { addressableBytes } from './backends/wasm/webassembly'
export { releaseAll } from './front/owned'
export { multiply, productsFor, type Products } from './front/small'
export { block, matrix, normInfinity, type Matrix } from './matrix'

export interface BackendChoice {
  /** `auto`: lapack where one is found and passes its check, else wasm. */
  readonly backend?: 'auto' | 'wasm' | 'lapack'
  /** Default: the number of cores, at least 1. */
  readonly threads?: number
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
