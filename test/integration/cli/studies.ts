// Studies of small runs for the tests of the command line.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { smallSpec, start, type Call, type Called } from './saddlescope'

/** The embedded kernels: beside other tests a library's threads are many times slower. */
const env = { SADDLESCOPE_BACKEND: 'wasm' }

export const study = (...args: string[]): Call => start(['study', ...args], { env })
export const studied = (...args: string[]): Promise<Called> => study(...args).ended

/** A bowl that gradient descent goes down in a few steps. */
export const bowl = {
  schemaVersion: 1,
  name: 'bowl',
  seed: 7,
  problem: { kind: 'function', function: 'x^2 + 3*y^2', start: [1, 1] },
  optimizer: { kind: 'gd', learningRate: 0.1 },
  budget: { steps: 5 }
}

export const sweep = (changes: Record<string, unknown> = {}) => ({
  schemaVersion: 1,
  name: 'Sweep',
  base: bowl,
  axes: [{ path: 'optimizer.learningRate', values: [0.1, 0.2, 0.3] }],
  ...changes
})

/** Nets that train for long enough to be killed in the middle, with validation and a projection. */
export const netBase = smallSpec({
  name: 'net',
  data: {
    dataset: 'mnist10',
    validation: 50,
    trainLimit: 250,
    testLimit: 100,
    transforms: [
      { kind: 'affine', divide: 256, subtract: 0.5 },
      { kind: 'random-projection', dim: 12 }
    ]
  },
  model: { layers: [12, 3, 10], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal', gain: 0.3 } },
  snapshots: { everySteps: null },
  optimizer: { kind: 'adam', learningRate: 0.01 }
})

export const runsIn = (workspace: string) => readdirSync(join(workspace, 'runs')).sort()

export function json<Value = Record<string, unknown>>(path: string): Value {
  return JSON.parse(readFileSync(path, 'utf8')) as Value
}

/** Rows of a table without quotes, by its header. */
export function csv(path: string): Record<string, string>[] {
  const [header, ...rows] = readFileSync(path, 'utf8').trim().split('\r\n')
  const names = header.split(',')
  return rows.map((row) => Object.fromEntries(row.split(',').map((cell, k) => [names[k], cell])))
}
