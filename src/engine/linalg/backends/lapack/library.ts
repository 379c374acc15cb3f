// Loads a LAPACK library through koffi: finds its routines, sets its threads, makes the calls.
import koffi from 'koffi'
import type { Candidate, LibrarySource } from './candidates'
import { inBackground } from './background'
import { findBatchedProduct, type BatchedProduct } from './batched-product'
import { identify, type Identity } from './identity'
import { LinalgError } from '../../interface'
import { marshal, optionalRoutines, prototype, signatures, type Argument, type RoutineName } from './signatures'
import { finder, fortranSpellings, ownFortranSpellings, ownSpellings, wideSpellings, type Find, type Foreign } from './symbols'

/** A loaded library. Calls of the whole process run one after another: its thread count is global, and so are its work buffers. */
export interface Library extends Identity {
  readonly name: string
  readonly source: LibrarySource
  readonly files: readonly string[]
  /** False for the unblocked reference library, which is slower than the embedded kernels. */
  readonly optimized: boolean
  /** Asks for so many threads and returns the number it will use. */
  setThreads(threads: number): number
  /** Runs on koffi's own thread; resolves to INFO (0 where the routine has none). */
  call(name: RoutineName, ...values: Argument[]): Promise<number>
  /** The same on this thread: for small problems only. */
  callNow(name: RoutineName, ...values: Argument[]): number
  /** Many small products at once, where the library has a call for them that computes rightly. */
  readonly multiplyBatch: BatchedProduct | null
  /** Out-of-place transposition, where the library has one: rows and columns of the (row-major) source. */
  readonly transpose:
    | ((rows: number, columns: number, source: Float64Array, stride: number, target: Float64Array, targetStride: number) => Promise<void>)
    | null
}

/** Throws an error with a sentence for people when the library cannot be used. */
export function loadLibrary(candidate: Candidate): Library {
  const find = finder(candidate.files.map((file) => koffi.load(file)))
  refuse64BitIntegers(find)
  const routines: Partial<Record<RoutineName, Foreign>> = {}
  for (const name of Object.keys(signatures) as RoutineName[]) {
    const found = find(fortranSpellings(name), 'void', prototype(name))
    if (found) routines[name] = found
    else if (!optionalRoutines.has(name)) throw new Error(`it has no routine ${name}`)
  }
  const identity = identify(find, candidate.name)
  const routine = (name: RoutineName): Foreign => {
    const found = routines[name]
    if (!found) throw new LinalgError('backend', `${identity.description} has no routine ${name}`)
    return found
  }
  const omatcopy = identity.kind === 'OpenBLAS' ? find(fortranSpellings('domatcopy'), 'void', transposePrototype) : null
  return {
    ...candidate,
    ...identity,
    optimized: identity.kind !== 'reference',
    setThreads: threadSetter(find),
    call: async (name, ...values) => {
      const { values: pointers, info } = marshal(name, values)
      await inBackground(routine(name), pointers)
      return info[0]
    },
    callNow: (name, ...values) => {
      const { values: pointers, info } = marshal(name, values)
      routine(name)(...pointers)
      return info[0]
    },
    multiplyBatch: identity.kind === 'OpenBLAS' ? findBatchedProduct(find) : null,
    transpose: omatcopy
      ? (rows, columns, source, stride, target, targetStride) =>
          inBackground(omatcopy, [
            'R',
            'T',
            ...[rows, columns].map((value) => Int32Array.of(value)),
            Float64Array.of(1),
            source,
            Int32Array.of(stride),
            target,
            Int32Array.of(targetStride),
            1,
            1
          ])
      : null
  }
}

const transposePrototype = ['str', 'str', 'int *', 'int *', 'double *', 'double *', 'int *', 'double *', 'int *', 'size_t', 'size_t']

function refuse64BitIntegers(find: Find): void {
  const config = find(ownSpellings('openblas_get_config'), 'str', [])
  const text = config ? String(config()) : ''
  if (text.includes('USE64BITINT'))
    throw new Error('it is built with 64-bit integers (ILP64); a build with 32-bit integers (LP64) would do')
  if (!find(fortranSpellings('dgemm'), 'void', []) && find(wideSpellings('dgemm'), 'void', []))
    throw new Error('it has only routines with 64-bit integers (ILP64); a build with 32-bit integers (LP64) would do')
  find(['MKL_Set_Interface_Layer'], 'int', ['int'])?.(0)
}

function threadSetter(find: Find): (threads: number) => number {
  const pairs: readonly (readonly [set: Setter | null, get: Foreign | null])[] = [
    [
      openblasSetter(find),
      find([...ownSpellings('openblas_get_num_threads'), ...ownFortranSpellings('openblas_get_num_threads')], 'int', [])
    ],
    [find(['MKL_Set_Num_Threads'], 'void', ['int']), find(['MKL_Get_Max_Threads'], 'int', [])]
  ]
  for (const [set, get] of pairs)
    if (set && get)
      return (threads) => {
        set(threads)
        return Number(get())
      }
  // Accelerate chooses by itself (BLAS_THREADING_SINGLE_THREADED = 1 since macOS 15); the reference library has one thread.
  const threading = find(['BLASSetThreading'], 'int', ['int'])
  return (threads) => {
    threading?.(threads === 1 ? 1 : 0)
    return threading ? threads : 1
  }
}

type Setter = (threads: number) => unknown

function openblasSetter(find: Find): Setter | null {
  const byValue = find(ownSpellings('openblas_set_num_threads'), 'void', ['int'])
  if (byValue) return byValue
  const byReference = find(ownFortranSpellings('openblas_set_num_threads'), 'void', ['int *'])
  return byReference && ((threads) => byReference(Int32Array.of(threads)))
}
