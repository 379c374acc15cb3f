// The full Hessian of the demonstration's net (50→50→100, batch 50, P = 7500) beside automatic differentiation in PyTorch and JAX, all in double precision.
import { z } from 'zod'
import { matrix, openLinalg, type Linalg } from '../src/engine/linalg'
import type { CurvatureBlock } from '../src/engine/objective'
import type { Bench, BenchOptions, Row } from './bench'
import { median } from './measure'
import { findMemset } from './memory'
import { benchNetwork, handOver, relativeDifference, type BenchNetwork } from './networks'
import { runPython } from './python'

const layers = [50, 50, 100]
const samples = 50
const forms = [
  { form: 'torch-autograd', what: 'torch.autograd.functional.hessian', needs: ['numpy', 'torch'] },
  { form: 'torch-func', what: 'torch.func.jacrev(jacrev, chunk_size=500)', needs: ['numpy', 'torch'] },
  { form: 'jax', what: 'jax.jit(jax.hessian)', needs: ['numpy', 'jax'] }
] as const

const answerSchema = z.object({
  version: z.string(),
  first: z.number(),
  seconds: z.number(),
  cpuSeconds: z.number(),
  figures: z.array(z.number())
})

const now = () => performance.now() / 1000

interface MemsetTimes {
  /** Of the very memory that the Hessian lies in, used before. */
  readonly warm: number
  /** Of fresh memory of the backend, with huge pages where the system gives them, and of the C library. */
  readonly firstTouch: number
  readonly firstTouchPlain: number
}

/** Seconds of `memset` on one thread over as many bytes as the Hessian has; null where the C library is not found. */
function memsetTimes(linalg: Linalg, { data }: CurvatureBlock): MemsetTimes | null {
  const memset = findMemset()
  if (!memset) return null
  const timed = (array: Float64Array): number => {
    const began = now()
    memset(array)
    return now() - began
  }
  const warm = median(Array.from({ length: 7 }, () => timed(data)))
  const fresh = linalg.allocate(data.length, 'anything')
  const firstTouch = timed(fresh)
  linalg.release(fresh)
  return { warm, firstTouch, firstTouchPlain: timed(new Float64Array(data.length)) }
}

/** What this machine gives at best, measured now: GFlop/s of a 1000³ product, GB/s of writing memory used before. */
async function machinePeak(linalg: Linalg, block: CurvatureBlock): Promise<{ gflops: number; writeGBs: number }> {
  const [a, b, c] = Array.from({ length: 3 }, () => matrix(1000, 1000, linalg.allocate(1e6)))
  a.data.fill(1)
  b.data.fill(1)
  const products: number[] = []
  const writes: number[] = []
  for (let i = 0; i < 5; i++) {
    const began = now()
    await linalg.gemm(a, b, c)
    products.push(now() - began)
    const wrote = now()
    block.data.fill(0)
    writes.push(now() - wrote)
  }
  for (const { data } of [a, b, c]) linalg.release(data)
  return { gflops: 2 / Math.min(...products), writeGBs: (8 * block.data.length) / Math.min(...writes) / 1e9 }
}

/** H u and the diagonal, as the Python script gives them. */
function figuresOf({ data, size }: CurvatureBlock): Float64Array {
  const figures = new Float64Array(2 * size)
  for (let r = 0; r < size; r++) {
    let sum = 0
    for (let c = 0; c < size; c++) sum += data[r * size + c] * Math.sin(c + 1)
    figures[r] = sum
    figures[size + r] = data[r * size + r]
  }
  return figures
}

/** Flops of the products that fill the upper triangle: the layers' own blocks by halves, the last one by unit. */
function flopsOf(net: BenchNetwork): number {
  const [a, b, c] = net.network.widths
  return 2 * samples * ((a * b) ** 2 / 2 + a * b * b * c + c * b * b)
}

