// The machine's linear algebra as the workbench needs it: what it is and how fast, measured once, and a small backend for the playground.
import { matrix, openLinalg, type BackendInfo, type Linalg } from '../engine/linalg'

export interface MachineFacts {
  readonly backend: BackendInfo | null
  /** Speed of a matrix product, GFlop/s. */
  readonly gflops: number | null
}

export interface Machine {
  facts(): Promise<MachineFacts>
  /** Measures anew when it is asked next: another backend was chosen. */
  forget(): void
  /** One thread of the embedded backend, opened at first use and kept. */
  small(): Promise<Linalg>
  close(): Promise<void>
}

const size = 384

async function measure(): Promise<MachineFacts> {
  try {
    const linalg = await openLinalg()
    try {
      const [a, b, c] = [0, 1, 2].map(() => matrix(size, size, linalg.allocate(size * size)))
      a.data.fill(0.5)
      b.data.fill(0.25)
      let best = Infinity
      for (let repeat = 0; repeat < 3; repeat++) {
        const began = performance.now()
        await linalg.gemm(a, b, c)
        best = Math.min(best, performance.now() - began)
      }
      const { kind, description, threads } = linalg.info
      return { backend: { kind, description, threads }, gflops: (2 * size ** 3) / (best * 1e6) }
    } finally {
      await linalg.dispose()
    }
  } catch {
    return { backend: null, gflops: null }
  }
}

export function openMachine(): Machine {
  let facts: Promise<MachineFacts> | null = null
  let small: Promise<Linalg> | null = null
  return {
    facts: () => (facts ??= measure()),
    forget: () => (facts = null),
    small: () => (small ??= openLinalg({ backend: 'wasm', threads: 1 })),
    async close() {
      await facts
      const linalg = await small?.catch(() => null)
      await linalg?.dispose()
    }
  }
}
