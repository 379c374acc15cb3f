// Files of networks that are damaged, odd or hostile: each is refused in one sentence, before anything large is read.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipSync, strToU8 } from 'fflate'
import { PbfWriter } from 'pbf'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatNpy } from '../../../../src/shared/npy'
import { realFileSystem } from '../../../../src/store'
import { inspectModel } from '../../../../src/store/models'
import { networkIn, readWeights } from '../../../../src/store/models/layers'
import { withModel } from '../../../../src/store/models/open'
import { assemble, integer, uint32, type Piece } from '../formats/pickle-writer'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'saddlescope-hostile-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Looks at a file and reads its weights, as an import does. */
async function taken(name: string, bytes: Uint8Array) {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  await inspectModel(realFileSystem, path)
  return withModel(realFileSystem, path, (model) => readWeights(networkIn(model)))
}

async function refused(name: string, bytes: Uint8Array, message: RegExp) {
  const error = await taken(name, bytes).then(
    () => null,
    (reason: unknown) => reason as Error & { code?: string }
  )
  expect(error, 'it was taken').not.toBeNull()
  expect(error?.message).toMatch(message)
  expect(error?.message.startsWith(name)).toBe(true)
  expect(error?.name).toBe('StorageError')
  expect(error?.message).not.toContain('\n')
}

const u64 = (value: number | bigint) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

describe('.safetensors', () => {
  const file = (header: unknown, data: number, length?: number | bigint) => {
    const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
    return Buffer.concat([u64(length ?? text.length), text, Buffer.alloc(data)])
  }
  const tensor = (dtype: string, shape: unknown, from: unknown, to: unknown) => ({ dtype, shape, data_offsets: [from, to] })
  const good = tensor('F64', [2, 3], 0, 48)

  it('that is right is read', async () => {
    expect(Object.keys(await taken('good.safetensors', file({ 'a.weight': good, __metadata__: { format: 'pt' } }, 48)))).toEqual(['W1'])
  })

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', Buffer.alloc(0), /too few/],
    ['seven bytes', Buffer.alloc(7), /too few/],
    ['a truncated header', file({ w: good }, 0, 5000), /claims 5000 bytes/],
    ['a header of 2^63 bytes', file({ w: good }, 48, 2n ** 63n), /claims 9223372036854776000 bytes/],
    ['a header that is long and there', file(`{${' '.repeat(17 * 1024 * 1024)}}`, 0), /longer than/],
    ['no JSON', file('{"a": ', 0), /no JSON/],
    ['JSON nested without end', file('['.repeat(1_000_000), 0), /no JSON/],
    ['bytes that are no UTF-8', Buffer.concat([u64(4), Buffer.from([0x7b, 0xff, 0xfe, 0x7d])]), /no JSON/],
    ['a list', file([good], 48), /no JSON object/],
    ['no tensors', file({}, 0), /holds no matrix/],
    ['an overlap', file({ a: good, b: tensor('F64', [2, 3], 40, 88) }, 88), /overlap at byte 40/],
    ['the same bytes twice', file({ a: good, b: good }, 48), /overlap/],
    ['a hole', file({ a: good, b: tensor('F64', [2, 3], 56, 104) }, 104), /bytes 48 to 56 .* belong to no tensor/],
    ['bytes after the last tensor', file({ a: good }, 50), /at the end of the data belong to no tensor/],
    ['a negative offset', file({ a: tensor('F64', [2, 3], -48, 0) }, 48), /data_offsets/],
    ['a fractional offset', file({ a: tensor('F64', [2, 3], 0.5, 48.5) }, 49), /data_offsets/],
    ['offsets turned round', file({ a: tensor('F64', [2, 3], 48, 0) }, 48), /do not lie inside/],
    ['an offset beyond the file', file({ a: tensor('F64', [2, 3], 0, 48) }, 40), /do not lie inside the 40 bytes/],
    ['another shape than bytes', file({ a: tensor('F64', [2, 4], 0, 48) }, 48), /takes 64 bytes, its offsets give it 48/],
    ['a shape beyond all memory', file({ a: tensor('F64', [2 ** 30, 2 ** 30], 0, 48) }, 48), /more than the/],
    ['a negative length', file({ a: tensor('F64', [-2, -3], 0, 48) }, 48), /shape/],
    ['a wrong dtype', file({ a: tensor('I64', [2, 3], 0, 48) }, 48), /dtype I64/],
    ['a dtype that objects have', file({ a: tensor('constructor', [2, 3], 0, 48) }, 48), /dtype constructor/],
    ['an unknown key', file({ a: { ...good, more: 1 } }, 48), /not as the format wants it/],
    ['four dimensions', file({ a: tensor('F64', [1, 1, 2, 3], 0, 48) }, 48), /has shape \(1, 1, 2, 3\)/],
    ['a matrix without entries', file({ a: tensor('F64', [0, 3], 0, 0) }, 0), /no entries/],
    ['no chain', file({ a: good, b: tensor('F64', [5, 7], 48, 328) }, 328), /make no chain/]
  ])('with %s', (_, bytes, message) => refused('hostile.safetensors', bytes, message))

  it('names control characters as question marks', async () => {
    await refused('hostile.safetensors', file({ 'a\u001b[31m\n': tensor('I8', [2], 0, 2) }, 2), /tensor a\?\[31m\? has dtype I8/)
  })

  it('with an entry that is no number', async () => {
    const bytes = file({ a: good }, 48)
    bytes.writeDoubleLE(NaN, bytes.length - 8)
    await refused('hostile.safetensors', bytes, /entry 5 is NaN/)
  })
})

