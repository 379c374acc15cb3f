// What order is worth: steps, factorizations, gradients and seconds to one tolerance, for Newton of order 2 to 6 and AR3, beside saddle-free Newton with an adapted damping in the same run.
import { openLinalg, type Linalg } from '../src/engine/linalg'
import { norm } from '../src/engine/linalg/vectors'
import type { Objective } from '../src/engine/objective'
import { functionDefinition } from '../src/engine/functions/list'
import { functionObjective } from '../src/engine/objectives/function'
import { regularizedObjective } from '../src/engine/objectives/regularized'
import { createOptimizer } from '../src/engine/optimizers'
import { optimizerSchema, type OptimizerInput } from '../src/shared/spec/schema'
import type { Bench, Row } from './bench'
import { benchNetwork } from './networks'

const tolerance = 1e-10
const mostSteps = 60
const secondsAMethod = 25
const adapted = { value: 0.1, adapt: 'levenberg' } as const
const saddleFree: OptimizerInput = { kind: 'sfn', learningRate: 1, damping: adapted }

const methods: readonly { readonly name: string; readonly optimizer: OptimizerInput }[] = [
  { name: 'sfn, adapted', optimizer: saddleFree },
  { name: 'Newton, δ = 1e-10', optimizer: { kind: 'damped-newton', learningRate: 1, damping: { value: 1e-10 } } },
  ...[2, 3, 4, 5, 6].map((order) => ({ name: `order ${order}`, optimizer: { kind: 'series-newton', order } as const })),
  { name: 'order 4, adapted', optimizer: { kind: 'series-newton', order: 4, damping: adapted } },
  { name: 'ar3', optimizer: { kind: 'ar3' } }
]

interface Outcome {
  readonly at: Float64Array
  readonly steps: number
  readonly gradients: number
  readonly seconds: number
  readonly loss: number
  readonly gradNorm: number
}

/** Steps until ‖∇f‖ ≤ `until`, a limit, or a point that is not finite. */
async function minimize(
  linalg: Linalg,
  objective: Objective,
  start: Float64Array,
  options: OptimizerInput,
  until: number,
  signal?: AbortSignal
): Promise<Outcome> {
  const spec = optimizerSchema.parse(options)
  const optimizer = createOptimizer(spec)
  const damping = 'damping' in spec ? (spec.damping.value as number) : 0
  let state = optimizer.init(start.length)
  let at = start
  let gradients = 0
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1000
  try {
    for (let steps = 0; ; steps++) {
      const gradient = new Float64Array(start.length)
      const loss = await objective.gradient(at, gradient, { signal })
      gradients++
      const gradNorm = norm(gradient)
      if (!(gradNorm > until) || steps === mostSteps || seconds() > secondsAMethod)
        return { at, steps, gradients, seconds: seconds(), loss, gradNorm }
      const common = { linalg, parameters: at, objective, curvatureObjective: objective, gradient, loss, signal }
      const result = await optimizer.step(state, {
        ...common,
        step: steps + 1,
        epoch: 0,
        learningRate: spec.learningRate as number,
        damping,
        wantSpectrum: false
      })
      gradients += result.diagnostics.extraGradients ?? 0
      state = result.state
      at = at.map((value, i) => value + result.update[i])
    }
  } finally {
    optimizer.dispose?.()
  }
}

interface Problem {
  readonly name: string
  readonly objective: Objective
  start(): Promise<Float64Array>
}

function problemsOf(linalg: Linalg, signal?: AbortSignal): Problem[] {
  const layer = benchNetwork(linalg, [40, 10], 400, { kind: 'tanh' }, 'softmax-cross-entropy')
  const net = benchNetwork(linalg, [20, 8, 5], 200, { kind: 'tanh' }, 'softmax-cross-entropy')
  const decayed = regularizedObjective(net.objective, 1e-2)
  return [
    {
      name: 'Rosenbrock from (−1.2, 1)',
      objective: functionObjective({ linalg }, functionDefinition({ function: 'rosenbrock', variables: null, start: null })),
      start: async () => Float64Array.of(-1.2, 1)
    },
    { name: 'softmax layer 40→10, l2', objective: regularizedObjective(layer.objective, 1e-3), start: async () => layer.parameters },
    { name: 'tanh net 20→8→5, l2, from its start', objective: decayed, start: async () => net.parameters },
    {
      name: 'the same, from ‖g‖ ≤ 1e-3',
      objective: decayed,
      start: async () => (await minimize(linalg, decayed, net.parameters, saddleFree, 1e-3, signal)).at
    }
  ]
}

export const higherOrderBench: Bench = {
  describe: `steps (each one factorization), gradients and seconds to ‖∇f‖ ≤ ${tolerance}, with their ratio to saddle-free Newton with an adapted damping`,
  async run(options) {
    const rows: Row[] = []
    const linalg = await openLinalg()
    try {
      for (const { name, objective, start } of problemsOf(linalg, options.signal)) {
        const from = await start()
        let baseline: Outcome | null = null
        // Once for nothing, so that the first method measured does not pay for the start of threads and compilation.
        await minimize(linalg, objective, from, { kind: 'series-newton', order: 3 }, Infinity, options.signal)
        for (const method of methods) {
          const outcome = await minimize(linalg, objective, from, method.optimizer, tolerance, options.signal)
          baseline ??= outcome
          const row = {
            problem: name,
            method: method.name,
            P: from.length,
            reached: outcome.gradNorm <= tolerance,
            steps: outcome.steps,
            gradients: outcome.gradients,
            seconds: outcome.seconds,
            timesSeconds: outcome.seconds / baseline.seconds,
            loss: outcome.loss,
            gradNorm: outcome.gradNorm
          }
          rows.push(row)
          options.report(row)
        }
      }
    } finally {
      await linalg.dispose()
    }
    return rows
  }
}
