// Rows of the whole matrix against the whole assembly, to the bit, whatever the panels.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { panelsOf } from '../../../../src/engine/curvature/rows'
import { openLinalg, type Linalg } from '../../../../src/engine/linalg'
import type { Objective } from '../../../../src/engine/objective'
import { regularizedObjective } from '../../../../src/engine/objectives/regularized'
import { scaledObjective } from '../../../../src/engine/objectives/scaled'
import { losses, makeCase } from '../nn/nets'

let linalg: Linalg
beforeAll(async () => void (linalg = await openLinalg({ backend: 'wasm', threads: 2 })))
afterAll(() => linalg.dispose())

const sameBits = (a: Float64Array, b: Float64Array) => a.length === b.length && a.every((value, k) => Object.is(value, b[k]))

/** The upper triangle from panels, the lower one mirrored. */
async function byRows(objective: Objective, parameters: Float64Array, kind: 'hessian' | 'ggn', rowsAtOnce: number) {
  const size = objective.parameterCount
  const whole = new Float64Array(size * size)
  let asymmetry = 0
  for (const { first, rows, ...panel } of panelsOf(objective.blocks, rowsAtOnce)) {
    // What memory holds that is used again must not matter from the diagonal on.
    const data = linalg.allocate(rows * size).fill(Number.NaN)
    asymmetry = Math.max(asymmetry, (await objective.curvatureRows?.(parameters, { ...panel, kind, data })) ?? Infinity)
    for (let r = 0; r < rows; r++) whole.set(data.subarray(r * size + first, (r + 1) * size), (first + r) * size + first)
    linalg.release(data)
  }
  for (let r = 0; r < size; r++) for (let c = 0; c < r; c++) whole[r * size + c] = whole[c * size + r]
  return { whole, asymmetry }
}

describe('rows', () => {
  for (const loss of losses)
    for (const kind of ['hessian', 'ggn'] as const)
      it(`are those of the whole ${kind}: ${loss}`, async () => {
        for (const [layers, rowsAtOnce] of [
          [[7, 5, 4, 3], 12],
          [[7, 5, 4, 3], 1],
          [[30, 20, 15], 200],
          [[9, 6], 1000]
        ] as const) {
          const { objective, parameters } = makeCase(linalg, {
            layers: [...layers],
            activation: { kind: 'tanh' },
            loss,
            bias: true,
            samples: 40,
            seed: 3
          })
          const [block] = await objective.curvature(parameters, { scope: 'full', kind })
          const { whole, asymmetry } = await byRows(objective, parameters, kind, rowsAtOnce)
          expect(sameBits(whole, block.data)).toBe(true)
          expect(asymmetry).toBe(block.asymmetry)
          linalg.release(block.data)
        }
      })

  it('of an objective that is scaled and has weight decay', async () => {
    const made = makeCase(linalg, { layers: [6, 5, 3], activation: { kind: 'tanh' }, loss: 'mse', bias: true, samples: 9, seed: 4 })
    const objective = regularizedObjective(scaledObjective(made.objective, 0.3), 0.25)
    const [block] = await objective.curvature(made.parameters, { scope: 'full' })
    const { whole } = await byRows(objective, made.parameters, 'hessian', 10)
    expect(sameBits(whole, block.data)).toBe(true)
    linalg.release(block.data)
  })

  it('in panels that together are all rows once', () => {
    const blocks = [
      { name: 'W1', offset: 0, rows: 5, columns: 4 },
      { name: 'W2', offset: 20, rows: 3, columns: 100 }
    ]
    const panels = panelsOf(blocks, 9)
    expect(panels.map(({ first, rows }) => [first, rows])).toEqual([
      [0, 8],
      [8, 8],
      [16, 4],
      [20, 100],
      [120, 100],
      [220, 100]
    ])
  })

  it('leave no memory held', async () => {
    const held = linalg.memory.heldBytes
    const { objective, parameters } = makeCase(linalg, {
      layers: [6, 5, 3],
      activation: { kind: 'tanh' },
      loss: 'mse',
      bias: true,
      samples: 9,
      seed: 4
    })
    await byRows(objective, parameters, 'hessian', 10)
    expect(linalg.memory.heldBytes).toBe(held)
  })
})