describe('.npz', () => {
  const matrix = formatNpy({ shape: [2, 3], data: new Float64Array(6) })
  const bomb = () => {
    // A megabyte of zeros that says it is two gigabytes.
    const packed = Buffer.from(zipSync({ 'w.npy': new Uint8Array(1_000_000) }))
    const directory = packed.lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]))
    packed.writeUInt32LE(2 ** 31 - 1, directory + 24)
    return packed
  }
  it.each<[string, Uint8Array, RegExp]>([
    ['a bomb', bomb(), /declares 2147483647 bytes/],
    ['integers', zipSync({ 'w.npy': formatNpy({ shape: [2, 3], data: new Int32Array(6) }) }), /entries of type i4/],
    ['an array cut short', zipSync({ 'w.npy': matrix.subarray(0, 140) }, { level: 0 }), /promises 48/],
    ['nothing of NumPy', zipSync({ 'a.txt': strToU8('hello') }), /neither a PyTorch state dictionary/],
    ['samples', zipSync({ 'x.npy': matrix, 'y.npy': formatNpy({ shape: [2], data: new Float64Array(2) }) }), /array x: it holds samples/]
  ])('with %s', (_, bytes, message) => refused('hostile.npz', bytes, message))
})

describe('.pt', () => {
  const unicode = (text: string): Piece => ['X', uint32(text.length), text]
  const storage = (type: string, key: string, count: number): Piece => [
    '(',
    unicode('storage'),
    `ctorch\n${type}\n`,
    unicode(key),
    unicode('cpu'),
    integer(count),
    't',
    'Q'
  ]
  const tensor = (from: Piece, offset: Piece, shape: readonly Piece[], strides: readonly Piece[]): Piece => [
    'ctorch._utils\n_rebuild_tensor_v2\n(',
    [from, offset, '(', ...shape, 't', '(', ...strides, 't'],
    0x89,
    'ccollections\nOrderedDict\n)R',
    'tR'
  ]
  const pair = [integer(2), integer(3)]
  const strides = [integer(3), integer(1)]
  const state = (value: Piece, name = 'w.weight'): Piece => ['}', '(', unicode(name), value, 'u']
  const pickled = (body: Piece) => assemble(0x80, 2, body, '.')
  const archive = (body: Piece, data: Record<string, Uint8Array> = { 0: new Uint8Array(48) }, more: Record<string, Uint8Array> = {}) =>
    zipSync(
      {
        'a/data.pkl': pickled(body),
        ...Object.fromEntries(Object.entries(data).map(([key, bytes]) => [`a/data/${key}`, bytes])),
        ...more
      },
      { level: 0 }
    )
  const doubles = storage('DoubleStorage', '0', 6)
  const right = state(tensor(doubles, integer(0), pair, strides))

  it('that is right is read', async () => {
    const { W1 } = await taken('good.pt', archive(right))
    expect(W1.shape).toEqual([3, 2])
  })

  it.each<[string, Uint8Array, RegExp]>([
    ['no zip, as before 1.6', Buffer.from('\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.', 'latin1'), /is no zip/],
    [
      'an unknown global',
      archive(['cos\nsystem\n(', unicode('echo hello'), 'tR']),
      /os\.system is not allowed .*save model\.state_dict\(\)/
    ],
    ['a whole model', archive('ctorch.nn.modules.container\nSequential\n)R'), /Sequential is not allowed/],
    ['a builtin by STACK_GLOBAL', archive([unicode('builtins'), unicode('eval'), 0x93]), /builtins\.eval is not allowed/],
    ['an object made anew', archive(['ccollections\nOrderedDict\n)', 0x81]), /NEWOBJ is not allowed/],
    ['a dictionary that holds itself', archive(['}', 'q', 0, '(', unicode('w'), 'h', 0, 'u']), /holds no tensors/],
    ['a tuple that holds itself', archive([']', 'q', 0, '(h', 0, 't', 'a']), /holds no dictionary/],
    [
      'a pickle cut short',
      zipSync({ 'a/data.pkl': pickled(right).subarray(0, 60), 'a/data/0': new Uint8Array(48) }),
      /ends inside|without STOP/
    ],
    ['two pickles', archive(right, undefined, { 'b/data.pkl': pickled(right) }), /has 2 data\.pkl/],
    ['no storage in the archive', archive(right, {}), /are not in the archive/],
    ['a storage too short', archive(right, { 0: new Uint8Array(40) }), /take 48 bytes, data\/0 has 40/],
    [
      'a storage key that is a path',
      archive(state(tensor(storage('DoubleStorage', '../../x', 6), integer(0), pair, strides))),
      /not in the archive/
    ],
    ['a negative offset', archive(state(tensor(doubles, ['J', uint32(-1)], pair, strides))), /arguments that PyTorch does not write/],
    [
      'an offset beyond the storage',
      archive(state(tensor(doubles, integer(1), pair, strides))),
      /reaches entry 6 of storage 0, which has 6/
    ],
    ['strides beyond the storage', archive(state(tensor(doubles, integer(0), pair, [integer(9), integer(1)]))), /reaches entry 11/],
    [
      'a negative stride',
      archive(state(tensor(doubles, integer(0), pair, [['J', uint32(-3)], integer(1)]))),
      /arguments that PyTorch does not write/
    ],
    ['a stride too few', archive(state(tensor(doubles, integer(0), pair, [integer(1)]))), /2 dimensions with 1 strides/],
    [
      'one entry as a matrix beyond memory',
      archive(state(tensor(doubles, integer(0), [integer(65535), integer(65535)], [integer(0), integer(0)]))),
      /more than the/
    ],
    ['a storage of another kind', archive(state(tensor(storage('LongStorage', '0', 6), integer(0), pair, strides))), /kept as LongStorage/],
    ['a tensor beside something else', archive([right, '(', unicode('steps'), integer(3), 'u']), /steps is no tensor/],
    [
      'a storage that is none',
      archive(state(tensor(['(', unicode('file'), unicode('/etc/passwd'), 't', 'Q'], integer(0), pair, strides))),
      /persistent id/
    ],
    ['big-endian entries', archive(right, undefined, { 'a/byteorder': strToU8('big') }), /big-endian/],
    ['a TorchScript program', archive(right, undefined, { 'a/code/__torch__.py': strToU8('x') }), /TorchScript/],
    ['a bomb of memo calls', archive(['N', '2'.repeat(250_000), 't']), /more than 200000 values on the stack/]
  ])('with %s', (_, bytes, message) => refused('hostile.pt', bytes, message))
})

