// How layers are found in a heap of arrays: pairs by name, order by shape and then by number, what is asked, which way matrices lie.
import { describe, expect, it } from 'vitest'
import { chainTensors } from '../../../../src/store/models/chain'
import { networkIn, readWeights, specOf } from '../../../../src/store/models/layers'
import { asWritten } from '../../../../src/store/models/onnx'
import { decodeTensor, type ModelFile, type Tensor } from '../../../../src/store/models/tensors'

const tensor = (name: string, ...shape: number[]): Tensor => ({
  name,
  shape,
  type: 'f64',
  read: async () => Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => k)
})
const file = (tensors: readonly Tensor[], format: ModelFile['format'] = 'safetensors'): ModelFile => ({
  name: 'net.file',
  format,
  bytes: 1,
  tensors,
  graph: null,
  notes: []
})
const chain = (...tensors: Tensor[]) => chainTensors(file(tensors))
const weights = (found: ReturnType<typeof chain>) => found.layers.map(({ weight }) => weight.name)
/** Linear layers of PyTorch, outputs × inputs. */
const linear = (name: string, inputs: number, outputs: number) => [
  tensor(`${name}.weight`, outputs, inputs),
  tensor(`${name}.bias`, outputs)
]

describe('order', () => {
  it('goes by shape, whatever order the file has', () => {
    const found = chain(...linear('c', 4, 6), ...linear('b', 9, 2), ...linear('a', 6, 9))
    expect(weights(found)).toEqual(['c.weight', 'a.weight', 'b.weight'])
    expect(found.orders).toHaveLength(1)
    expect(found.orderIsOpen).toBe(false)
  })

  it('among equal shapes goes by the numbers in the names: 2 before 10', () => {
    const found = chain(...[10, 0, 12, 2, 4].flatMap((k) => linear(String(k), 5, 5)))
    expect(weights(found)).toEqual(['0.weight', '2.weight', '4.weight', '10.weight', '12.weight'])
    expect(found.orders).toHaveLength(24)
    expect(found.orderIsOpen).toBe(false)
    expect(found.notes.join()).toContain('24 or more orders fit by shape; the numbers in the names decide')
  })

  it('is asked where names do not say it, and taken as it is given', () => {
    const layers = [...linear('input', 4, 5), ...linear('middle', 5, 5), ...linear('deep', 5, 5), ...linear('output', 5, 2)]
    const found = chain(...layers)
    expect(found.orderIsOpen).toBe(true)
    expect(found.orders).toEqual([
      ['input.weight', 'deep.weight', 'middle.weight', 'output.weight'],
      ['input.weight', 'middle.weight', 'deep.weight', 'output.weight']
    ])
    expect(specOf(networkIn(file(layers)), {}, 'w.npz').asked).toEqual(['order', 'activation', 'outputActivation', 'loss'])
    const given = chainTensors(file(layers), found.orders[1])
    expect(weights(given)).toEqual(found.orders[1])
    expect(given.orderIsOpen).toBe(false)
    expect(() => chainTensors(file(layers), ['output.weight', 'input.weight', 'middle.weight', 'deep.weight'])).toThrow(
      /output\.weight would give 2 outputs, input\.weight would take 4/
    )
  })

  it('of very many layers is found at once', () => {
    const found = chain(...Array.from({ length: 150 }, (_, k) => linear(`layers.${k}`, 3, 3)).flat())
    expect(weights(found)[149]).toBe('layers.149.weight')
  })
})