async function measure(
  options: BenchOptions,
  threads: number | undefined,
  figures: Map<string, Float64Array>
): Promise<{ row: Row; peak: string; threads: number; memset: MemsetTimes | null }> {
  const linalg = await openLinalg({ threads })
  try {
    const net = benchNetwork(linalg, layers, samples)
    const times: number[] = []
    let blocks: CurvatureBlock[] | undefined
    let processor = process.cpuUsage()
    for (let i = 0; i < 12; i++) {
      if (i === 1) processor = process.cpuUsage()
      const began = now()
      blocks = await net.objective.curvature(net.parameters, { scope: 'full', reuse: blocks, signal: options.signal })
      times.push(now() - began)
    }
    const used = process.cpuUsage(processor)
    const cpuSeconds = (used.user + used.system) / 1e6 / (times.length - 1)
    if (!blocks) throw new Error('no Hessian was assembled')
    const [block] = blocks
    figures.set('saddlescope', figuresOf(block))
    const seconds = median(times.slice(1))
    const memset = memsetTimes(linalg, block)
    const peak = await machinePeak(linalg, block)
    const gflops = flopsOf(net) / seconds / 1e9
    const writeGBs = (8 * block.size ** 2) / seconds / 1e9
    return {
      row: {
        what: `saddlescope (${linalg.info.kind})`,
        P: block.size,
        N: samples,
        threads: linalg.info.threads,
        first: times[0],
        seconds,
        cpuSeconds,
        gflops,
        writeGBs,
        timesOurs: 1,
        difference: 0
      },
      memset,
      peak: `machine's own peak in this run (${linalg.info.description}): ${peak.gflops.toFixed(1)} GFlop/s in a product of order 1000, ${peak.writeGBs.toFixed(1)} GB/s writing`,
      threads: linalg.info.threads
    }
  } finally {
    await linalg.dispose()
  }
}

export const hessianBench: Bench = {
  describe:
    'full Hessian of 50→50→100, batch 50 (P = 7500), into memory used before, beside memset of the same bytes on one thread, PyTorch and JAX (`first`: the first call; `cpuSeconds`: of all threads, a call)',
  async run(options) {
    const rows: Row[] = []
    const add = (row: Row) => {
      rows.push(row)
      options.report(row)
    }
    const figures = new Map<string, Float64Array>()
    const own = await measure(options, undefined, figures)
    options.note(own.peak)
    add(own.row)
    if (own.memset) {
      const { warm, firstTouch, firstTouchPlain } = own.memset
      const bytes = 8 * Number(own.row.P) ** 2
      const memsetRow = (what: string, first: number) => ({
        ...own.row,
        what,
        threads: 1,
        first,
        seconds: warm,
        cpuSeconds: warm,
        gflops: null,
        writeGBs: bytes / warm / 1e9,
        difference: null,
        timesOurs: warm / Number(own.row.seconds)
      })
      add(memsetRow('memset (first: in fresh memory of the backend)', firstTouch))
      add(memsetRow('memset (first: in fresh memory of the C library)', firstTouchPlain))
      const [times, extra] = [Number(own.row.seconds) / warm, Number(own.row.first) - Number(own.row.seconds)]
      options.note(
        `the Hessian takes ${times.toFixed(2)} × a warm memset of its ${(bytes / 1e6).toFixed(0)} MB; its first call ${extra.toFixed(3)} s more than a warm one, a memset in fresh memory ${firstTouch.toFixed(3)} s`
      )
    }
    if (own.threads > 1) add((await measure(options, 1, figures)).row)
    const ours = figures.get('saddlescope') ?? new Float64Array()
    const linalg = await openLinalg({ threads: 1 })
    const handed = handOver(benchNetwork(linalg, layers, samples))
    await linalg.dispose()
    try {
      for (const { form, what, needs } of forms) {
        const input = { net: handed.path, form, repeats: options.long ? 5 : 3, threads: own.threads }
        const result = await runPython('hessian.py', { input, needs, threads: own.threads, signal: options.signal })
        if ('missing' in result) {
          options.note(result.missing)
          continue
        }
        const answer = answerSchema.parse(result.rows[0])
        add({
          what: `${what} ${answer.version}`,
          P: ours.length / 2,
          N: samples,
          threads: own.threads,
          first: answer.first,
          seconds: answer.seconds,
          cpuSeconds: answer.cpuSeconds,
          gflops: null,
          writeGBs: null,
          timesOurs: answer.seconds / Number(own.row.seconds),
          difference: relativeDifference(ours, answer.figures)
        })
      }
    } finally {
      handed.remove()
    }
    return rows
  }
}
