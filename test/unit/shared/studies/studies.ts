// Small studies for tests.
import { checkStudy } from '../../../../src/shared/studies/check'
import type { StudySpec } from '../../../../src/shared/studies/spec'

/** Down a function: nothing but an optimizer and a budget. */
export const functionBase = {
  schemaVersion: 1,
  name: 'bowl',
  seed: 7,
  problem: { kind: 'function', function: 'x^2 + 3*y^2', start: [1, 1] },
  optimizer: { kind: 'gd', learningRate: 0.1 },
  budget: { steps: 5 }
}

export const netBase = {
  schemaVersion: 1,
  name: 'net',
  seed: 3,
  data: {
    dataset: 'mnist10',
    validation: 100,
    trainLimit: 400,
    testLimit: 100,
    transforms: [{ kind: 'affine', divide: 256, subtract: 0.5 }]
  },
  model: { layers: [100, 4, 10], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal' } },
  loss: 'softmax-cross-entropy',
  batch: { size: 50, shuffle: true },
  optimizer: { kind: 'gd', learningRate: 0.1 },
  evaluate: { everySteps: 2 },
  budget: { steps: 4 }
}

export const studyInput = (changes: Record<string, unknown> = {}) => ({
  schemaVersion: 1,
  name: 'A study',
  base: functionBase,
  axes: [{ path: 'optimizer.learningRate', values: [0.1, 0.2] }],
  ...changes
})

export async function study(changes: Record<string, unknown> = {}): Promise<StudySpec> {
  const { study: made, problems } = await checkStudy(studyInput(changes))
  if (!made) throw new Error(problems.map(({ path, message }) => `${path}: ${message}`).join('\n'))
  return made
}

/** Every fault as `path: message`. */
export async function faults(changes: Record<string, unknown>): Promise<string[]> {
  const { study: made, problems } = await checkStudy(studyInput(changes))
  if (made) throw new Error('the study was accepted')
  return problems.map(({ path, message }) => `${path}: ${message}`)
}
