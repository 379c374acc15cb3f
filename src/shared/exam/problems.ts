// The problems of the exam for optimizers, as data: each makes an ordinary run spec of a seed, has a known answer, a trap, a target and a budget.
import { randomStream } from '../random'
import type { NetworkInput, RunSpecInput } from '../spec/preset-parts'
import { chainedRosenbrock, gaussianPit, rotatedQuadratic, scaledBowl, tiltedSaddle } from './functions'

/** A run spec without its optimizer and budget. */
type Without<Spec> = Spec extends unknown ? Omit<Spec, 'optimizer' | 'budget' | 'schemaVersion' | 'name'> : never
type Instance = Without<RunSpecInput>

export interface ExamProblem {
  readonly id: string
  readonly title: string
  /** What it catches, one sentence. */
  readonly trap: string
  /** What is known of its answer, one sentence. */
  readonly answer: string
  /** `loss`: what is minimized, of a full batch; `testLoss`: of the test samples, looked at every `evaluateEvery` steps. */
  readonly metric: 'loss' | 'testLoss'
  /** In gradients of the problem's own batch. */
  readonly budget: number
  /** The instance of a seed, and the value of the metric at or below which it is passed. */
  instance(seed: number): { readonly spec: Instance; readonly target: number }
}

/** Steps between two looks at the test samples. */
export const evaluateEvery = 10

/** Coordinates of a start: `centre` plus normal deviates times `spread`, from the seed's own stream. */
function startAround(seed: number, centre: readonly number[], spread: number): number[] {
  const stream = randomStream(seed, 'exam start')
  return centre.map((value) => value + spread * stream.normal())
}

const onFunction = (formula: string, variables: readonly string[] | null, start: readonly number[]): Instance => ({
  problem: { kind: 'function', function: formula, variables: variables === null ? null : [...variables], start: [...start] }
})

const onNetwork = (seed: number, parts: Pick<NetworkInput, 'data' | 'model' | 'loss' | 'batch'>): Instance => ({ seed, ...parts })

const linear = { kind: 'identity' } as const

