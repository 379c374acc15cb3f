// The kernels on the calling thread, without a pool: for many small problems at once, each on a thread of its own, a message a call costs more than the call.
import { readFile } from 'node:fs/promises'
import { LinalgError } from '../../interface'
import { throwIfCancelled } from '../../passes'
import { control, scratchBytes } from './control'
import { findBackendFiles, type BackendFiles } from './files'
import { jobs, tasks } from './jobs'
import { createAllocator, type Allocator } from './memory'
import { inTurn, type Pool } from './pool'
import { Cancelled, controlWords, createTeam, createThread } from './team'
import { compileKernels, instantiateKernels, type Kernels } from './webassembly'

const loadKernels = async (files: BackendFiles, { memory }: Allocator): Promise<Kernels> =>
  instantiateKernels(await compileKernels(await readFile(files.kernels)), memory)

/** A pool of no threads: a job is done when `run` returns. What it computes has the bits of a pool of one thread; a signal is heard between jobs. */
export async function createPoolHere(allocator: Allocator, files: BackendFiles): Promise<Pool> {
  const kernels = await loadKernels(files, allocator)
  const { memory } = allocator
  const team = createTeam(createThread(kernels, memory, allocator.allocate(scratchBytes, 'the scratch of a thread')), tasks, 1)
  const words = controlWords(memory)
  return {
    threads: 1,
    async run(name, input, options = {}) {
      throwIfCancelled(options)
      Atomics.store(words, control.cancelled, 0)
      try {
        return jobs[name](team, input as never) ?? 0
      } catch (error) {
        if (error instanceof Cancelled) throw new LinalgError('backend', 'the call was cancelled')
        throw error
      }
    },
    exclusively: inTurn(),
    dispose: async () => undefined
  }
}

/** The kernels with memory of their own, for loops that call them directly. */
export interface KernelMemory {
  readonly kernels: Kernels
  /** Zeroed, at an even address for the kernels. */
  allocate(length: number): { readonly address: number; readonly data: Float64Array }
}

export async function openKernels(): Promise<KernelMemory> {
  const allocator = createAllocator()
  const kernels = await loadKernels(findBackendFiles(), allocator)
  return {
    kernels,
    allocate(length) {
      const address = allocator.allocate(8 * length, `an array of ${length} numbers`, true)
      return { address, data: allocator.view(address, length) }
    }
  }
}
