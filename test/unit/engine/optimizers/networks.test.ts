// Optimizers that go by matrices against trajectories of their reference implementations on small networks (test/reference/optimizers/make_networks.py).
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createOptimizer } from '../../../../src/engine/optimizers'
import { matrix } from '../../../../src/engine/linalg'
import { initialState, train } from '../../../../src/engine/training'
import type { NetworkSpec } from '../../../../src/shared/spec/schema'
import { openPlain } from '../../../reference/linalg/plain'
import { memorySink, smallSpec } from '../training/memory-sink'

interface Net {
  readonly layers: number[]
  readonly bias: boolean
  readonly loss: string
  readonly inputs: number[][]
  readonly targets: number[][]
  readonly start: number[]
}
interface Trajectory {
  readonly net: string
  readonly precision: 'double' | 'bfloat16'
  readonly optimizer: { readonly kind: string }
  /** Weights after a step; `evaluated` those that an evaluation looks at. */
  readonly points: Record<string, number[]>
  readonly evaluated: Record<string, number[]>
}

const goldens = JSON.parse(readFileSync(new URL('../../../reference/optimizers/networks.json', import.meta.url), 'utf8')) as {
  readonly nets: Record<string, Net>
  readonly trajectories: Trajectory[]
}

const rows = (values: number[][]) => matrix(values.length, values[0].length, Float64Array.from(values.flat()))

function specOf({ layers, bias, loss }: Net, optimizer: Trajectory['optimizer'], steps: number): NetworkSpec {
  const model = { layers, bias, activation: { kind: 'tanh' }, outputActivation: { kind: 'identity' } }
  return smallSpec({ model, loss, optimizer, batch: { size: null }, budget: { steps }, checkpoints: { everySteps: 1, keep: 1 } })
}

async function checkpoints(net: Net, spec: NetworkSpec) {
  const sink = memorySink()
  const targets = rows(net.targets)
  const part = { inputs: rows(net.inputs), targets, labels: null }
  const state = initialState(spec, Float64Array.from(net.start))
  const outcome = await train({ linalg: openPlain() }, { spec, state, sink }, { train: part, validation: null, test: part })
  expect(outcome.message).toBeNull()
  return sink.checkpoints
}

/** Largest difference, relative to the largest weight. */
function distance(found: Float64Array, expected: readonly number[]): number {
  const scale = Math.max(...expected.map(Math.abs))
  return Math.max(...expected.map((value, i) => Math.abs(found[i] - value))) / scale
}

describe('the rules of the reference implementations, 50 steps', () => {
  test.each(goldens.trajectories.map((golden) => [golden.net, golden.precision, JSON.stringify(golden.optimizer), golden] as const))(
    '%s, %s: %s',
    async (_, precision, __, { net, optimizer, points, evaluated }) => {
      const spec = specOf(goldens.nets[net], optimizer, 50)
      const states = await checkpoints(goldens.nets[net], spec)
      expect(Object.keys(points)).toContain('50')
      for (const [step, expected] of Object.entries(points)) {
        const { parameters, optimizer: kept } = states[Number(step)]
        // Eight bits of a product's factors: a step is off by a part in a hundred, and steps add up.
        expect(distance(parameters, expected)).toBeLessThan(precision === 'double' ? 1e-9 : 0.05)
        const seen = createOptimizer(spec.optimizer).evaluatedAt?.(kept, parameters)
        if (evaluated[step] !== undefined) expect(distance(seen ?? parameters, evaluated[step])).toBeLessThan(1e-9)
        else expect(seen).toBeUndefined()
      }
    }
  )
})
