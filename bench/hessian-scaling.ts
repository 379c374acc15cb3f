// Cost of the full Hessian against the number of parameters and of samples, with the exponents of least-squares lines through the logarithms.
import { openLinalg, type Linalg } from '../src/engine/linalg'
import type { CurvatureBlock } from '../src/engine/objective'
import type { Bench, BenchOptions, Row } from './bench'
import { powerLaw } from './measure'
import { benchNetwork } from './networks'

/** Square hidden layers: P = in·h + h·out with in = h = out/2. */
const sizes = [13, 18, 26, 37, 41, 52, 58]
const counts = [50, 100, 250, 500, 1000, 2500, 5000]

async function once(linalg: Linalg, layers: number[], samples: number, options: BenchOptions): Promise<{ P: number; seconds: number }> {
  const { objective, parameters } = benchNetwork(linalg, layers, samples, { kind: 'tanh' })
  const times: number[] = []
  let blocks: CurvatureBlock[] | undefined
  let spent = 0
  while (times.length < 4 || (spent < 2 && times.length < 25)) {
    const began = performance.now()
    blocks = await objective.curvature(parameters, { scope: 'full', reuse: blocks, signal: options.signal })
    times.push((performance.now() - began) / 1000)
    spent += times[times.length - 1]
  }
  for (const { data } of blocks ?? []) linalg.release(data)
  // The fastest call: other programs only ever add, and a slope through disturbed points says nothing.
  return { P: objective.parameterCount, seconds: Math.min(...times.slice(1)) }
}

/** Bars of equal height a decade, for the notes: a line of exponent 2 climbs twice as fast as one of exponent 1. */
function logPlot(name: string, points: readonly (readonly [number, number])[]): string[] {
  const lowest = Math.min(...points.map(([, y]) => y))
  return points.map(([x, y]) => {
    const bar = '#'.repeat(1 + Math.round(20 * Math.log10(y / lowest)))
    return `${name} ${String(x).padStart(6)}  at ${Math.log10(x / points[0][0]).toFixed(2)} decades  ${bar} ${y.toPrecision(3)} s`
  })
}

export const hessianScalingBench: Bench = {
  describe: 'full Hessian (tanh, half-sse) against P at N = 50 and against N at P = 2028, into memory used before',
  async run(options) {
    const rows: Row[] = []
    const linalg = await openLinalg()
    const add = async (series: string, width: number, samples: number): Promise<readonly [number, number, number]> => {
      const { P, seconds } = await once(linalg, [width, width, 2 * width], samples, options)
      const row = { series, P, N: samples, seconds, secondsPerEntryAndSample: seconds / (P * P * samples) }
      rows.push(row)
      options.report(row)
      return [P, samples, seconds]
    }
    try {
      const byP: (readonly [number, number])[] = []
      for (const width of sizes) {
        const [P, , seconds] = await add('P', width, 50)
        byP.push([P, seconds])
      }
      const byN: (readonly [number, number])[] = []
      for (const samples of counts) {
        const [, N, seconds] = await add('N', 26, samples)
        byN.push([N, seconds])
      }
      for (const line of [...logPlot('P', byP), ...logPlot('N', byN)]) options.note(line)
      options.note(
        `exponent in P, all sizes: ${powerLaw(byP).exponent.toFixed(2)}; the four largest: ${powerLaw(byP.slice(-4)).exponent.toFixed(2)}`
      )
      options.note(
        `exponent in N, all sizes: ${powerLaw(byN).exponent.toFixed(2)}; the four largest: ${powerLaw(byN.slice(-4)).exponent.toFixed(2)}`
      )
    } finally {
      await linalg.dispose()
    }
    return rows
  }
}
