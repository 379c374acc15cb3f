/**
 * The benches, each with its own baselines measured in the same run. Built to out/main/bench.js, which the command `bench` loads.
 *
 * How to add one: write bench/NAME.ts that exports `const NAMEBench: Bench`, and add one line to `benches` below (loaded only when
 * it is asked for). `run` calls `report(row)` for every row as soon as it is measured and returns all rows; a row is a flat object of
 * strings, numbers, booleans and nulls, with the same keys in every row of a bench. Without `long` a bench ends within 5 minutes. Take times
 * with `medianSeconds` (bench/measure.ts), Python baselines with `runPython` (bench/python.ts; scripts in bench/python/). Never
 * assert on time: figures are for reading.
 */
import type { Bench, Cell, Row } from './bench'

const lazily = (describe: string, load: () => Promise<Bench>): Bench => ({
  describe,
  run: async (options) => (await load()).run(options)
})

export const benches: Readonly<Record<string, Bench>> = {
  linalg: lazily('dense linear algebra beside SciPy, ml-matrix and mathjs', async () => (await import('./linalg')).linalgBench),
  'linalg-paired': lazily(
    'eigenpairs and least squares by turns with SciPy',
    async () => (await import('./linalg-paired')).linalgPairedBench
  ),
  'linalg-builds': lazily('the builds of the embedded kernels by turns', async () => (await import('./linalg-builds')).linalgBuildsBench),
  'linalg-latency': lazily(
    'how soon linear algebra can be cancelled, and how long it holds the event loop',
    async () => (await import('./linalg-latency')).linalgLatencyBench
  ),
  'linalg-accuracy': lazily(
    'residual and orthogonality of eigenpairs over the gallery, in units of √n·ε',
    async () => (await import('./linalg-accuracy')).linalgAccuracyBench
  ),
  'two-stage': lazily('eigenvalues by two stages beside dsyevd and one stage', async () => (await import('./two-stage')).twoStageBench),
  hessian: lazily('the full Hessian beside PyTorch and JAX', async () => (await import('./hessian')).hessianBench),
  'sfn-step': lazily('a step of saddle-free Newton beside the NumPy original', async () => (await import('./sfn-step')).sfnStepBench),
  'matrix-function': lazily(
    'a step on the full Hessian without eigenvectors beside one with them',
    async () => (await import('./matrix-function')).matrixFunctionBench
  ),
  'hessian-scaling': lazily(
    'cost of the full Hessian against P and N',
    async () => (await import('./hessian-scaling')).hessianScalingBench
  ),
  scaling: lazily(
    'exponents of a step’s time and memory over P and N, every optimizer',
    async () => (await import('./scaling')).scalingBench
  ),
  products: lazily('curvature products in gradients', async () => (await import('./products')).productsBench),
  jets: lazily('power series along curves, in gradients', async () => (await import('./jets')).jetsBench),
  'higher-order': lazily(
    'Newton of order 2 to 6 and AR3 to one tolerance, beside saddle-free Newton',
    async () => (await import('./higher-order')).higherOrderBench
  ),
  lyapunov: lazily(
    'all Lyapunov exponents of 1,000 steps of gradient descent, beside products and a QR factorization a step',
    async () => (await import('./lyapunov')).lyapunovBench
  ),
  'fd-newton': lazily(
    'a step of finite-difference Newton beside the NumPy original',
    async () => (await import('./fd-newton')).fdNewtonBench
  ),
  relaxation: lazily(
    'the circular equations of square nets, relaxed and by MINRES, beside a direct solution',
    async () => (await import('./relaxation')).relaxationBench
  ),
  kill: lazily('training killed at random moments and resumed, bit by bit', async () => (await import('./kill')).killBench),
  store: lazily(
    'snapshot writing beside dd, listing 10,000 runs, a million metrics lines',
    async () => (await import('./store')).storeBench
  ),
  'hessian-page': lazily(
    'the Hessian page in a browser: first paint, frames and long tasks while moving',
    async () => (await import('./hessian-page')).hessianPageBench
  ),
  fuzz: lazily(
    'damaged and hostile files against every reader (10⁵ cases), and files of NumPy, pandas and csv by value',
    async () => (await import('./fuzz')).fuzzBench
  )
}

export interface RunOptions {
  readonly long: boolean
  /** One JSON array of all rows on `stdout`, beside the aligned tables for people on `stderr`. */
  readonly json: boolean
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
  readonly signal?: AbortSignal
}

/** Runs the named benches (all when none is named) one after another. Resolves to the exit status: 0 done, 1 one failed, 2 unknown name, 130 interrupted. */
export async function runBenches(names: readonly string[], options: RunOptions): Promise<number> {
  const unknown = names.filter((name) => !Object.hasOwn(benches, name))
  if (unknown.length > 0) {
    options.stderr.write(`bench: no bench is called "${unknown[0]}"; there are ${Object.keys(benches).join(', ')}\n`)
    return 2
  }
  const all: Row[] = []
  let failed = false
  for (const name of names.length > 0 ? names : Object.keys(benches)) {
    const bench = benches[name]
    options.stderr.write(`${name}: ${bench.describe}\n`)
    const printer = tablePrinter(options.stderr)
    try {
      const rows = await bench.run({
        long: options.long,
        signal: options.signal,
        report: printer,
        note: (text) => options.stderr.write(`  ${text}\n`)
      })
      all.push(...rows)
    } catch (error) {
      if (options.signal?.aborted) return 130
      failed = true
      options.stderr.write(`bench ${name}: ${error instanceof Error ? error.message : String(error)}\n`)
    }
  }
  if (options.json) options.stdout.write(`${JSON.stringify(all)}\n`)
  return failed ? 1 : 0
}

/** Prints rows as they come under one heading; columns are as wide as the heading or 12 characters (the first two 18). */
function tablePrinter(out: { write(text: string): unknown }): (row: Row) => void {
  let heading: string[] = []
  return (row) => {
    const keys = Object.keys(row)
    const width = (key: string, at: number): number => Math.max(key.length, at === 0 ? 18 : 12)
    if (keys.join() !== heading.join()) {
      heading = keys
      out.write(`${keys.map((key, at) => key.padEnd(width(key, at))).join(' ')}\n`)
    }
    out.write(`${keys.map((key, at) => shown(row[key]).padEnd(width(key, at))).join(' ')}\n`)
  }
}

function shown(value: Cell): string {
  if (typeof value !== 'number') return value === null ? '–' : String(value)
  return Number.isInteger(value) ? String(value) : value.toPrecision(4)
}
