// Problems and starts on which plain Newton's method fails, for AR3: where the Hessian is singular, and beside saddles.
import { matrix, type Linalg } from '../../../../src/engine/linalg'
import { networkObjective } from '../../../../src/engine/objectives/network'
import { regularizedObjective } from '../../../../src/engine/objectives/regularized'
import { createNetwork } from '../../../../src/engine/nn/network'
import type { Objective } from '../../../../src/engine/objective'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import { jacobi } from '../../../reference/linalg/plain'
import { functionOf } from './walk'

export interface HardProblem {
  readonly objective: Objective
  /** Only below this a minimum counts: above it lies one that has learned nothing. */
  readonly below?: number
  /** The next start of an endless list. */
  next(): Promise<Float64Array>
}

const variables = (n: number) => Array.from({ length: n }, (_, i) => `x${String(i + 1).padStart(2, '0')}`)

/** Ascending. */
export async function eigenvaluesAt(objective: Objective, point: Float64Array): Promise<Float64Array> {
  const size = point.length
  const [{ data }] = await objective.curvature(point, { scope: 'full', kind: 'hessian' })
  return jacobi(matrix(size, size, data.slice())).values
}

const draws = (name: string) => {
  const stream = randomStream(7, name)
  return (size: number, spread: number) => fillNormal(stream, new Float64Array(size), spread)
}

/** Σ (1 − x_i)² + 100 (x_{i+1} − x_i²)², from points in which an eigenvalue of the Hessian passes through zero: Newton's first step is about 1e13 long. */
export function rosenbrockChain(linalg: Linalg, size: number): HardProblem {
  const x = variables(size)
  const terms = x.slice(1).map((name, i) => `(1 - ${x[i]})^2 + 100*(${name} - ${x[i]}^2)^2`)
  const objective = functionOf(linalg, terms.join(' + '), x)
  const draw = draws(`rosenbrock ${size}`)
  const negative = async (point: Float64Array) => (await eigenvaluesAt(objective, point)).filter((value) => value < 0).length
  return {
    objective,
    async next() {
      for (;;) {
        const [from, to] = [draw(size, 1), draw(size, 1)]
        const between = (t: number) => from.map((value, i) => value + t * (to[i] - value))
        const own = await negative(from)
        if (own === (await negative(to))) continue
        let [low, high] = [0, 1]
        for (let k = 0; k < 52; k++) {
          const middle = (low + high) / 2
          if ((await negative(between(middle))) === own) low = middle
          else high = middle
        }
        return between(low)
      }
    }
  }
}

/** Four double wells, weakly coupled: 81 critical points, of which 16 are minima; from points that are mostly among the saddles. */
export function wells(linalg: Linalg): HardProblem {
  const x = variables(4)
  const terms = [...x.map((name) => `(${name}^2 - 1)^2/4`), ...x.slice(1).map((name, i) => `0.1*${x[i]}*${name}`)]
  const draw = draws('wells')
  return { objective: functionOf(linalg, terms.join(' + '), x), next: async () => draw(4, 0.4) }
}

/**
 * A 2 → 2 → 1 tanh net on XOR with a little weight decay, from weights near zero: there lies the plateau of nets that answer 0 to everything (loss 0.64),
 * all of whose second derivatives vanish but for the decay, so that Newton’s method ends on it; the way down is of third order.
 */
export function xorNet(linalg: Linalg): HardProblem {
  const network = createNetwork({ layers: [2, 2, 1], activation: { kind: 'tanh' }, outputActivation: null, bias: true }, 'mse')
  const inputs = matrix(4, 2, Float64Array.of(-1, -1, -1, 1, 1, -1, 1, 1))
  const targets = matrix(4, 1, Float64Array.of(-0.8, 0.8, 0.8, -0.8))
  const draw = draws('xor')
  return {
    objective: regularizedObjective(networkObjective({ linalg }, network, 'mse', { inputs, targets }), 1e-3),
    below: 0.1,
    next: async () => draw(network.parameterCount, 0.1)
  }
}
