// The embedded backend: WebAssembly kernels on a pool of threads over one shared memory. Always there, no native library.
import { cores } from '../../cores'
import type { BandKernels, LinalgCore } from '../../core'
import type { KernelBuild } from '../../interface'
import type { TwoStageChoice } from '../../stages'
import { bandCalls } from './band-calls'
import { chooseKernels } from './builds'
import { createContext } from './context'
import { eigenCalls } from './eigen-calls'
import { factorCalls } from './factor-calls'
import { findBackendFiles, type BackendFiles } from './files'
import { createAllocator } from './memory'
import { createPoolHere } from './here'
import { createPool } from './pool'
import { productCalls } from './product-calls'

/** Raised whenever a change of kernels or algorithms changes bits of results: equal descriptions promise equal bits. */
const numericsVersion = 3

/** Measured (`bench two-stage`) with both builds that compute the same bits: the order from which neither of them is slower in two stages. */
const measuredTwoStage: TwoStageChoice = { from: 2500, width: 64, share: 1 / 32 }

export interface WasmOptions {
  /** Worker threads, 1 to 64; default: the number of cores. */
  readonly threads?: number
  /** Where the built kernels and worker are; default: found beside this program. */
  readonly files?: BackendFiles
  /** On the calling thread itself, with the kernels `wasm`: calls are done when they return. */
  readonly here?: boolean
  /** Default: the faster of those that compute the same bits. */
  readonly kernels?: KernelBuild | null
  /** From which order eigenproblems take two stages, where not as measured. */
  readonly twoStage?: TwoStageChoice
}

/** Opens the backend. Rejects with code `backend` when the kernels are not built or threads do not start. */
export async function openWasm(options: WasmOptions = {}): Promise<LinalgCore & BandKernels> {
  const threads = options.here ? 1 : Math.max(1, Math.min(64, Math.floor(options.threads ?? cores())))
  const allocator = createAllocator()
  const files = options.files ?? findBackendFiles()
  const chosen = options.here ? null : await chooseKernels(files, allocator, options.kernels ?? null)
  const pool = chosen ? await createPool(allocator, files, chosen.module, threads) : await createPoolHere(allocator, files)
  const build = chosen?.build ?? 'wasm'
  const context = createContext(allocator, pool, options.twoStage ?? measuredTwoStage)
  return {
    info: {
      kind: 'wasm',
      description: `WebAssembly kernels ${numericsVersion} (${build === 'wasm-256-fma' ? 'fused' : 'f64x2'})`,
      threads
    },
    kernels: build,
    allocate: (length, content = 'zeros') =>
      allocator.view(allocator.allocate(8 * length, `an array of ${length} numbers`, content === 'zeros'), length),
    release: (array) => void (allocator.addressOf(array) >= 0 && allocator.release(array.byteOffset)),
    get availableBytes() {
      return allocator.available()
    },
    get memory() {
      return allocator.count()
    },
    addressOf: (array) => allocator.addressOf(array),
    ...productCalls(context),
    ...factorCalls(context),
    ...eigenCalls(context),
    ...bandCalls(context),
    dispose: () => pool.dispose()
  }
}