describe('.onnx', () => {
  interface Node {
    readonly type: string
    readonly inputs: readonly string[]
    readonly output: string
    readonly ints?: Readonly<Record<string, number>>
    readonly domain?: string
  }
  interface Weight {
    readonly name: string
    readonly dims: readonly number[]
    readonly data?: Uint8Array
    readonly type?: number
    readonly external?: boolean
  }
  const doubles = (...dims: number[]) => new Uint8Array(dims.reduce((a, b) => a * b, 1) * 8)
  const w: Weight = { name: 'w', dims: [2, 3], data: doubles(2, 3) }
  const model = (nodes: readonly Node[], weights: readonly Weight[] = [w], inputs = ['x'], output = 'y') => {
    const writer = new PbfWriter()
    writer.writeMessage(
      7,
      (_: null, graph: PbfWriter) => {
        for (const node of nodes)
          graph.writeMessage(
            1,
            (__: null, to: PbfWriter) => {
              for (const name of node.inputs) to.writeStringField(1, name)
              to.writeStringField(2, node.output)
              to.writeStringField(4, node.type)
              if (node.domain) to.writeStringField(7, node.domain)
              for (const [name, value] of Object.entries(node.ints ?? {}))
                to.writeMessage(
                  5,
                  (___: null, attribute: PbfWriter) => {
                    attribute.writeStringField(1, name)
                    attribute.writeVarintField(3, value)
                  },
                  null
                )
            },
            null
          )
        for (const { name, dims, data, type = 11, external } of weights)
          graph.writeMessage(
            5,
            (__: null, to: PbfWriter) => {
              for (const length of dims) to.writeVarintField(1, length)
              to.writeVarintField(2, type)
              to.writeStringField(8, name)
              if (data) to.writeBytesField(9, data)
              if (external) to.writeVarintField(14, 1)
            },
            null
          )
        for (const name of inputs) graph.writeMessage(11, (__: null, to: PbfWriter) => to.writeStringField(1, name), null)
        graph.writeMessage(12, (__: null, to: PbfWriter) => to.writeStringField(1, output), null)
      },
      null
    )
    return Buffer.from(writer.finish())
  }
  const node = (type: string, inputs: readonly string[], output: string, more: Partial<Node> = {}): Node => ({
    type,
    inputs,
    output,
    ...more
  })
  const dense = node('MatMul', ['x', 'w'], 'y')
  const good = model([dense])

  it('that is right is read', async () => {
    expect((await taken('good.onnx', good)).W1.shape).toEqual([2, 3])
  })

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', Buffer.alloc(0), /has no graph/],
    ['the end missing', good.subarray(0, good.length - 10), /damaged or no \.onnx file/],
    ['text', Buffer.from('this is no protobuf at all, and long enough'), /damaged|no graph/],
    ['a length beyond its message', Buffer.concat([Buffer.from([0x3a, 0x05, 0x0a, 0x7f]), Buffer.alloc(3)]), /bytes are claimed where/],
    ['a length of 2^63', Buffer.from([0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]), /are claimed/],
    [
      'a cycle',
      model([node('Add', ['x', 'b'], 'a'), node('Relu', ['a'], 'b'), dense]),
      /takes "b", which nothing before it makes; the graph has a cycle/
    ],
    ['a node that takes itself', model([node('Relu', ['y'], 'y')]), /cycle/],
    ['a convolution', model([node('Conv', ['x', 'w'], 'y')]), /node Conv is not read; what is: Gemm, MatMul, Add/],
    ['another domain', model([node('MatMul', ['x', 'w'], 'y', { domain: 'com.evil' })]), /domain "com\.evil"/],
    ['a residual', model([node('Relu', ['x'], 'h'), dense]), /stands before the first layer/],
    ['a branch', model([node('MatMul', ['x', 'w'], 'h'), node('Add', ['h', 'h'], 'y')]), /branches are not read/],
    ['two activations', model([node('MatMul', ['x', 'w'], 'a'), node('Relu', ['a'], 'b'), node('Tanh', ['b'], 'y')]), /second activation/],
    [
      'Softmax in the middle',
      model([node('MatMul', ['x', 'w'], 'a'), node('Softmax', ['a'], 'b'), node('Tanh', ['b'], 'y')]),
      /after a Softmax/
    ],
    ['Softmax over samples', model([node('MatMul', ['x', 'w'], 'a'), node('Softmax', ['a'], 'y', { ints: { axis: 0 } })]), /axis is 0/],
    ['inputs turned', model([node('Gemm', ['x', 'w'], 'y', { ints: { transA: 1 } })]), /transA is 1/],
    [
      'widths that do not meet',
      model(
        [node('MatMul', ['x', 'w'], 'h'), node('Relu', ['h'], 'g'), node('MatMul', ['g', 'v'], 'y')],
        [w, { name: 'v', dims: [4, 1], data: doubles(4, 1) }]
      ),
      /takes 4 inputs, the layer before it gives 3/
    ],
    [
      'one matrix in two layers',
      model(
        [node('MatMul', ['x', 'q'], 'h'), node('Relu', ['h'], 'g'), node('MatMul', ['g', 'q'], 'y')],
        [{ name: 'q', dims: [2, 2], data: doubles(2, 2) }]
      ),
      /layers share/
    ],
    ['weights that are computed', model([node('MatMul', ['x', 'x'], 'y')]), /branches are not read/],
    [
      'a bias of another length',
      model([node('Gemm', ['x', 'w', 'b'], 'y')], [w, { name: 'b', dims: [2], data: doubles(2) }]),
      /must be \(3\)/
    ],
    ['two inputs', model([dense], [w], ['x', 'z']), /2 inputs/],
    ['another output', model([dense], [w], ['x'], 'z'), /is not what its last node makes/],
    ['no layers', model([], [], ['x'], 'x'), /no layer/],
    ['integers', model([dense], [{ ...w, type: 7 }]), /entries of type int64/],
    ['fewer bytes than its shape', model([dense], [{ ...w, data: doubles(2, 2) }]), /takes 48 bytes, it has 32/],
    ['no bytes', model([dense], [{ name: 'w', dims: [2, 3] }]), /has no entries/],
    ['a shape beyond memory', model([dense], [{ ...w, dims: [2 ** 30, 2 ** 30] }]), /more than the/],
    ['a negative length', model([dense], [{ ...w, dims: [-2, -3] }]), /which is none/],
    ['entries elsewhere', model([dense], [{ name: 'w', dims: [2, 3], external: true }]), /another file \(external data\)/]
  ])('with %s', (_, bytes, message) => refused('hostile.onnx', bytes, message))
})

