// Dense linear algebra: our backends beside SciPy, ml-matrix and mathjs, in GFlop/s.
import { availableParallelism } from 'node:os'
import { matrix, openLinalg, type Linalg, type Matrix } from '../src/engine/linalg'
import { bundledFault, librariesHere } from '../test/reference/linalg/lapack-here'
import type { Bench, BenchOptions, Row } from './bench'
import { measurePaired, uniform, type Paired } from './linalg-paired'
import { medianSeconds, type MeasureOptions } from './measure'
import { runPython } from './python'

const routines = ['gemm', 'syrk', 'cholesky', 'eigenvalues', 'eigen-vectors', 'least-squares'] as const
type Routine = (typeof routines)[number]

/** Nominal flops (Golub & Van Loan): the same number for every backend, whatever its algorithm does. Least squares: n × n, one right-hand side, by QR. */
const flops: Record<Routine, (n: number) => number> = {
  gemm: (n) => 2 * n ** 3,
  syrk: (n) => n ** 3,
  cholesky: (n) => n ** 3 / 3,
  eigenvalues: (n) => (4 / 3) * n ** 3,
  'eigen-vectors': (n) => (14 / 3) * n ** 3,
  'least-squares': (n) => (4 / 3) * n ** 3
}

const orders = (long: boolean): number[] => (long ? [500, 1000, 2500, 5000] : [500, 1000, 2500])
/** Above this order the plain JavaScript libraries are measured only with --long. */
const plainOrder = 500

/** What the other parts need: `add` finishes and reports a row. */
interface Recorder {
  readonly options: BenchOptions
  readonly cores: number
  add(routine: Routine, n: number, backend: string, threads: number, seconds: number): void
}

export const linalgBench: Bench = {
  describe: 'dense linear algebra beside SciPy, ml-matrix and mathjs',
  async run(options) {
    const rows: Row[] = []
    const scipy = new Map<string, number>()
    const put = (row: Row): void => {
      rows.push(row)
      options.report(row)
    }
    const recorder: Recorder = {
      options,
      cores: Math.max(1, availableParallelism()),
      add(routine, n, backend, threads, seconds) {
        if (backend === 'scipy') scipy.set(`${routine} ${n}`, seconds)
        const baseline = scipy.get(`${routine} ${n}`)
        const gflops = flops[routine](n) / seconds / 1e9
        put({ routine, n, backend, threads, seconds, gflops, ofScipy: baseline === undefined ? null : seconds / baseline })
      }
    }
    await measurePaired(options, ({ routine, n, seconds, ...paired }: Paired) =>
      put({ routine: `${routine}, by turns`, n, seconds, gflops: flops[routine](n) / seconds / 1e9, ...paired })
    )
    await measureScipy(recorder)
    const threadCounts = [...new Set([1, recorder.cores])]
    for (const threads of threadCounts) await measureOurs(recorder, await openLinalg({ backend: 'wasm', threads }))
    await measureLibraries(recorder)
    await measureMlMatrix(recorder)
    await measureMathjs(recorder)
    return rows
  }
}

/** Large problems are repeated less often; every one has a warm-up, since first touch of memory is dear. */
const effort = (n: number, signal: AbortSignal | undefined): MeasureOptions => ({
  repeats: n < 2000 ? 5 : 3,
  seconds: n < 2000 ? 5 : 10,
  signal
})

/** Without --long the one that computes: a second library would take the bench beyond five minutes. */
const librariesOf = <Library>({ long }: BenchOptions, here: readonly Library[]): readonly Library[] => (long ? here : here.slice(0, 1))

/** The fetched library and the system's, each as a backend of its own. */
async function measureLibraries(recorder: Recorder): Promise<void> {
  const here = await librariesHere()
  const fault = bundledFault(here)
  if (fault !== null) recorder.options.note(fault)
  for (const { source, file } of librariesOf(recorder.options, here))
    await measureOurs(recorder, await openLinalg({ backend: 'lapack', threads: recorder.cores, library: file }), `lapack-${source}`)
}

