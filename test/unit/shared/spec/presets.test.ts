// Presets: every spec is valid and complete, groups share start and data, and the demonstration's two are exactly as described.
import { describe, expect, test } from 'vitest'
import { presets } from '../../../../src/shared/spec/presets'
import { functionSpecSchema, networkSpecSchema, runIdPattern } from '../../../../src/shared/spec/schema'

const specOf = (wanted: string) => presets.find(({ name }) => name === wanted)?.specs[0]

describe('presets', () => {
  test.each(presets)('$name', ({ name, ...preset }) => {
    expect(name).toMatch(runIdPattern)
    expect(preset.specs.length).toBeGreaterThan(0)
    expect(preset.group === null).toBe(preset.specs.length === 1)
    for (const text of [preset.title, preset.description, preset.cost]) expect(text).not.toBe('')
    for (const spec of preset.specs) if ('problem' in spec) expect(functionSpecSchema.parse(spec).budget.steps).toBeGreaterThan(0)
    const specs = preset.specs.flatMap((spec) => ('problem' in spec ? [] : [networkSpecSchema.parse(spec)]))
    // What is compared starts from the same weights and sees the same batches; minibatch SGD against Newton on all samples is itself what Dauphin et al. compare.
    const batchOf = ({ batch }: (typeof specs)[number]) => (name.startsWith('dauphin-') ? null : batch)
    for (const spec of specs) {
      const { seed, data, model, loss } = spec
      expect({ seed, data, model, loss, batch: batchOf(spec) }).toEqual({
        seed: specs[0].seed,
        data: specs[0].data,
        model: specs[0].model,
        loss: specs[0].loss,
        batch: batchOf(specs[0])
      })
    }
    expect(new Set(preset.specs.map((spec) => spec.name)).size).toBe(preset.specs.length)
  })

  test("the demonstration's programs", () => {
    const slow = networkSpecSchema.parse(specOf('sfn-cifar100'))
    expect(slow.data.transforms).toEqual([
      { kind: 'affine', divide: 256, subtract: 0.5 },
      { kind: 'random-projection', dim: 50, matrix: null }
    ])
    expect(slow.data).toMatchObject({ labels: 'fine', targets: 'one-hot', trainLimit: null, testLimit: null })
    expect(slow.model).toMatchObject({
      layers: [50, 50, 100],
      activation: { kind: 'leaky-relu', slope: 0.5 },
      outputActivation: null,
      bias: false
    })
    expect(slow.optimizer).toMatchObject({
      kind: 'sfn',
      scope: 'layer-blocks',
      learningRate: 0.1,
      damping: { kind: 'abs-of-shifted', value: 0.1 }
    })
    expect(slow.batch).toEqual({ size: 50, shuffle: false })
    expect(slow.budget.epochs).toBe(200)
    const fast = networkSpecSchema.parse(specOf('fd-newton-cifar100'))
    expect(fast.model).toMatchObject({
      layers: [3072, 100],
      activation: { kind: 'leaky-relu', slope: 0.5 },
      bias: false,
      init: { kind: 'fan-sum-normal' }
    })
    expect(fast.optimizer).toMatchObject({ kind: 'fd-newton', mode: 'finite-difference', r: 1e-9, learningRate: 0.1 })
    expect(fast.batch).toEqual({ size: 2500, shuffle: false })
    expect(fast.budget.epochs).toBe(10)
    expect(fast.evaluate.everyEpochs).toBe(1)
  })
})
