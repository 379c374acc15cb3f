// The builds of the embedded kernels that are to be had here, by turns: products, Cholesky factors and eigenpairs.
import { availableParallelism } from 'node:os'
import { matrix, openLinalg, type Linalg } from '../src/engine/linalg'
import type { Bench, BenchOptions, Row } from './bench'
import { uniform } from './linalg-paired'
import { inTurns } from './measure'
import { messageOf } from '../src/shared/format/message-of'

const builds = ['wasm', 'wasm-256', 'wasm-256-fma'] as const

/** Nominal flops as in `linalg`. */
const routines = { gemm: (n: number) => 2 * n ** 3, cholesky: (n: number) => n ** 3 / 3, 'eigen-vectors': (n: number) => (14 / 3) * n ** 3 }
type Routine = keyof typeof routines

function prepared(linalg: Linalg, n: number): { readonly calls: Record<Routine, () => Promise<unknown>>; readonly give: () => void } {
  const [a, b, c, positive] = Array.from({ length: 4 }, () => matrix(n, n, linalg.allocate(n * n)))
  a.data.set(uniform(n * n, 1))
  b.data.set(uniform(n * n, 2))
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) positive.data[i * n + j] = a.data[Math.min(i, j) * n + Math.max(i, j)] + (i === j ? n : 0)
  return {
    calls: {
      gemm: () => linalg.gemm(a, b, c),
      // With the copy, which is n² of n³/3.
      cholesky: () => linalg.choleskyInPlace((c.data.set(positive.data), c)),
      'eigen-vectors': async () => (await linalg.eigenSymmetric(positive)).release()
    },
    give: () => [a, b, c, positive].forEach(({ data }) => linalg.release(data))
  }
}

export const linalgBuildsBench: Bench = {
  describe: 'the builds of the embedded kernels by turns',
  async run(options: BenchOptions) {
    const rows: Row[] = []
    const cores = availableParallelism()
    for (const threads of new Set([1, cores])) {
      const open: Linalg[] = []
      for (const kernels of builds)
        try {
          open.push(await openLinalg({ backend: kernels, kernels, threads }))
        } catch (error) {
          if (threads === 1) options.note(messageOf(error))
        }
      for (const [routine, n] of [
        ['gemm', 250],
        ['gemm', 500],
        ['gemm', 1000],
        ['gemm', 2500],
        ['cholesky', 1000],
        ['eigen-vectors', 1000]
      ] as const) {
        const each = open.map((linalg) => prepared(linalg, n))
        const times = await inTurns(each.map(({ calls }) => calls[routine]))
        for (const { give } of each) give()
        open.forEach(({ kernels }, at) => {
          const row = {
            routine,
            n,
            kernels,
            threads,
            seconds: times[at],
            gflops: routines[routine](n) / times[at] / 1e9,
            ofPlain: times[at] / times[0]
          }
          rows.push(row)
          options.report(row)
        })
      }
      for (const linalg of open) await linalg.dispose()
    }
    return rows
  }
}
