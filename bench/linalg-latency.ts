// How soon a long call rejects after it is cancelled, and the longest time it keeps the event loop from turning.
import { matrix, openLinalg, type CallOptions, type Linalg, type Matrix } from '../src/engine/linalg'
import { lapackFault } from '../test/reference/linalg/lapack-here'
import type { Bench, Row } from './bench'
import { median } from './measure'

/** Calls last seconds at this order, so that they can be cancelled in the middle. */
const order = (long: boolean): number => (long ? 5000 : 2500)

export const linalgLatencyBench: Bench = {
  describe: 'cancellation and responsiveness of long calls',
  async run(options) {
    const rows: Row[] = []
    const n = order(options.long)
    for (const backend of (await lapackFault()) === null ? (['wasm', 'lapack'] as const) : (['wasm'] as const)) {
      const linalg = await openLinalg({ backend })
      const { threads } = linalg.info
      for (const [routine, run] of Object.entries(routines(linalg, n))) {
        if (options.signal?.aborted) throw options.signal.reason
        const whole = await watched(run, null)
        const cancelled: number[] = []
        // Cancelled at a fifth, at half and at four fifths of the whole call.
        for (const part of [0.2, 0.5, 0.8]) cancelled.push((await watched(run, whole.milliseconds * part)).cancelMilliseconds)
        const row = {
          routine,
          n,
          backend,
          threads,
          milliseconds: whole.milliseconds,
          cancelMedian: median(cancelled),
          cancelWorst: Math.max(...cancelled),
          longestPause: whole.longestPause
        }
        rows.push(row)
        options.report(row)
      }
      await linalg.dispose()
    }
    return rows
  }
}

function routines(linalg: Linalg, n: number): Record<string, (options: CallOptions) => Promise<unknown>> {
  const place = (): Matrix => {
    const m = matrix(n, n, linalg.allocate(n * n))
    let state = 1
    for (let at = 0; at < m.data.length; at++) m.data[at] = (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 31 - 1
    return m
  }
  const [a, c] = [place(), place()]
  const symmetric = place()
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) symmetric.data[i * n + j] = symmetric.data[j * n + i]
  const side = matrix(n, 1)
  return {
    gemm: (options) => linalg.gemm(a, symmetric, c, options),
    syrk: (options) => linalg.syrk(a, c, options),
    eigenvalues: (options) => linalg.eigenvalues(symmetric, options),
    'eigen-vectors': async (options) => linalg.release((await linalg.eigenSymmetric(symmetric, options)).vectors.data),
    qr: async (options) => {
      const { q, r } = await linalg.qr(a, options)
      linalg.release(q.data)
      linalg.release(r.data)
    },
    'least-squares': (options) => linalg.leastSquares(a, side, options),
    'singular values': (options) => linalg.singularValues(a, options)
  }
}

interface Watched {
  readonly milliseconds: number
  /** From the cancellation to the rejection; 0 when the call had ended before. */
  readonly cancelMilliseconds: number
  readonly longestPause: number
}

/** Runs a call, cancelled after so many milliseconds (never with null), beside a timer that should fire every millisecond. */
async function watched(run: (options: CallOptions) => Promise<unknown>, cancelAfter: number | null): Promise<Watched> {
  const controller = new AbortController()
  const now = (): number => performance.now()
  let [last, longestPause, cancelledAt] = [now(), 0, Infinity]
  const started = last
  const timer = setInterval(() => {
    const at = now()
    longestPause = Math.max(longestPause, at - last)
    last = at
    if (cancelAfter !== null && at - started > cancelAfter && cancelledAt === Infinity) {
      cancelledAt = at
      controller.abort(new Error('cancelled by the bench'))
    }
  }, 1)
  try {
    await run({ signal: controller.signal })
  } catch (error) {
    if (!controller.signal.aborted) throw error
  } finally {
    clearInterval(timer)
  }
  return { milliseconds: now() - started, cancelMilliseconds: Math.max(0, now() - cancelledAt), longestPause }
}
