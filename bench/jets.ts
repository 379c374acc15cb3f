// Jets of order 1 to 6 in gradients at the same point: along lines and general curves, of several nets.
import { matrix, openLinalg } from '../src/engine/linalg'
import { fillNormal, randomStream } from '../src/engine/random'
import type { Activation, LossKind } from '../src/shared/spec/schema'
import type { Bench, Row } from './bench'
import { inTurns } from './measure'
import { benchNetwork } from './networks'

const leaky: Activation = { kind: 'leaky-relu', slope: 0.5 }
/** The shapes of `sfn-mnist10` and `sfn-cifar100`, and wider ones. */
const nets: { layers: number[]; samples: number; activation: Activation; loss: LossKind }[] = [
  { layers: [100, 25, 10], samples: 250, activation: { kind: 'tanh' }, loss: 'softmax-cross-entropy' },
  { layers: [100, 100, 10], samples: 1000, activation: { kind: 'tanh' }, loss: 'softmax-cross-entropy' },
  { layers: [100, 100, 100, 10], samples: 1000, activation: { kind: 'softplus' }, loss: 'half-sse' },
  { layers: [50, 50, 100], samples: 50, activation: leaky, loss: 'half-sse' },
  { layers: [50, 50, 100], samples: 5000, activation: { kind: 'sigmoid' }, loss: 'mse' }
]
const orders = [1, 2, 3, 4, 5, 6]

export const jetsBench: Bench = {
  describe:
    'jets of order K = 1 … 6 in gradients (allowed: (K+1)(K+2)/2 + 2), along a line, a curve of K coefficients, and eight lines at once',
  async run(options) {
    const rows: Row[] = []
    const linalg = await openLinalg()
    try {
      for (const { layers, samples, activation, loss } of nets) {
        const { objective, parameters } = benchNetwork(linalg, layers, samples, activation, loss)
        const p = objective.parameterCount
        const gradient = new Float64Array(p)
        const random = randomStream(1, 'bench')
        const curve = (count: number) => matrix(count, p, fillNormal(random, new Float64Array(count * p), 0.1))
        const lines = Array.from({ length: 8 }, () => curve(1))
        for (const order of orders) {
          const general = curve(order)
          const [own, line, bent, many] = await inTurns([
            () => objective.gradient(parameters, gradient),
            async () => objective.jets?.(parameters, lines.slice(0, 1), { order, signal: options.signal }),
            async () => objective.jets?.(parameters, [general], { order, signal: options.signal }),
            async () => objective.jets?.(parameters, lines, { order, signal: options.signal })
          ])
          options.signal?.throwIfAborted()
          const row = {
            net: layers.join('→'),
            activation: activation.kind,
            N: samples,
            P: p,
            order,
            gradientSeconds: own,
            lineSeconds: line,
            line: line / own,
            curve: bent / own,
            ofEightLines: many / 8 / own,
            allowed: ((order + 1) * (order + 2)) / 2 + 2
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