it('what is none of them is refused by what can be read', async () => {
  await refused('a.bin', Buffer.from('hello, this is nothing'), /no network that is known here/)
  await expect(inspectModel(realFileSystem, join(folder, 'nowhere.onnx'))).rejects.toThrow(/there is no file/)
  await expect(inspectModel(realFileSystem, folder)).rejects.toThrow(/is no file/)
})

it('every cut and every flipped byte of a good file ends in one sentence or in a network', { timeout: 60_000 }, async () => {
  const nets = join(import.meta.dirname, '..', '..', '..', 'reference', 'models', 'nets')
  for (const name of ['net-05.safetensors', 'net-08.onnx', 'net-03.pt', 'net-02.npz']) {
    const bytes = readFileSync(join(nets, name))
    const changed = [
      ...Array.from({ length: 40 }, (_, k) => bytes.subarray(0, Math.floor((bytes.length * k) / 40))),
      ...Array.from({ length: 120 }, (_, k) => {
        const copy = Buffer.from(bytes)
        copy[Math.floor((bytes.length * k) / 120)] ^= 1 << (k % 8)
        return copy
      })
    ]
    for (const one of changed)
      await taken(name, one).catch((error: unknown) => {
        expect((error as Error).name, String(error)).toBe('StorageError')
      })
  }
})
