// The little of the WebAssembly interface that this backend uses (the type library of ES2022 has none of it), and the kernels' signatures.

export interface SharedMemory {
  readonly buffer: SharedArrayBuffer
  /** Grows by `pages` of 64 KiB; throws RangeError when it cannot. Older buffers stay valid and share the same bytes. */
  grow(pages: number): number
}

/** A compiled module: opaque, may be posted to workers. */
export interface CompiledModule {
  readonly [Symbol.toStringTag]: string
}

interface WebAssemblyInterface {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => SharedMemory
  readonly Instance: new (module: CompiledModule, imports: object) => { readonly exports: unknown }
  readonly Module: new (bytes: Uint8Array) => CompiledModule
  compile(bytes: Uint8Array): Promise<CompiledModule>
}

declare const WebAssembly: WebAssemblyInterface

export const pageBytes = 65536
/** 4 GiB: the end of 32-bit addresses. */
const mostPages = 65536
/** No matrix of either backend is larger: both hand out memory of this one. */
export const addressableBytes = mostPages * pageBytes

/** A shared memory that may grow to 4 GiB, or to less where the system does not grant that much address space. */
export function createMemory(initialPages: number): { readonly memory: SharedMemory; readonly maximumPages: number } {
  for (let maximum = mostPages; ; maximum /= 2)
    try {
      return { memory: new WebAssembly.Memory({ initial: initialPages, maximum, shared: true }), maximumPages: maximum }
    } catch (error) {
      if (maximum / 2 < Math.max(initialPages, 1024)) throw error
    }
}

export function compileKernels(bytes: Uint8Array): Promise<CompiledModule> {
  return WebAssembly.compile(bytes)
}

/** The same on this thread, before it returns. */
export const compileNow = (bytes: Uint8Array): CompiledModule => new WebAssembly.Module(bytes)

/** The exports of assembly/index.ts, documented there. Addresses are bytes, strides are elements. */
export interface Kernels {
  pack(rows: number, depth: number, source: number, rowStride: number, depthStride: number, target: number, scale: number): void
  packSymmetric(rows: number, depth: number, a: number, stride: number, row: number, column: number, target: number): void
  unpack(rows: number, depth: number, packed: number, target: number, rowStride: number, depthStride: number): void
  multiplyBlock(
    rows: number,
    columns: number,
    depth: number,
    packedA: number,
    packedB: number,
    c: number,
    stride: number,
    accumulate: number,
    triangle: number,
    row0: number,
    column0: number,
    spill: number
  ): void
  startSweep(order: number, x: number, d: number, step: number, v: number, work: number): void
  chaseBulge(rows: number, columns: number, v: number, b: number, d: number, step: number, u: number, work: number): void
  reflectVectors(length: number, width: number, v: number, count: number, x: number, stride: number): void
  multiplySymmetricRows(order: number, from: number, to: number, a: number, stride: number, x: number, y: number): void
  factorizeCholesky(order: number, a: number, stride: number): number
  solvePackedTriangle(order: number, sides: number, packedFactor: number, packedSides: number): void
  transposeBlock(rows: number, columns: number, source: number, sourceStride: number, target: number, targetStride: number): void
  copyBlock(rows: number, columns: number, source: number, sourceStride: number, target: number, targetStride: number): void
  scatterRow(length: number, source: number, target: number, step: number): void
  mirrorDiagonalBlock(order: number, a: number, stride: number): void
  scaleBlock(rows: number, columns: number, factor: number, a: number, stride: number): void
  findNonFinite(length: number, x: number): number
  dot(length: number, x: number, y: number): number
  scale(length: number, factor: number, x: number): void
  scaleAndAdd(length: number, alpha: number, x: number, beta: number, y: number): void
  maxAbs(length: number, x: number): number
  flushTiny(length: number, threshold: number, x: number): void
  rotateRows(length: number, x: number, y: number, cosine: number, sine: number): void
  addRows(length: number, count: number, alpha: number, rows: number, stride: number, x: number, xStride: number, y: number): void
  dotRows(length: number, count: number, rows: number, stride: number, x: number, y: number): void
  multiplySamples(
    rows: number,
    columns: number,
    count: number,
    w: number,
    iStep: number,
    jStep: number,
    bias: number,
    from: number,
    to: number
  ): void
  sumOuter(rows: number, columns: number, count: number, from: number, deltas: number, gradient: number): void
  multiplyEntries(length: number, x: number, y: number): void
  tanhSlopes(length: number, net: number, slopes: number): void
  solveSecular(count: number, index: number, d: number, z: number, rho: number, delta: number): number
  correctWeights(count: number, from: number, to: number, deltas: number, stride: number, poles: number, z: number, weights: number): void
  formSecularVector(count: number, row: number, weights: number, order: number, scratch: number): void
  isolateEigenvalue(
    order: number,
    index: number,
    diagonal: number,
    coupling: number,
    negligible: number,
    vectors: number,
    stride: number,
    length: number
  ): number
}

export function instantiateKernels(module: CompiledModule, memory: SharedMemory): Kernels {
  const abort = () => {
    throw new Error('a kernel aborted')
  }
  return new WebAssembly.Instance(module, { env: { memory, abort } }).exports as Kernels
}