export const examProblems: readonly ExamProblem[] = [
  {
    id: 'ill-conditioned',
    title: 'Ill-conditioned quadratic',
    trap: 'Curvatures from 100 down to 0.01 along axes that no coordinate follows: a rate that is stable along the steepest crawls along the flattest, and a rate for each coordinate helps little.',
    answer: 'The minimum is 0 at (1, −2, 3, −4), and Newton’s step from anywhere ends there.',
    metric: 'loss',
    budget: 500,
    instance: (seed) => ({
      spec: onFunction(rotatedQuadratic.formula, rotatedQuadratic.variables, startAround(seed, [0, 0, 0, 0], 1)),
      target: 1e-8
    })
  },
  {
    id: 'rosenbrock-2',
    title: 'Rosenbrock in 2 dimensions',
    trap: 'A bent valley: its floor falls a thousand times more gently than its walls rise, and turns.',
    answer: 'The only critical point is the minimum, 0 at (1, 1).',
    metric: 'loss',
    budget: 1000,
    instance: (seed) => ({ spec: onFunction('rosenbrock', null, startAround(seed, [-1.2, 1], 0.1)), target: 1e-8 })
  },
  {
    id: 'rosenbrock-20',
    title: 'Rosenbrock in 20 dimensions',
    trap: 'Nineteen such valleys in a chain, and a second minimum near (−1, 1, …, 1), of height 3.99, beside the start.',
    answer: 'The global minimum is 0 at (1, …, 1).',
    metric: 'loss',
    budget: 2000,
    instance: (seed) => ({
      spec: onFunction(
        chainedRosenbrock.formula,
        chainedRosenbrock.variables,
        startAround(
          seed,
          chainedRosenbrock.variables.map((_, k) => (k % 2 === 0 ? -1.2 : 1)),
          0.1
        )
      ),
      target: 1e-6
    })
  },
  {
    id: 'saddle-start',
    title: 'Start beside a saddle',
    trap: 'The start lies 10⁻⁶ off the line that leads into a saddle whose way down is 250 times flatter than its walls: Newton’s step goes to the saddle, gradient descent takes ages to leave it.',
    answer: 'A saddle of index 1 and height 0.1 at (0, 0); the minima are 0 at ±(1, −1)/√2.',
    metric: 'loss',
    budget: 500,
    instance(seed) {
      const [u, v] = startAround(seed, [1, 0], 1e-6)
      return {
        spec: onFunction(tiltedSaddle.formula, tiltedSaddle.variables, [(u + v) * Math.SQRT1_2, (u - v) * Math.SQRT1_2]),
        target: 1e-6
      }
    }
  },
  {
    id: 'plateau',
    title: 'Plateau',
    trap: 'Around a pit the ground is flat to a few millionths and curved the wrong way: steps in proportion to the gradient hardly move, and Newton’s step leads away.',
    answer: 'The only critical point is the minimum, 0 at (1, 2); far off the value is 1.',
    metric: 'loss',
    budget: 500,
    instance(seed) {
      const angle = 2 * Math.PI * randomStream(seed, 'exam start').uniform()
      const radius = 5.5
      return {
        spec: onFunction(gaussianPit.formula, gaussianPit.variables, [1 + radius * Math.cos(angle), 2 + radius * Math.sin(angle)]),
        target: 1e-6
      }
    }
  },
  {
    id: 'noisy-gradients',
    title: 'Noisy gradients',
    trap: 'Batches of 4 samples for 10 weights: the curvature of a batch is singular and mostly chance, and a step that fits the batch forgets all others.',
    answer: 'Least squares has a test loss of about half the variance of the noise in the targets, 0.005.',
    metric: 'testLoss',
    budget: 2000,
    instance: (seed) => ({
      spec: onNetwork(seed, {
        data: { dataset: `linear-regression-10-1-seed-${seed}` },
        model: { layers: [10, 1], activation: linear, init: { kind: 'fan-in-normal' } },
        loss: 'half-sse',
        batch: { size: 4, shuffle: true }
      }),
      target: 0.006
    })
  },
  {
    id: 'scale-change',
    title: 'Change of scale',
    trap: 'The same bowl in other units each time: its height is multiplied by a number between 10⁻⁴ and 10⁴ that differs between tuning and grading.',
    answer: 'The minimum is 0 at (1, −1, 2) whatever the factor; the target is 10⁻⁸ times the factor.',
    metric: 'loss',
    budget: 500,
    instance(seed) {
      const factor = Number((10 ** (8 * randomStream(seed, 'exam scale').uniform() - 4)).toPrecision(3))
      const { formula, variables } = scaledBowl(factor)
      return { spec: onFunction(formula, variables, startAround(seed, [0, 0, 0], 1)), target: 1e-8 * factor }
    }
  },
  {
    id: 'sparse-inputs',
    title: 'Sparse inputs',
    trap: 'Input i of 20 is present in one of i² samples only, in batches of 8: what belongs to the rare ones is seldom heard of.',
    answer: 'The targets have no noise: the weights that made them have loss 0.',
    metric: 'testLoss',
    budget: 2000,
    instance: (seed) => ({
      spec: onNetwork(seed, {
        data: { dataset: `sparse-regression-20-1-seed-${seed}` },
        model: { layers: [20, 1], activation: linear, init: { kind: 'fan-in-normal' } },
        loss: 'half-sse',
        batch: { size: 8, shuffle: true }
      }),
      target: 1e-4
    })
  },
  {
    id: 'dead-xor',
    title: 'XOR from a dead start',
    trap: 'All weights begin so near to 0 that the hidden units say nothing: gradient and Hessian of what matters both vanish there, the way down is of fourth order.',
    answer: 'A tanh net 2 → 4 → 2 can compute XOR: its loss has infimum 0.',
    metric: 'loss',
    budget: 2000,
    instance: (seed) => ({
      spec: onNetwork(seed, {
        data: { dataset: 'xor' },
        model: { layers: [2, 4, 2], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal', gain: 0.05 } },
        loss: 'mse'
      }),
      target: 1e-3
    })
  },
  {
    id: 'deep-linear',
    title: 'Deep linear net',
    trap: 'Five linear layers from weights near 0: one saddle for every rank that the product still lacks.',
    answer: 'There are no minima but the global ones, whose product is the least-squares solution, of loss about 0.01.',
    metric: 'loss',
    budget: 1000,
    instance: (seed) => ({
      spec: onNetwork(seed, {
        data: { dataset: `linear-regression-5-5-seed-${seed}`, trainLimit: 60 },
        model: { layers: [5, 5, 5, 5, 5, 5], activation: linear, init: { kind: 'fan-in-normal', gain: 0.3 } },
        loss: 'mse'
      }),
      target: 0.012
    })
  },
  {
    id: 'two-spirals',
    title: 'Two spirals',
    trap: 'The outer turn and a half of two arms wound around each other, the first 100 points: a long way of small corrections in a net just large enough.',
    answer: 'No two of the points coincide: the loss has infimum 0.',
    metric: 'loss',
    budget: 1000,
    instance: (seed) => ({
      spec: onNetwork(seed, {
        data: { dataset: 'two-spirals', trainLimit: 100 },
        model: { layers: [2, 8, 8, 2], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal' } },
        loss: 'softmax-cross-entropy'
      }),
      target: 0.2
    })
  }
]
