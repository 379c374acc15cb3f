// The picture of a network counts its parameters from its shapes; a face-off names what differs and tunes what is known.
import { describe, expect, test } from 'vitest'
import { contenders, distinguishing, faceOff } from '../../../src/renderer/features/new-run/face-off'
import { describePicture, networkPicture } from '../../../src/renderer/features/network/picture'
import { optimizerKinds } from '../../../src/shared/spec/optimizers'
import { presets } from '../../../src/shared/spec/presets'

const net = {
  data: {
    dataset: 'x',
    transforms: [
      { kind: 'affine', divide: 2, subtract: 1 },
      { kind: 'random-projection', dim: 7 }
    ]
  },
  model: { layers: [null, 5, 3], activation: { kind: 'leaky-relu', slope: 0.5 }, bias: true },
  loss: 'softmax-cross-entropy'
}

describe('the picture', () => {
  test('has shapes, activations and the sum of its layers', () => {
    const picture = networkPicture(net, null)
    expect(picture?.layers).toEqual([
      { name: 'W1', weights: [7, 5], bias: { name: 'b1', length: 5 }, activation: 'Leaky ReLU 0.5', parameters: 40 },
      { name: 'W2', weights: [5, 3], bias: { name: 'b2', length: 3 }, activation: 'Identity + softmax', parameters: 18 }
    ])
    expect(picture?.parameters).toBe(58)
    expect(picture?.stages.map(({ title }) => title)).toEqual(['Data', 'Scale', 'Projection', 'Input'])
    expect(picture && describePicture(picture)).toContain('W1 7 × 5 with 5 biases, Leaky ReLU 0.5, 40 parameters')
  })
  test('takes an open input width from the data, and waits for what is not known', () => {
    const open = { ...net, data: { dataset: 'x' }, model: { ...net.model, bias: false }, loss: 'mse' }
    expect(networkPicture(open, null)).toBeNull()
    const picture = networkPicture(open, { inputs: 20 })
    expect(picture?.parameters).toBe(20 * 5 + 5 * 3)
    expect(picture?.layers[1]).toMatchObject({ activation: 'Leaky ReLU 0.5', bias: null })
    for (const layers of [undefined, [3], [3, null], [3, 0, 2], ['3', 2]])
      expect(networkPicture({ ...net, model: { layers } }, null)).toBeNull()
  })
})

describe('a face-off', () => {
  test('offers every kind of the registry, with the spec’s own, tuned or default options', () => {
    const [preset] = presets
    const list = contenders(preset.specs[0])
    expect(list.map(({ kind }) => kind)).toEqual(optimizerKinds)
    const of = (kind: string) => list.find((one) => one.kind === kind)
    expect(of('sfn')).toMatchObject({ from: 'as in the spec', optimizer: preset.specs[0].optimizer })
    expect(of('gd')).toMatchObject({ from: expect.stringMatching(/^tuned on the preset “Four/), optimizer: { learningRate: 0.5 } })
    expect(of('adamw')).toMatchObject({ from: expect.stringMatching(/^tuned on small digits/), optimizer: { learningRate: 0.3 } })
    expect(contenders({ ...net, optimizer: { kind: 'sfn' } }).find(({ kind }) => kind === 'gd')).toMatchObject({
      from: 'default',
      optimizer: { kind: 'gd' }
    })
    expect(contenders({ problem: {} }).every(({ from }) => from === 'default')).toBe(true)
  })
  test('names what differs: the optimizer, and among equal ones the option', () => {
    expect(distinguishing([{ kind: 'gd' }, { kind: 'adam' }])).toEqual(['Gradient descent', 'Adam'])
    expect(distinguishing([{ kind: 'gd', learningRate: 1 }, { kind: 'gd', learningRate: 2 }, { kind: 'sfn' }])).toEqual([
      'Gradient descent, learningRate 1',
      'Gradient descent, learningRate 2',
      'Saddle-free Newton'
    ])
    const made = faceOff({ name: 'x', seed: 3, tags: ['t', 'sfn'], optimizer: { kind: 'sfn' } }, [{ kind: 'gd' }, { kind: 'adam' }])
    expect(made).toEqual([
      { name: 'x: Gradient descent', seed: 3, tags: ['t', 'gd'], optimizer: { kind: 'gd' } },
      { name: 'x: Adam', seed: 3, tags: ['t', 'adam'], optimizer: { kind: 'adam' } }
    ])
  })
})