async function measureOurs({ options, add }: Recorder, linalg: Linalg, name: string = linalg.info.kind): Promise<void> {
  const { description, threads } = linalg.info
  options.note(`${name}: ${description}, ${threads} thread(s)`)
  try {
    for (const n of orders(options.long)) {
      const place = (values: Float64Array): Matrix => {
        const own = matrix(n, n, linalg.allocate(n * n))
        own.data.set(values)
        return own
      }
      const values = uniform(n * n, 1)
      const [a, b, c] = [place(values), place(uniform(n * n, 2)), place(values)]
      const symmetric = place(values)
      await linalg.mirrorUpperInPlace(symmetric)
      const time = (work: () => Promise<unknown>, prepare?: () => void): Promise<number> =>
        medianSeconds(work, { ...effort(n, options.signal), prepare })
      add('gemm', n, name, threads, await time(() => linalg.gemm(a, b, c)))
      add('syrk', n, name, threads, await time(() => linalg.syrk(a, c)))
      const positive = symmetric.data.slice()
      for (let i = 0; i < n; i++) positive[i * n + i] = n
      add(
        'cholesky',
        n,
        name,
        threads,
        await time(
          () => linalg.choleskyInPlace(c),
          () => c.data.set(positive)
        )
      )
      add('eigenvalues', n, name, threads, await time(() => linalg.eigenvalues(symmetric)))
      const eigen = async (): Promise<void> => linalg.release((await linalg.eigenSymmetric(symmetric)).vectors.data)
      add('eigen-vectors', n, name, threads, await time(eigen))
      const side = matrix(n, 1, uniform(n, 3))
      const solve = async (): Promise<void> => linalg.release((await linalg.leastSquares(a, side)).solution.data)
      add('least-squares', n, name, threads, await time(solve))
      for (const one of [a, b, c, symmetric]) linalg.release(one.data)
    }
  } finally {
    await linalg.dispose()
  }
}

async function measureScipy({ options, cores, add }: Recorder): Promise<void> {
  options.note(`SciPy on ${cores} thread(s)`)
  const result = await runPython('linalg.py', {
    input: { orders: orders(options.long) },
    needs: ['numpy', 'scipy'],
    threads: cores,
    signal: options.signal,
    onRow(row) {
      const { routine, n, seconds } = row as { routine: Routine; n: number; seconds: number }
      add(routine, n, 'scipy', cores, seconds)
    }
  })
  if ('missing' in result) options.note(result.missing)
}

async function measureMlMatrix({ options, add }: Recorder): Promise<void> {
  const { Matrix: MlMatrix, CholeskyDecomposition, EigenvalueDecomposition, QrDecomposition } = await import('ml-matrix')
  options.note('ml-matrix')
  for (const n of orders(options.long).filter((n) => options.long || n <= plainOrder)) {
    if (n > 1000) continue // minutes a call
    const a = MlMatrix.from1DArray(n, n, uniform(n * n, 1))
    const b = MlMatrix.from1DArray(n, n, uniform(n * n, 2))
    const symmetric = MlMatrix.add(a, a.transpose()).div(2)
    const positive = MlMatrix.add(symmetric, MlMatrix.eye(n).mul(n))
    const time = (work: () => unknown): Promise<number> => medianSeconds(work, { repeats: 3, seconds: 3, signal: options.signal })
    add('gemm', n, 'ml-matrix', 1, await time(() => a.mmul(b)))
    add('syrk', n, 'ml-matrix', 1, await time(() => a.mmul(a.transpose())))
    add('cholesky', n, 'ml-matrix', 1, await time(() => new CholeskyDecomposition(positive)))
    add('eigen-vectors', n, 'ml-matrix', 1, await time(() => new EigenvalueDecomposition(symmetric, { assumeSymmetric: true })))
    const side = MlMatrix.from1DArray(n, 1, uniform(n, 3))
    add('least-squares', n, 'ml-matrix', 1, await time(() => new QrDecomposition(a).solve(side)))
  }
}

/** mathjs's eigensolver takes time ∝ n⁴ (minutes at n = 500), so without --long it is measured at this order. */
const mathjsEigenOrder = 200

/** mathjs has neither a Cholesky factorization nor least squares. */
async function measureMathjs({ options, add }: Recorder): Promise<void> {
  const math = await import('mathjs')
  options.note('mathjs (its eigensolver at n = 500 takes minutes: with --long only)')
  const time = (work: () => unknown): Promise<number> => medianSeconds(work, { repeats: 1, warmUp: false, signal: options.signal })
  const dense = (n: number, seed: number): number[][] => {
    const values = uniform(n * n, seed)
    return Array.from({ length: n }, (_, i) => Array.from(values.subarray(i * n, (i + 1) * n)))
  }
  for (const n of options.long ? [500, 1000] : [plainOrder]) {
    const [a, b] = [math.matrix(dense(n, 1)), math.matrix(dense(n, 2))]
    add('gemm', n, 'mathjs', 1, await time(() => math.multiply(a, b)))
    add('syrk', n, 'mathjs', 1, await time(() => math.multiply(a, math.transpose(a))))
  }
  for (const n of options.long ? [mathjsEigenOrder, 500] : [mathjsEigenOrder]) {
    const a = math.matrix(dense(n, 1))
    const symmetric = math.multiply(math.add(a, math.transpose(a)), 0.5)
    add('eigenvalues', n, 'mathjs', 1, await time(() => math.eigs(symmetric, { eigenvectors: false })))
    add('eigen-vectors', n, 'mathjs', 1, await time(() => math.eigs(symmetric)))
  }
}
