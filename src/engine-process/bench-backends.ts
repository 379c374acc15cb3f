// How fast each linear-algebra backend of this machine is: products and eigendecompositions for some ten seconds in all.
import { matrix, openLinalg, type Linalg, type Matrix } from '../engine/linalg'
import { fillNormal, randomStream } from '../engine/random'
import type { BackendName, BackendSpeed, BackendSpeeds } from '../shared/linalg-choice'
import { messageOf } from '../shared/format/message-of'

const productOrder = 1000
const eigenOrder = 800
/** Each kind of work is done again for so long, twice at least: the first time also wakes threads and caches. */
const spanSeconds = 1.6
const leastTimes = 2
const kinds: readonly BackendName[] = ['lapack', 'wasm']

interface BenchOptions {
  readonly signal: AbortSignal
  readonly onProgress: (fraction: number, message: string) => void
  /** Threads each backend may use; null: as many as there are cores. */
  readonly threads: number | null
}

/** The best time of one piece of work, in seconds. */
async function bestOf(work: () => Promise<void>, signal: AbortSignal, onShare: (share: number) => void): Promise<number> {
  const began = performance.now()
  let best = Infinity
  for (let times = 0; ; times++) {
    const spent = (performance.now() - began) / 1000
    if (times >= leastTimes && spent >= spanSeconds) return best
    onShare(Math.min(1, spent / spanSeconds))
    signal.throwIfAborted()
    const start = performance.now()
    await work()
    best = Math.min(best, (performance.now() - start) / 1000)
  }
}

function filled(linalg: Linalg, order: number, symmetric: boolean): Matrix {
  const made = matrix(order, order, linalg.allocate(order * order))
  const data = fillNormal(randomStream(1, 'bench'), made.data)
  if (symmetric) for (let i = 0; i < order; i++) for (let j = 0; j < i; j++) data[i * order + j] = data[j * order + i]
  return made
}

async function measure(kind: BackendName, { signal, onProgress, threads }: BenchOptions, from: number): Promise<BackendSpeed> {
  const said = kind === 'lapack' ? 'native library' : 'embedded kernels'
  const share = (part: number, what: string) => onProgress(from + part / kinds.length, `${said}: ${what}`)
  let linalg: Linalg
  try {
    linalg = await openLinalg({ backend: kind, ...(threads === null ? {} : { threads }) })
  } catch (error) {
    const problem = messageOf(error)
    return { kind, description: null, problem, threads: null, gflops: null, eigenSeconds: null }
  }
  try {
    const [a, b, c] = [filled(linalg, productOrder, false), filled(linalg, productOrder, false), filled(linalg, productOrder, false)]
    const product = await bestOf(
      () => linalg.gemm(a, b, c, { signal }),
      signal,
      (part) => share(part / 2, `product of order ${productOrder}`)
    )
    const symmetric = filled(linalg, eigenOrder, true)
    const eigen = await bestOf(
      async () => (await linalg.eigenSymmetric(symmetric, { signal })).release(),
      signal,
      (part) => share(0.5 + part / 2, `eigendecomposition of order ${eigenOrder}`)
    )
    const { description, threads: used } = linalg.info
    return { kind, description, problem: null, threads: used, gflops: (2 * productOrder ** 3) / (product * 1e9), eigenSeconds: eigen }
  } finally {
    await linalg.dispose()
  }
}

/** Measures every backend, one after the other. Rejects with the signal's reason when cancelled. */
export async function benchBackends(options: BenchOptions): Promise<{ message: string; speeds: BackendSpeeds }> {
  const backends: BackendSpeed[] = []
  for (const [place, kind] of kinds.entries()) backends.push(await measure(kind, options, place / kinds.length))
  const found = backends.flatMap(({ kind, gflops }) => (gflops === null ? [] : [`${kind} ${gflops.toFixed(1)} GFlop/s`]))
  return { message: `measured ${found.join(', ')}`, speeds: { measuredAt: new Date().toISOString(), productOrder, eigenOrder, backends } }
}
