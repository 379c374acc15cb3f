// Work space of an assembly: arrays are kept and used again for the next chunk of samples; tiny problems are done in plain code, without the backend's call costs.
import { multiply, type GemmOuterBatch, type Linalg, type Matrix } from '../linalg'

/** What an assembly asks of the backend. Arrays of `allocate` hold anything; give them back with `release`. */
export interface Workspace extends Pick<Linalg, 'gemm' | 'gemmOuterBatch' | 'mirrorUpperInPlace' | 'allocate' | 'release'> {
  /** Gives what is waiting back to the backend. */
  trim(): void
  /** Gives everything back, also what a term that failed or was cancelled did not. */
  dispose(): void
}

/** Memory and kernels of the backend. A released array waits for the next request of its length: chunk after chunk asks for the same ones. */
function backendWorkspace(linalg: Linalg): Workspace {
  const waiting = new Map<number, Float64Array[]>()
  const taken = new Set<Float64Array>()
  const giveBack = (array: Float64Array) => {
    taken.delete(array)
    linalg.release(array)
  }
  return {
    gemm: (a, b, c, options) => linalg.gemm(a, b, c, options),
    gemmOuterBatch: (batch, options) => linalg.gemmOuterBatch(batch, options),
    mirrorUpperInPlace: (a, options) => linalg.mirrorUpperInPlace(a, options),
    allocate(length) {
      const array = waiting.get(length)?.pop() ?? linalg.allocate(length)
      taken.add(array)
      return array
    },
    release(array) {
      const list = waiting.get(array.length)
      if (list) list.push(array)
      else waiting.set(array.length, [array])
    },
    trim() {
      for (const list of waiting.values()) list.forEach(giveBack)
      waiting.clear()
    },
    dispose() {
      for (const array of taken) giveBack(array)
      waiting.clear()
    }
  }
}

/** The batch by plain loops, four steps of k at a time. */
function plainOuterBatch({ m, n, k, a, b, c, accumulate = false }: GemmOuterBatch): void {
  for (let p = 0; p < a.count; p++)
    for (let q = 0; q < b.count; q++)
      for (let i = 0; i < m; i++) {
        const to = c.offset + p * c.stepA + q * c.stepB + i * c.stride
        if (!accumulate) c.data.fill(0, to, to + n)
        const left = a.offset + p * a.step + i * a.stride
        const right = b.offset + q * b.step
        let l = 0
        for (; l + 4 <= k; l += 4) {
          const [a0, a1, a2, a3] = [a.data[left + l], a.data[left + l + 1], a.data[left + l + 2], a.data[left + l + 3]]
          const b0 = right + l * b.stride
          const b1 = b0 + b.stride
          const b2 = b1 + b.stride
          const b3 = b2 + b.stride
          for (let j = 0; j < n; j++)
            c.data[to + j] += a0 * b.data[b0 + j] + a1 * b.data[b1 + j] + (a2 * b.data[b2 + j] + a3 * b.data[b3 + j])
        }
        for (; l < k; l++) {
          const factor = a.data[left + l]
          const from = right + l * b.stride
          for (let j = 0; j < n; j++) c.data[to + j] += factor * b.data[from + j]
        }
      }
}

function plainMirror({ data, rows, offset, stride }: Matrix): void {
  for (let r = 0; r < rows; r++) for (let c = 0; c < r; c++) data[offset + r * stride + c] = data[offset + c * stride + r]
}

function plainWorkspace(linalg: Linalg): Workspace {
  return {
    gemm: async (a, b, c, options) => multiply(linalg, a, b, c, options),
    gemmOuterBatch: async (batch) => plainOuterBatch(batch),
    mirrorUpperInPlace: async (a) => plainMirror(a),
    allocate: (length) => new Float64Array(length),
    release: () => undefined,
    trim: () => undefined,
    dispose: () => undefined
  }
}

/** For an assembly of so many flops. Below `plainFlops`, one or two milliseconds' worth, it runs in plain code. */
export function openWorkspace(linalg: Linalg, flops: number, plainFlops = 4e6): Workspace {
  return flops < plainFlops ? plainWorkspace(linalg) : backendWorkspace(linalg)
}
