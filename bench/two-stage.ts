// Eigenvalues alone and with 16 vectors by two stages, beside dsyevd('N') of the same library called directly, and beside one stage; the embedded kernels beside their own one stage.
import koffi from 'koffi'
import { matrix, type Linalg } from '../src/engine/linalg'
import { lapackOver, probeLapack } from '../src/engine/linalg/backends/lapack'
import type { Library } from '../src/engine/linalg/backends/lapack/library'
import { fortranSpellings, finder } from '../src/engine/linalg/backends/lapack/symbols'
import { twoStageOf } from '../src/engine/linalg/backends/lapack/threads'
import { openWasm } from '../src/engine/linalg/backends/wasm'
import { openFront } from '../src/engine/linalg/front'
import type { Bench, BenchOptions, Row } from './bench'
import { median } from './measure'

const threads = 2
const orders = { short: [2500, 3500], long: [5600, 7500] }
const few = { smallest: 8, largest: 8 }

/** Entries of −1 … 1, symmetric. */
function fill(data: Float64Array, n: number): void {
  let state = n
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      data[i * n + j] = data[j * n + i] = state / 2 ** 31 - 1
    }
}

/** dsyevd('N') over `data`, off the event loop. */
function directly(library: Library): (data: Float64Array, n: number) => Promise<void> {
  const find = finder(library.files.map((file) => koffi.load(file)))
  const pointers = ['str', 'str', 'int *', 'double *', 'int *', 'double *', 'double *', 'int *', 'int *', 'int *', 'int *']
  const routine = find(fortranSpellings('dsyevd'), 'void', [...pointers, 'size_t', 'size_t'])
  if (!routine) throw new Error('the library has no dsyevd')
  return (data, n) =>
    new Promise((resolve, reject) => {
      const [order, values, work, integers] = [Int32Array.of(n), new Float64Array(n), new Float64Array(66 * n + 1), new Int32Array(1)]
      const info = new Int32Array(1)
      const given = ['N', 'L', order, data, order, values, work, Int32Array.of(work.length), integers, Int32Array.of(1), info, 1, 1]
      library.setThreads(threads)
      // The arrays stay referenced by this closure until the call is over.
      routine.async(...given, (error: unknown) => {
        if (error || info[0] !== 0 || given.length === 0) reject(new Error(`dsyevd failed (code ${info[0]})`))
        else resolve()
      })
    })
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

/** Median of each by turns; `prepare` comes before each, unmeasured. */
async function byTurns(
  works: readonly (() => Promise<unknown>)[],
  prepare: () => void,
  rounds: number,
  signal?: AbortSignal
): Promise<number[]> {
  const times = works.map((): number[] => [])
  // The first round warms up, unless a round takes long.
  for (let round = rounds > 1 ? -1 : 0; round < rounds; round++)
    for (const [which, work] of works.entries()) {
      if (signal?.aborted) throw signal.reason
      prepare()
      const taken = await seconds(work)
      if (round >= 0) times[which].push(taken)
    }
  return times.map(median)
}

async function native(n: number, rounds: number, options: Pick<BenchOptions, 'signal'>): Promise<Row | null> {
  const { library } = probeLapack()
  if (!library) return null
  const open = async (from: number): Promise<Linalg> =>
    openFront(lapackOver(await openWasm({ threads }), library, threads, { ...twoStageOf(library), from }))
  const [two, one] = [await open(1), await open(Infinity)]
  try {
    const [a, original] = [matrix(n, n, two.allocate(n * n)), new Float64Array(n * n)]
    fill(original, n)
    const dsyevd = directly(library)
    const overwrite = true
    const [direct, values, vectors, today, todayVectors] = await byTurns(
      [
        () => dsyevd(a.data, n),
        () => two.eigenvalues(a, { overwrite }),
        async () => (await two.eigenSymmetric(a, { overwrite, select: few })).release(),
        () => one.eigenvalues(a, { overwrite }),
        async () => (await one.eigenSymmetric(a, { overwrite, select: few })).release()
      ],
      () => a.data.set(original),
      rounds,
      options.signal
    )
    return {
      library: library.description,
      n,
      'dsyevd N': direct,
      'two stages': values,
      'dsyevd / two': direct / values,
      'one stage': today,
      'one / two': today / values,
      'two, 16 vectors': vectors,
      'vectors / values': vectors / values,
      'one, 16 vectors': todayVectors
    }
  } finally {
    await two.dispose()
    await one.dispose()
  }
}

/** The embedded kernels by two stages beside one. */
async function embedded(n: number, rounds: number, options: Pick<BenchOptions, 'signal'>): Promise<Row> {
  const open = async (from: number): Promise<Linalg> => openFront(await openWasm({ threads, twoStage: { from, width: 64, share: 1 / 32 } }))
  const [two, one] = [await open(1), await open(Infinity)]
  try {
    const original = new Float64Array(n * n)
    fill(original, n)
    const [a, b] = [two, one].map((linalg) => matrix(n, n, linalg.allocate(n * n)))
    const overwrite = true
    const [values, vectors, today] = await byTurns(
      [
        () => two.eigenvalues(a, { overwrite }),
        async () => (await two.eigenSymmetric(a, { overwrite, select: few })).release(),
        () => one.eigenvalues(b, { overwrite })
      ],
      () => [a, b].forEach(({ data }) => data.set(original)),
      rounds,
      options.signal
    )
    return {
      library: `embedded, ${two.kernels}`,
      n,
      'two stages': values,
      'one stage': today,
      'one / two': today / values,
      'two, 16 vectors': vectors,
      'vectors / values': vectors / values
    }
  } finally {
    await two.dispose()
    await one.dispose()
  }
}

export const twoStageBench: Bench = {
  describe: 'eigenvalues by two stages beside dsyevd and one stage',
  async run({ long, report, note, signal }) {
    const rows: Row[] = []
    for (const n of [...orders.short, ...(long ? orders.long : [])]) {
      const row = await native(n, n > 3000 ? 1 : n > 1500 ? 3 : 7, { signal })
      if (row) rows.push(row)
      else note('no native library here')
      if (row) report(row)
      const own = await embedded(n, n > 3000 ? 1 : 3, { signal })
      rows.push(own)
      report(own)
    }
    return rows
  }
}
