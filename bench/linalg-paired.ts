// All eigenpairs at n = 2500, a native library and SciPy by turns, so that a busy moment of the machine meets both.
import { matrix, openLinalg } from '../src/engine/linalg'
import type { BenchOptions } from './bench'
import { median, medianSeconds } from './measure'
import { runPython } from './python'

export interface Paired {
  readonly ours: number
  readonly scipy: number
  /** Median over the rounds of ours / SciPy's in the same round. */
  readonly ratio: number
}

/** Null where there is no SciPy; `note` then says why. Each turn has a warm-up of its own. */
export async function pairedEigenpairs(
  library: string,
  threads: number,
  values: (n: number) => Float64Array,
  { signal, note }: Pick<BenchOptions, 'signal' | 'note'>,
  { n = 2500, rounds = 5 } = {}
): Promise<Paired | null> {
  const linalg = await openLinalg({ backend: 'lapack', threads, library })
  try {
    const symmetric = matrix(n, n, linalg.allocate(n * n))
    symmetric.data.set(values(n))
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) symmetric.data[i * n + j] = symmetric.data[j * n + i]
    const eigen = async (): Promise<void> => linalg.release((await linalg.eigenSymmetric(symmetric)).vectors.data)
    const pairs: { ours: number; scipy: number }[] = []
    for (let round = 0; round < rounds; round++) {
      const scipy = await scipySeconds(n, threads, { signal, note })
      if (scipy === null) return null
      pairs.push({ ours: await medianSeconds(eigen, { repeats: 3, seconds: 30, signal }), scipy })
    }
    return {
      ours: median(pairs.map(({ ours }) => ours)),
      scipy: median(pairs.map(({ scipy }) => scipy)),
      ratio: median(pairs.map(({ ours, scipy }) => ours / scipy))
    }
  } finally {
    await linalg.dispose()
  }
}

async function scipySeconds(n: number, threads: number, { signal, note }: Pick<BenchOptions, 'signal' | 'note'>): Promise<number | null> {
  const input = { orders: [n], routines: ['eigen-vectors'], repeats: 3 }
  const result = await runPython('linalg.py', { input, needs: ['numpy', 'scipy'], threads, signal })
  if ('rows' in result) return (result.rows[0] as { seconds: number }).seconds
  note(result.missing)
  return null
}
