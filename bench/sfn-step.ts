// One whole step of the demonstration's saddle-free Newton (50→50→100 by layer blocks, batch 50) beside a NumPy program that does what the original does.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { openLinalg } from '../src/engine/linalg'
import { createOptimizer } from '../src/engine/optimizers'
import { optimizerSchema } from '../src/shared/spec/schema'
import type { Bench, Row } from './bench'
import { median } from './measure'
import { benchNetwork, handOver, relativeDifference } from './networks'
import { runPython } from './python'

const damping = 0.1
const learningRate = 0.1
const answerSchema = z.object({ version: z.string(), seconds: z.number(), assembly: z.number(), eigen: z.number(), products: z.number() })

/** The doubles of a one-dimensional .npy file. */
function readVector(path: string): Float64Array {
  const bytes = readFileSync(path)
  const start = 10 + bytes.readUInt16LE(8)
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length))
}

export const sfnStepBench: Bench = {
  describe: 'one step of sfn-cifar100 (gradient, Hessian blocks, solve, update) beside the NumPy original',
  async run(options) {
    const rows: Row[] = []
    const add = (row: Row) => {
      rows.push(row)
      options.report(row)
    }
    const linalg = await openLinalg()
    try {
      const net = benchNetwork(linalg, [50, 50, 100], 50)
      const { objective, parameters } = net
      const { signal } = options
      const spec = optimizerSchema.parse({
        kind: 'sfn',
        scope: 'layer-blocks',
        damping: { kind: 'abs-of-shifted', value: damping },
        learningRate
      })
      const optimizer = createOptimizer(spec)
      let update: Float64Array = new Float64Array()
      let path = ''
      const step = async (wantSpectrum: boolean) => {
        const gradient = new Float64Array(parameters.length)
        const loss = await objective.gradient(parameters, gradient, { signal })
        const common = { linalg, parameters, objective, curvatureObjective: objective, gradient, loss, signal }
        const result = await optimizer.step(optimizer.init(parameters.length), {
          ...common,
          step: 1,
          epoch: 0,
          learningRate,
          damping,
          wantSpectrum
        })
        update = result.update
        path = Object.values(result.diagnostics.path ?? {}).join(' and ')
        const next = parameters.map((value, i) => value + update[i])
        if (!next.every(Number.isFinite)) throw new Error('the step is not finite')
        return result.diagnostics.seconds ?? {}
      }
      const timed = async (what: string, wantSpectrum: boolean, repeats: number): Promise<number> => {
        const times: number[] = []
        let parts: Readonly<Record<string, number>> = {}
        for (let i = 0; i < repeats; i++) {
          const began = performance.now()
          parts = await step(wantSpectrum)
          times.push((performance.now() - began) / 1000)
        }
        const seconds = median(times.slice(1))
        add({
          what: `saddlescope (${linalg.info.kind}), ${what}, ${path}`,
          threads: linalg.info.threads,
          first: times[0],
          seconds,
          assembly: parts.assembly ?? null,
          decomposition: parts.decomposition ?? null,
          solve: parts.solve ?? null,
          timesOurs: 1,
          difference: 0
        })
        return seconds
      }
      const ours = await timed('step', false, 12)
      const withSpectrum = await timed('step with all eigenvalues', true, 4)
      const handed = handOver(net)
      try {
        const out = join(handed.folder, 'update.npy')
        const input = { net: handed.path, damping, learningRate, out }
        const { threads } = linalg.info
        options.note('the NumPy step takes about 25 s')
        const result = await runPython('sfn_step.py', { input, needs: ['numpy'], threads, signal })
        if ('missing' in result) {
          options.note(result.missing)
          return rows
        }
        const answer = answerSchema.parse(result.rows[0])
        add({
          what: `NumPy ${answer.version}, as the original`,
          threads,
          first: answer.seconds,
          seconds: answer.seconds,
          assembly: answer.assembly,
          decomposition: answer.eigen,
          solve: answer.products,
          timesOurs: answer.seconds / ours,
          difference: relativeDifference(update, readVector(out))
        })
        options.note(`with all eigenvalues computed too, ours is ${(answer.seconds / withSpectrum).toFixed(1)} times faster`)
      } finally {
        handed.remove()
      }
    } finally {
      await linalg.dispose()
    }
    return rows
  }
}
