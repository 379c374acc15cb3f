// The record of optimizers: no kind is forgotten, and what the playground starts each with is a spec that goes down.
import { expect, test } from 'vitest'
import { initialState, train } from '../../../../src/engine/training'
import { checkSpec } from '../../../../src/shared/spec/check'
import { optimizerKinds, optimizers } from '../../../../src/shared/spec/optimizers'
import { functionSpecSchema, optimizerSchema } from '../../../../src/shared/spec/schema'
import { openPlain } from '../../../reference/linalg/plain'
import { memorySink } from '../../engine/training/memory-sink'

test('every kind of the schema has its record', () => {
  expect([...optimizerKinds].sort()).toEqual(optimizerSchema.options.map((option) => option.shape.kind.value).sort())
})

const inPlayground = optimizerKinds.filter((kind) => optimizers[kind].playground !== null)

test('only what goes by the matrices of layers is left out of the playground, and is refused for a function', async () => {
  const left = optimizerKinds.filter((kind) => !inPlayground.includes(kind))
  expect(left).toEqual(optimizerKinds.filter((kind) => optimizers[kind].needs === 'network'))
  expect(left.length).toBeGreaterThan(0)
  for (const kind of left) {
    const problem = { kind: 'function', function: 'rosenbrock' }
    const checked = await checkSpec({ schemaVersion: 1, name: kind, problem, optimizer: { kind }, budget: { steps: 1 } })
    expect(checked.problems).toEqual([
      {
        path: 'optimizer.kind',
        message: `must be one that steps vectors for a function (${kind} goes by the matrices of a network's layers), got "${kind}"`
      }
    ])
  }
})

test.each(inPlayground)('%s goes down Rosenbrock’s valley with the options of the playground', async (kind) => {
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
