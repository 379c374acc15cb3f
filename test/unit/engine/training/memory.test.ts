// Memory of the backend: whatever a run takes it gives back, finished or cancelled.
import { expect, test } from 'vitest'
import type { Linalg } from '../../../../src/engine/linalg'
import { initialState, train } from '../../../../src/engine/training'
import { openPlain } from '../../../reference/linalg/plain'
import { memorySink, smallData, smallSpec, startWeights } from './memory-sink'

/** Counts what `allocate` handed out and nobody gave back, and doubled releases. */
function accountant(base: Linalg) {
  const held = new Set<Float64Array>()
  let twice = 0
  const everGiven = new WeakSet<Float64Array>()
  const linalg: Linalg = {
    ...base,
    get availableBytes() {
      return base.availableBytes
    },
    allocate(length) {
      const array = base.allocate(length)
      held.add(array)
      everGiven.add(array)
      return array
    },
    release(array) {
      if (!held.delete(array) && everGiven.has(array)) twice++
      base.release(array)
    }
  }
  return { linalg, held, doubled: () => twice }
}

const cases: [string, Record<string, unknown>][] = [
  ['sfn, full', { optimizer: { kind: 'sfn' } }],
  ['sfn, layers with a spectrum', { optimizer: { kind: 'sfn', scope: 'layer-blocks' }, diagnostics: { everySteps: 1 } }],
  ['sfn, units and another batch', { optimizer: { kind: 'sfn', scope: 'unit-blocks', curvatureBatch: 7 } }],
  ['sfn, the best of several dampings', { optimizer: { kind: 'sfn', damping: { adapt: 'best-of' } } }],
  ['sfn-krylov', { optimizer: { kind: 'sfn-krylov', vectors: 4 } }],
  ['snapshots with vectors and matrices', { optimizer: { kind: 'gd' }, snapshots: { everySteps: 2, hessian: true, eigenvectors: 'all' } }],
  ['snapshots by layer', { optimizer: { kind: 'sfn', scope: 'layer-blocks' }, snapshots: { everySteps: 2 } }],
  [
    'fd-newton, one layer',
    {
      optimizer: { kind: 'fd-newton' },
      model: { layers: [3, 2], activation: { kind: 'identity' } },
      batch: { size: 2 },
      budget: { epochs: 2 }
    }
  ],
  [
    'fd-newton, two layers',
    {
      optimizer: { kind: 'fd-newton', learningRate: 0.01 },
      model: { layers: [3, 3, 2], activation: { kind: 'leaky-relu', slope: 0.5 } },
      batch: { size: 3 }
    }
  ]
]

test.each(cases)('%s', async (_, changes) => {
  const { linalg, held, doubled } = accountant(openPlain())
  const spec = smallSpec({ batch: { size: 4, shuffle: true }, ...changes })
  const count = spec.model.layers[1] === 2 ? 6 : spec.model.layers[1] === 3 ? 15 : 26
  const outcome = await train({ linalg }, { spec, state: initialState(spec, startWeights(count)), sink: memorySink() }, smallData())
  expect(outcome.reason).toBe('budget')
  expect([...held].map((array) => array.length)).toEqual([])
  expect(doubled()).toBe(0)
})

test('a cancelled decomposition leaves nothing behind', async () => {
  const { linalg, held } = accountant(openPlain())
  const controller = new AbortController()
  const hanging: Linalg = {
    ...linalg,
    get availableBytes() {
      return linalg.availableBytes
    },
    eigenSymmetric: (_, options) =>
      new Promise((__, reject) => {
        options?.signal?.addEventListener('abort', () => reject(new Error('cancelled')), { once: true })
        controller.abort()
      })
  }
  const spec = smallSpec({ optimizer: { kind: 'sfn' } })
  const outcome = await train(
    { linalg: hanging },
    { spec, state: initialState(spec, startWeights(26)), sink: memorySink(), stop: controller.signal },
    smallData()
  )
  expect(outcome).toMatchObject({ reason: 'stopped' })
  expect(held.size).toBe(0)
})
