// Fast finite-difference Newton on a perceptron (3072 → 100, batch 2500, random pixels) beside a NumPy program with the original's four pseudoinverses.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { memoryFactorizations } from '../src/engine/curvature/inverse-gradient'
import { openLinalg, type Linalg } from '../src/engine/linalg'
import { createNetwork } from '../src/engine/nn/network'
import { drawParameters } from '../src/engine/nn/parameters'
import { networkObjective } from '../src/engine/objectives/network'
import { createOptimizer } from '../src/engine/optimizers'
import { randomStream } from '../src/engine/random'
import { optimizerSchema } from '../src/shared/spec/schema'
import type { Bench, BenchOptions, Row } from './bench'
import { median } from './measure'
import { relativeDifference } from './networks'
import { runPython } from './python'

const [samples, inputs, outputs] = [2500, 3072, 100]
const learningRate = 0.1
const r = 1e-9
const slope = 0.5
const answerSchema = z.object({ version: z.string(), seconds: z.number() })

function problem(linalg: Linalg) {
  const network = createNetwork(
    { layers: [inputs, outputs], activation: { kind: 'leaky-relu', slope }, outputActivation: null, bias: false },
    'half-sse'
  )
  const random = randomStream(0, 'bench')
  const parameters = drawParameters(network, { kind: 'fan-sum-normal' }, random)
  // In the backend's own memory, where the run's data lie too.
  const x = linalg.allocate(samples * inputs)
  for (let i = 0; i < x.length; i++) x[i] = random.below(256) / 256 - 0.5
  const y = linalg.allocate(samples * outputs)
  for (let n = 0; n < samples; n++) y[n * outputs + random.below(outputs)] = 1
  const batch = {
    inputs: { data: x, rows: samples, columns: inputs, offset: 0, stride: inputs },
    targets: { data: y, rows: samples, columns: outputs, offset: 0, stride: outputs }
  }
  return { network, parameters, batch }
}

type Problem = ReturnType<typeof problem>

interface Timed {
  readonly first: number
  readonly again: number
  readonly update: Float64Array
}

/** Whole steps: gradient, direction, update. `first` with a batch that was never seen, `again` with its factorization at hand. */
async function timeSteps(
  linalg: Linalg,
  { network, parameters, batch }: Problem,
  mode: 'finite-difference' | 'limit',
  signal?: AbortSignal
): Promise<Timed> {
  const optimizer = createOptimizer(optimizerSchema.parse({ kind: 'fd-newton', mode, ...(mode === 'limit' ? {} : { r }), learningRate }))
  const cache = memoryFactorizations(linalg, linalg.availableBytes)
  const firsts: number[] = []
  const agains: number[] = []
  let update: Float64Array = new Float64Array()
  const step = async (key: string): Promise<number> => {
    const objective = networkObjective({ linalg }, network, 'half-sse', batch, { factorization: { cache, key } })
    const began = performance.now()
    const gradient = new Float64Array(parameters.length)
    const loss = await objective.gradient(parameters, gradient, { signal })
    const common = { linalg, parameters, objective, curvatureObjective: objective, gradient, loss, signal }
    const state = optimizer.init(parameters.length)
    const result = await optimizer.step(state, { ...common, step: 1, epoch: 0, learningRate, damping: 0, wantSpectrum: false })
    update = result.update
    const next = parameters.slice()
    for (let i = 0; i < next.length; i++) next[i] += update[i]
    return (performance.now() - began) / 1000
  }
  try {
    for (let repeat = 0; repeat < 4; repeat++) firsts.push(await step(`batch ${repeat}`))
    for (let repeat = 0; repeat < 8; repeat++) agains.push(await step(`batch ${repeat % 4}`))
  } finally {
    cache.release()
  }
  // The very first step also starts threads and touches fresh memory.
  return { first: median(firsts.slice(1)), again: median(agains), update }
}

function readDoubles(path: string): Float64Array {
  const bytes = readFileSync(path)
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}

/** The NumPy step's time and update; null with a note where there is no Python. */
async function baseline(
  net: Problem,
  threads: number,
  options: BenchOptions
): Promise<{ seconds: number; version: string; update: Float64Array } | null> {
  const folder = mkdtempSync(join(tmpdir(), 'saddlescope-bench-'))
  try {
    for (const [name, data] of [
      ['inputs', net.batch.inputs.data],
      ['targets', net.batch.targets.data],
      ['weights', net.parameters]
    ] as const)
      writeFileSync(join(folder, `${name}.bin`), new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    options.note('the NumPy step takes half a minute')
    const result = await runPython('fd_newton.py', {
      input: { folder, samples, inputs, outputs, slope, r, learningRate },
      needs: ['numpy'],
      threads,
      signal: options.signal
    })
    if ('missing' in result) {
      options.note(result.missing)
      return null
    }
    return { ...answerSchema.parse(result.rows[0]), update: readDoubles(join(folder, 'update.bin')) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export const fdNewtonBench: Bench = {
  describe: 'a perceptron step of fd-newton-cifar100 on random pixels beside NumPy with four pseudoinverses',
  async run(options) {
    const rows: Row[] = []
    const add = (row: Row) => {
      rows.push(row)
      options.report(row)
    }
    let numpy: Awaited<ReturnType<typeof baseline>> | undefined
    for (const backend of ['lapack', 'wasm'] as const) {
      let linalg: Linalg
      try {
        linalg = await openLinalg({ backend })
      } catch (error) {
        options.note(`${backend} is left out: ${error instanceof Error ? error.message : String(error)}`)
        continue
      }
      try {
        const net = problem(linalg)
        const { threads } = linalg.info
        if (numpy === undefined) {
          numpy = await baseline(net, threads, options)
          if (numpy !== null)
            add({
              what: `NumPy ${numpy.version}, as the original`,
              threads,
              firstEpoch: numpy.seconds,
              laterEpochs: numpy.seconds,
              timesFirst: 1,
              timesLater: 1,
              difference: 0
            })
        }
        for (const mode of ['finite-difference', 'limit'] as const) {
          const timed = await timeSteps(linalg, net, mode, options.signal)
          add({
            what: `saddlescope (${linalg.info.kind}), ${mode}`,
            threads,
            firstEpoch: timed.first,
            laterEpochs: timed.again,
            timesFirst: numpy ? numpy.seconds / timed.first : null,
            timesLater: numpy ? numpy.seconds / timed.again : null,
            difference: numpy ? relativeDifference(timed.update, numpy.update) : null
          })
        }
      } finally {
        await linalg.dispose()
      }
    }
    return rows
  }
}