describe('how a matrix lies', () => {
  it.each([
    [
      'weight: outputs × inputs',
      ['0.weight', '2.weight'],
      [
        [5, 4],
        [2, 5]
      ],
      true
    ],
    [
      'W1: inputs × outputs',
      ['W1', 'W2'],
      [
        [4, 5],
        [5, 2]
      ],
      false
    ],
    [
      'kernel: inputs × outputs',
      ['a/kernel', 'b/kernel'],
      [
        [4, 5],
        [5, 2]
      ],
      false
    ],
    [
      'weight that lies the other way after all',
      ['0.weight', '2.weight'],
      [
        [4, 5],
        [5, 2]
      ],
      false
    ]
  ] as const)('%s', (_, names, shapes, transposed) => {
    const found = chain(...names.map((name, k) => tensor(name, ...shapes[k])))
    expect(weights(found)).toEqual(names)
    expect(found.layers.map(({ inputs, outputs }) => [inputs, outputs])).toEqual([
      [4, 5],
      [5, 2]
    ])
    expect(found.layers[0].transposed).toBe(transposed)
  })

  it('is said where all are square', () => {
    expect(chain(...linear('0', 3, 3)).notes.join()).toContain('outputs × inputs, as PyTorch stores them')
    expect(chain(tensor('W1', 3, 3)).notes.join()).toContain('taken as inputs × outputs')
  })

  it('turned matrices have their entries in the product’s order', async () => {
    const arrays = await readWeights(networkIn(file(linear('0', 2, 3))))
    expect(arrays.W1.shape).toEqual([2, 3])
    expect([...arrays.W1.data]).toEqual([0, 2, 4, 1, 3, 5])
    expect([...arrays.b1.data]).toEqual([0, 1, 2])
  })
})

describe('biases', () => {
  it.each([
    [['W1', 'b1', 'W2', 'b2']],
    [['coefs_0', 'intercepts_0', 'coefs_1', 'intercepts_1']],
    [['d/kernel:0', 'd/bias:0', 'e/kernel:0', 'e/bias:0']],
    [['arr_0', 'arr_1', 'arr_2', 'arr_3']]
  ])('of %s', ([w1, b1, w2, b2]) => {
    const found = chain(tensor(b2, 2), tensor(w2, 5, 2), tensor(b1, 5), tensor(w1, 4, 5))
    expect(found.layers.map(({ weight, bias }) => [weight.name, bias?.name])).toEqual([
      [w1, b1],
      [w2, b2]
    ])
  })

  it('may be one row', () => {
    expect(chain(tensor('W1', 4, 5), tensor('b1', 1, 5)).layers[0].bias?.name).toBe('b1')
  })

  it.each([
    ['of one layer alone', [...linear('0', 4, 5), tensor('2.weight', 2, 5)], /2\.weight has no bias while other layers have one/],
    ['of another length', [tensor('0.weight', 5, 4), tensor('0.bias', 3)], /make no chain/],
    ['of a normalization', [...linear('0', 4, 5), tensor('1.running_mean', 5)], /1\.running_mean \(5\) is the bias of none/],
    ['without weights', [tensor('b', 3)], /no matrix of weights/]
  ])('%s are refused', (_, tensors, message) => {
    expect(() => chain(...tensors)).toThrow(message)
  })
})

it('types: every half, bfloat16 and single is the same number as a double', () => {
  const u16 = (...words: number[]) => new Uint8Array(Uint16Array.from(words).buffer)
  expect([...decodeTensor('bf16', u16(0x3f80, 0xc000, 0x0001, 0x7f7f), 't')]).toEqual([1, -2, 2 ** -133, 2 ** 127 * (1 + 127 / 128)])
  expect([...decodeTensor('f16', u16(0x3c00, 0xc000, 0x0001, 0x7bff), 't')]).toEqual([1, -2, 2 ** -24, 65504])
  expect([...decodeTensor('f32', new Uint8Array(Float32Array.of(0.1).buffer), 't')]).toEqual([Math.fround(0.1)])
  expect(() => decodeTensor('bf16', u16(0x7f80), 't')).toThrow('t: entry 0 is Infinity, must be finite')
})

it.each([0.2, 0.01, 1e-3, 0.3333333, 1, 5.5])(
  'an attribute that was written as %d and stored in single precision is read as it was written',
  (value) => {
    expect(asWritten(Math.fround(value))).toBe(value)
  }
)
