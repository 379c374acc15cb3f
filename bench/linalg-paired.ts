// All eigenpairs and least squares in our backends and SciPy by turns, so that a busy moment of the machine meets both.
import { availableParallelism } from 'node:os'
import { matrix, openLinalg, type BackendChoice, type Linalg, type Matrix } from '../src/engine/linalg'
import { bundledFault, librariesHere } from '../test/reference/linalg/lapack-here'
import type { Bench, BenchOptions, Row } from './bench'
import { median, medianSeconds } from './measure'
import { runPython } from './python'

export type PairedRoutine = 'eigen-vectors' | 'least-squares'

export interface Paired {
  readonly routine: PairedRoutine
  readonly n: number
  readonly backend: string
  readonly threads: number
  readonly seconds: number
  /** Median over the rounds of ours / SciPy's in the same round. */
  readonly ofScipy: number
}

export function uniform(length: number, seed: number): Float64Array {
  let state = seed >>> 0
  return Float64Array.from({ length }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 31 - 1)
}

/** The call that is timed, on memory of the backend that `give` gives back. */
function prepared(linalg: Linalg, routine: PairedRoutine, n: number): { readonly call: () => Promise<void>; readonly give: () => void } {
  const a: Matrix = matrix(n, n, linalg.allocate(n * n))
  a.data.set(uniform(n * n, 1))
  const give = () => linalg.release(a.data)
  if (routine === 'least-squares') {
    const side = matrix(n, 1, uniform(n, 3))
    return { call: async () => (await linalg.leastSquares(a, side)).release(), give }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a.data[i * n + j] = a.data[j * n + i]
  return { call: async () => (await linalg.eigenSymmetric(a)).release(), give }
}

interface Turns {
  readonly problems: readonly (readonly [routine: PairedRoutine, n: number])[]
  readonly rounds: number
}

/** A row for SciPy and one for the backend a problem; none where there is no SciPy. Each turn has a warm-up of its own. */
async function byTurns(
  name: string,
  choice: BackendChoice,
  { problems, rounds }: Turns,
  options: BenchOptions,
  add: (row: Paired) => void
): Promise<void> {
  const threads = availableParallelism()
  const linalg = await openLinalg({ ...choice, threads })
  options.note(`by turns with SciPy: ${linalg.info.description}`)
  try {
    for (const [routine, n] of problems) {
      const { call, give } = prepared(linalg, routine, n)
      const repeats = n < 2000 ? 7 : 3
      const pairs: { ours: number; scipy: number }[] = []
      for (let round = 0; round < rounds; round++) {
        const scipy = await scipySeconds(routine, n, threads, repeats, options)
        if (scipy === null) return
        pairs.push({ ours: await medianSeconds(call, { repeats, seconds: 30, signal: options.signal }), scipy })
      }
      give()
      add({ routine, n, backend: 'scipy', threads, seconds: median(pairs.map(({ scipy }) => scipy)), ofScipy: 1 })
      const ofScipy = median(pairs.map(({ ours, scipy }) => ours / scipy))
      add({ routine, n, backend: name, threads, seconds: median(pairs.map(({ ours }) => ours)), ofScipy })
    }
  } finally {
    await linalg.dispose()
  }
}

async function scipySeconds(
  routine: PairedRoutine,
  n: number,
  threads: number,
  repeats: number,
  { signal, note }: Pick<BenchOptions, 'signal' | 'note'>
): Promise<number | null> {
  const input = { orders: [n], routines: [routine], repeats }
  const result = await runPython('linalg.py', { input, needs: ['numpy', 'scipy'], threads, signal })
  if ('rows' in result) return (result.rows[0] as { seconds: number }).seconds
  note(result.missing)
  return null
}

const leastSquares = [500, 1000, 2500].map((n) => ['least-squares', n] as const)

/** The native library that computes, with --long every one, then the embedded kernels (least squares alone: `linalg` has their eigenpairs). */
export async function measurePaired(options: BenchOptions, add: (row: Paired) => void): Promise<void> {
  const here = await librariesHere()
  const fault = bundledFault(here)
  if (fault !== null) options.note(fault)
  const rounds = options.long ? 5 : 3
  const native = { problems: [['eigen-vectors', 2500] as const, ...leastSquares], rounds }
  for (const { source, file } of options.long ? here : here.slice(0, 1))
    await byTurns(`lapack-${source}`, { backend: 'lapack', library: file }, native, options, add)
  await byTurns('wasm', { backend: 'wasm' }, { problems: leastSquares, rounds }, options, add)
}

export const linalgPairedBench: Bench = {
  describe: 'eigenpairs and least squares by turns with SciPy',
  async run(options) {
    const rows: Row[] = []
    await measurePaired(options, (paired) => {
      const row = { ...paired }
      rows.push(row)
      options.report(row)
    })
    return rows
  }
}
