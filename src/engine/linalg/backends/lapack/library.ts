// Loads a LAPACK library through koffi: symbols under their several spellings, what it is, how many threads it uses, one call at a time.
import { cpus } from 'node:os'
import koffi from 'koffi'
import type { Candidate } from './candidates'
import { marshal, prototype, signatures, type Argument, type RoutineName } from './signatures'

/** A loaded library. Calls of the whole process run one after another: its thread count is global, and so are its work buffers. */
export interface Library {
  readonly name: string
  /** E.g. "OpenBLAS 0.3.21, SkylakeX (libopenblas.so.0)". */
  readonly description: string
  /** False for the unblocked reference library, which is slower than the embedded kernels. */
  readonly optimized: boolean
  /** Asks for so many threads and returns the number it will use. */
  setThreads(threads: number): number
  /** Runs on koffi's own thread; resolves to INFO (0 where the routine has none). */
  call(name: RoutineName, ...values: Argument[]): Promise<number>
  /** The same on this thread: for small problems only. */
  callNow(name: RoutineName, ...values: Argument[]): number
  /** Out-of-place transposition, where the library has one: rows and columns of the (row-major) source. */
  readonly transpose:
    | ((rows: number, columns: number, source: Float64Array, stride: number, target: Float64Array, targetStride: number) => Promise<void>)
    | null
}

type Foreign = ReturnType<ReturnType<typeof koffi.load>['func']>

/** Throws an error with a sentence for people when the library cannot be used. */
export function loadLibrary(candidate: Candidate): Library {
  const handles = candidate.files.map((file) => koffi.load(file))
  const find = (names: readonly string[], result: string, types: readonly string[]): Foreign | null => {
    for (const handle of handles)
      for (const name of names)
        try {
          return handle.func(name, result, [...types])
        } catch {
          // not under this name, or not in this file
        }
    return null
  }
  refuse64BitIntegers(find)
  const routines = {} as Record<RoutineName, Foreign>
  for (const name of Object.keys(signatures) as RoutineName[]) {
    const found = find([`${name}$NEWLAPACK`, `${name}_`, name], 'void', prototype(name))
    if (!found) throw new Error(`it has no routine ${name}`)
    routines[name] = found
  }
  const identity = identify(find, candidate.name)
  const omatcopy = identity.kind === 'OpenBLAS' ? find(['domatcopy_'], 'void', transposePrototype) : null
  return {
    name: candidate.name,
    description: identity.description,
    optimized: identity.kind !== 'reference',
    setThreads: threadSetter(find),
    call: async (name, ...values) => {
      const { values: pointers, info } = marshal(name, values)
      await inBackground(routines[name], pointers)
      return info[0]
    },
    callNow: (name, ...values) => {
      const { values: pointers, info } = marshal(name, values)
      routines[name](...pointers)
      return info[0]
    },
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

type Find = (names: readonly string[], result: string, types: readonly string[]) => Foreign | null

/** The arrays stay referenced by this closure until the call is over. */
function inBackground(routine: Foreign, pointers: readonly unknown[]): Promise<void> {
  return new Promise((resolve, reject) => {
    routine.async(...pointers, (error: unknown) => {
      if (pointers.length > 0 && error) reject(error instanceof Error ? error : new Error(String(error)))
      else resolve()
    })
  })
}

function refuse64BitIntegers(find: Find): void {
  const config = find(['openblas_get_config'], 'str', [])
  const text = config ? String(config()) : ''
  if (text.includes('USE64BITINT'))
    throw new Error('it is built with 64-bit integers (ILP64); a build with 32-bit integers (LP64) would do')
  if (!find(['dgemm_', 'dgemm', 'dgemm$NEWLAPACK'], 'void', []) && find(['dgemm_64_', 'dgemm64_', 'dgemm_64'], 'void', []))
    throw new Error('it has only routines with 64-bit integers (ILP64); a build with 32-bit integers (LP64) would do')
  find(['MKL_Set_Interface_Layer'], 'int', ['int'])?.(0)
}

function identify(find: Find, name: string): { kind: 'OpenBLAS' | 'MKL' | 'Accelerate' | 'reference'; description: string } {
  const config = find(['openblas_get_config'], 'str', [])
  if (config) {
    const version = /OpenBLAS\s+(\S+)/.exec(String(config()))?.[1] ?? 'of unknown version'
    const core = find(['openblas_get_corename'], 'str', [])
    return { kind: 'OpenBLAS', description: `OpenBLAS ${version}, ${core ? String(core()) : cpuModel()} (${name})` }
  }
  if (find(['MKL_Set_Num_Threads'], 'void', ['int'])) return { kind: 'MKL', description: `${mklVersion(find)}, ${cpuModel()} (${name})` }
  if (name === 'Accelerate') return { kind: 'Accelerate', description: `Accelerate of ${process.platform} ${cpuModel()}` }
  const version = [new Int32Array(1), new Int32Array(1), new Int32Array(1)]
  find(['ilaver_'], 'void', ['int *', 'int *', 'int *'])?.(...version)
  return { kind: 'reference', description: `LAPACK ${version.map((part) => part[0]).join('.')}, reference BLAS (${name})` }
}

const cpuModel = (): string => cpus()[0]?.model.trim() ?? 'unknown CPU'

function mklVersion(find: Find): string {
  const text = Buffer.alloc(200)
  find(['MKL_Get_Version_String', 'mkl_get_version_string'], 'void', ['uint8_t *', 'int'])?.(text, text.length)
  return /Version (\S+)/.exec(text.toString('latin1'))?.[1] ? `MKL ${/Version (\S+)/.exec(text.toString('latin1'))?.[1]}` : 'MKL'
}

function threadSetter(find: Find): (threads: number) => number {
  const pairs = [
    ['openblas_set_num_threads', 'openblas_get_num_threads'],
    ['MKL_Set_Num_Threads', 'MKL_Get_Max_Threads']
  ]
  for (const [setter, getter] of pairs) {
    const set = find([setter], 'void', ['int'])
    const get = find([getter], 'int', [])
    if (set && get)
      return (threads) => {
        set(threads)
        return Number(get())
      }
  }
  // Accelerate chooses by itself (BLAS_THREADING_SINGLE_THREADED = 1 since macOS 15); the reference library has one thread.
  const threading = find(['BLASSetThreading'], 'int', ['int'])
  return (threads) => {
    threading?.(threads === 1 ? 1 : 0)
    return threading ? threads : 1
  }
}
