// Presets whose training is a famous chaotic map: what Lyapunov exponents are checked on.
import type { z } from 'zod'
import type { Preset } from './preset-parts'
import type { functionSpecSchema } from './schema'

type FunctionInput = z.input<typeof functionSpecSchema>

const chaotic = (name: string, fn: string, optimizer: FunctionInput['optimizer']): FunctionInput => ({
  schemaVersion: 1,
  name,
  tags: ['dynamics'],
  problem: { kind: 'function', function: fn },
  optimizer,
  budget: { steps: 1000 },
  checkpoints: { everySteps: 100, keep: 3 }
})

export const mapPresets: Readonly<Record<string, Omit<Preset, 'name'>>> = {
  'logistic-map': {
    title: 'Gradient descent as the logistic map',
    description:
      'Gradient descent with learning rate 1 on the cubic 4x³/3 − 3x²/2 is x ← 4x(1 − x), the logistic map at 4: chaotic, with Lyapunov exponent ln 2 a step. The analysis lyapunov of it gives that to a thousandth after 100,000 steps.',
    cost: 'a second for 1000 steps',
    example: true,
    group: null,
    specs: [chaotic('Logistic map', 'logistic', { kind: 'gd', learningRate: 1 })]
  },
  'henon-map': {
    title: 'Momentum as the map of Hénon',
    description:
      'Momentum −0.3 with learning rate 1 on a cubic is x ← 1 − 1.4x² + 0.3x₋, the map of Hénon: exponents 0.419 and −1.623, whose sum is ln 0.3 at every step, on an attractor of 1.26 dimensions.',
    cost: 'a second for 1000 steps',
    example: true,
    group: null,
    specs: [chaotic('Henon map', 'henon', { kind: 'momentum', learningRate: 1, momentum: -0.3 })]
  }
}
