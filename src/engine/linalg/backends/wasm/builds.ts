// Which build of the kernels computes. The wide ones have V8 turn pairs of 128-bit registers into 256 bits while they are compiled; each is proved against plain loops here.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { LinalgError, type KernelBuild } from '../../interface'
import type { BackendFiles } from './files'
import type { Allocator } from './memory'
import { proveKernels, proofBytes, secondsOfProduct } from './proof'
import { compileKernels, compileNow, instantiateKernels, type CompiledModule, type Kernels } from './webassembly'

export interface Built {
  readonly build: KernelBuild
  readonly module: CompiledModule
}

const fileOf = (files: BackendFiles, build: KernelBuild): string => join(dirname(files.kernels), `${build.replace('wasm', 'kernels')}.wasm`)

/** A wide build is taken by itself where it needs at most so much of the plain one's time. */
const worthwhile = 0.8

/** 13.6 widens these kernels; 12.4 knows the flag but does not, and older versions complain of it on the standard error. */
const firstVersion = 13

/** Why V8 does not widen kernels here; null where it does. */
function wideFault(): string | null {
  if (process.arch !== 'x64') return `V8 widens kernels on x64 only, this is ${process.arch}`
  const { v8 } = process.versions
  return Number(v8.split('.')[0]) >= firstVersion ? null : `V8 widens kernels from version ${firstVersion} on, this is ${v8}`
}

/**
 * Compiles and proves at once, on this thread: V8's flags are those of the whole process, so they stand for these milliseconds alone, in which no other code of this thread
 * runs. Without the baseline compiler each kernel is compiled for good at its first call, which is one of the proof's; other threads that get the module share its code.
 */
function compileWide(
  files: BackendFiles,
  build: KernelBuild,
  allocator: Allocator,
  scratch: number
): Built & { readonly kernels: Kernels } {
  const bytes = readFileSync(fileOf(files, build))
  setFlagsFromString('--no-liftoff')
  if (build !== 'wasm') setFlagsFromString('--experimental-wasm-revectorize')
  try {
    const module = compileNow(bytes)
    const kernels = instantiateKernels(module, allocator.memory)
    proveKernels(kernels, allocator, scratch, build === 'wasm-256-fma')
    return { build, module, kernels }
  } finally {
    if (build !== 'wasm') setFlagsFromString('--no-experimental-wasm-revectorize')
    setFlagsFromString('--liftoff')
  }
}

/** The best of a few turns each, in seconds. */
function race(kernels: readonly Kernels[], allocator: Allocator, scratch: number): number[] {
  const best = kernels.map(() => Infinity)
  for (let turn = 0; turn < 6; turn++)
    kernels.forEach((one, at) => (best[at] = Math.min(best[at], secondsOfProduct(one, allocator, scratch))))
  return best
}

/**
 * The build that is asked for; with null the faster one of those that agree to the last bit, so that the choice shows in no result. One that is asked for by name and
 * cannot be had rejects with code `backend`. In Electron nothing is widened unasked: whether it lets flags be set has not been tried.
 */
export async function chooseKernels(files: BackendFiles, allocator: Allocator, asked: KernelBuild | null): Promise<Built> {
  const fault = wideFault()
  if (asked === 'wasm' || (asked === null && (fault !== null || process.versions.electron !== undefined)))
    return { build: 'wasm', module: await compileKernels(readFileSync(files.kernels)) }
  if (asked !== null && fault !== null) throw new LinalgError('backend', `the kernels ${asked} are not to be had here: ${fault}`)
  const scratch = allocator.allocate(proofBytes, 'the proof of the kernels')
  try {
    if (asked !== null) return compileWide(files, asked, allocator, scratch)
    const plain = compileWide(files, 'wasm', allocator, scratch)
    try {
      const wide = compileWide(files, 'wasm-256', allocator, scratch)
      const [plainSeconds, wideSeconds] = race([plain.kernels, wide.kernels], allocator, scratch)
      return wideSeconds <= worthwhile * plainSeconds ? wide : plain
    } catch {
      // What does not prove itself is not used.
      return plain
    }
  } catch (error) {
    throw new LinalgError(
      'backend',
      `the kernels ${asked ?? 'wasm'} cannot be used here: ${error instanceof Error ? error.message : String(error)}`
    )
  } finally {
    allocator.release(scratch)
  }
}
