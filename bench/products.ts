// Products with the Hessian, the GGN and the empirical Fisher in units of one gradient at the same point.
import { matrix, openLinalg } from '../src/engine/linalg'
import type { ProductKind } from '../src/engine/curvature/products'
import { fillNormal, randomStream } from '../src/engine/random'
import type { Activation } from '../src/shared/spec/schema'
import type { Bench, Row } from './bench'
import { inTurns } from './measure'
import { benchNetwork } from './networks'

const leaky: Activation = { kind: 'leaky-relu', slope: 0.5 }
const nets: { layers: number[]; samples: number; activation: Activation; loss: 'half-sse' | 'softmax-cross-entropy' }[] = [
  { layers: [50, 50, 100], samples: 50, activation: leaky, loss: 'half-sse' },
  { layers: [50, 50, 100], samples: 5000, activation: leaky, loss: 'half-sse' },
  { layers: [100, 50, 10], samples: 1000, activation: { kind: 'tanh' }, loss: 'softmax-cross-entropy' },
  { layers: [100, 100, 100, 10], samples: 1000, activation: { kind: 'softplus' }, loss: 'half-sse' },
  { layers: [784, 200, 10], samples: 500, activation: { kind: 'sigmoid' }, loss: 'softmax-cross-entropy' }
]

export const productsBench: Bench = {
  describe:
    'products with the Hessian, GGN and empirical Fisher, in gradients (forward pass of the product kept, as Lanczos uses it, and with it)',
  async run(options) {
    const rows: Row[] = []
    const linalg = await openLinalg()
    try {
      for (const { layers, samples, activation, loss } of nets) {
        const { objective, parameters } = benchNetwork(linalg, layers, samples, activation, loss)
        const gradient = new Float64Array(objective.parameterCount)
        for (const kind of ['hessian', 'ggn', 'fisher'] satisfies ProductKind[])
          for (const vectors of [1, 8]) {
            const v = matrix(
              vectors,
              objective.parameterCount,
              fillNormal(randomStream(1, 'bench'), new Float64Array(vectors * objective.parameterCount))
            )
            const multiply = await objective.products(parameters, kind)
            const [own, kept, whole] = await inTurns([
              () => objective.gradient(parameters, gradient),
              () => multiply(v),
              async () => (await objective.products(parameters, kind))(v)
            ])
            options.signal?.throwIfAborted()
            const seconds = kept / vectors
            const row = {
              net: layers.join('→'),
              activation: activation.kind,
              N: samples,
              kind,
              vectors,
              gradientSeconds: own,
              seconds,
              gradients: seconds / own,
              gradientsWithForward: whole / vectors / own
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
