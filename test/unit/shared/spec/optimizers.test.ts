// The record of optimizers: no kind is forgotten, and what the playground starts each with is a spec that goes down.
import { expect, test } from 'vitest'
import { initialState, train } from '../../../../src/engine/training'
import { optimizerKinds, optimizers } from '../../../../src/shared/spec/optimizers'
import { functionSpecSchema, optimizerSchema } from '../../../../src/shared/spec/schema'
import { openPlain } from '../../../reference/linalg/plain'
import { memorySink } from '../../engine/training/memory-sink'

test('every kind of the schema has its record', () => {
  expect([...optimizerKinds].sort()).toEqual(optimizerSchema.options.map((option) => option.shape.kind.value).sort())
})

test.each(optimizerKinds)('%s goes down Rosenbrock’s valley with the options of the playground', async (kind) => {
  const spec = functionSpecSchema.parse({
    schemaVersion: 1,
    name: kind,
    problem: { kind: 'function', function: 'rosenbrock' },
    optimizer: { kind, ...optimizers[kind].playground },
    budget: { steps: 40 }
  })
  const sink = memorySink()
  const outcome = await train({ linalg: openPlain() }, { spec, state: initialState(spec, Float64Array.of(-1.2, 1)), sink }, null)
  expect(outcome.reason).toBe('budget')
  // 24.2 at the start; all of them find the valley's floor, where the function is at most 5.
  expect(sink.lines[0].loss).toBeCloseTo(24.2, 12)
  expect(sink.lines[39].loss).toBeLessThan(5)
})
