// A step on the full Hessian by its tridiagonal form beside the same step by all eigenvectors, for every damping rule, on both backends.
import { openLinalg, type Linalg } from '../src/engine/linalg'
import { blockSolver } from '../src/engine/optimizers/block-solver'
import type { DampingKind } from '../src/engine/optimizers/interface'
import type { Bench, Row } from './bench'
import { median } from './measure'
import { benchNetwork, relativeDifference, type BenchNetwork } from './networks'

const damping = 1e-3
const rules: readonly DampingKind[] = ['abs-of-shifted', 'shifted-abs', 'clamp', 'shifted']

/** Layers and rounds. The smaller ones lie where the solver begins to do without eigenvectors; the large one is taken with the rule that never needs them. */
const short = [
  [[35, 20, 15], 3],
  [[50, 25, 10], 3],
  [[100, 25, 10], 3]
] as const
const long = [[[50, 50, 100], 1]] as const

interface Step {
  readonly seconds: number
  readonly parts: Readonly<Record<'assembly' | 'decomposition' | 'solve', number>>
  readonly path: string
  readonly direction: Float64Array
}

/** Gradient, Hessian, damped inverse and all eigenvalues for the figures, as a step of Newton does them. */
async function stepOf(linalg: Linalg, net: BenchNetwork, rule: DampingKind, tridiagonalFrom: number, signal?: AbortSignal): Promise<Step> {
  const { objective, parameters } = net
  const parts = { assembly: 0, decomposition: 0, solve: 0 }
  const began = performance.now()
  const gradient = new Float64Array(parameters.length)
  await objective.gradient(parameters, gradient, { signal })
  const [block] = await objective.curvature(parameters, { scope: 'full', kind: 'hessian', signal })
  parts.assembly = (performance.now() - began) / 1000
  const spend = (phase: 'decomposition' | 'solve', seconds: number) => void (parts[phase] += seconds)
  // Decomposed at once: what a factorization tried before would take is the same on both sides.
  const solver = blockSolver(linalg, block, gradient, { rule, decompose: true, scratch: () => null, tridiagonalFrom, spend, signal })
  try {
    const { direction, path } = await solver.solve(damping)
    await solver.eigenvalues()
    return { seconds: (performance.now() - began) / 1000, parts, path, direction }
  } finally {
    solver.release()
    linalg.release(block.data)
  }
}

export const matrixFunctionBench: Bench = {
  describe: 'a step on the full Hessian without eigenvectors beside one with them, for every damping rule',
  async run(options) {
    const rows: Row[] = []
    const { signal } = options
    for (const backend of ['lapack', 'wasm'] as const) {
      const linalg = await openLinalg({ backend }).catch((error: unknown) => {
        options.note(`no ${backend}: ${String(error)}`)
        return null
      })
      if (linalg === null) continue
      try {
        for (const [layers, repeats] of options.long ? long : short) {
          const net = benchNetwork(linalg, [...layers], 50, { kind: 'tanh' })
          let warm = false
          for (const rule of options.long ? (['shifted-abs'] as const) : rules) {
            if (!warm && repeats > 1) await stepOf(linalg, net, rule, 1, signal)
            warm = true
            // By turns, so that a machine that slows down does so for both.
            const [before, after]: [Step[], Step[]] = [[], []]
            for (let i = 0; i < repeats; i++) {
              before.push(await stepOf(linalg, net, rule, Infinity, signal))
              after.push(await stepOf(linalg, net, rule, 1, signal))
            }
            const seconds = (steps: readonly Step[]) => median(steps.map((step) => step.seconds))
            const last = after[after.length - 1]
            const row = {
              backend: linalg.info.description,
              threads: linalg.info.threads,
              parameters: net.parameters.length,
              rule,
              path: last.path,
              eigenvectors: seconds(before),
              seconds: seconds(after),
              ratio: median(before.map((step, i) => step.seconds / after[i].seconds)),
              assembly: last.parts.assembly,
              decomposition: last.parts.decomposition,
              solve: last.parts.solve,
              difference: relativeDifference(last.direction, before[before.length - 1].direction)
            }
            rows.push(row)
            options.report(row)
          }
        }
      } finally {
        await linalg.dispose()
      }
    }
    return rows
  }
}
