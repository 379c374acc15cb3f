// What things are taken for, by name and content: every kind, what is near to it and is none, and what is said then.
import { describe, expect, it } from 'vitest'
import { formatNpy, zipParts } from '../../../src/shared/npy'
import { extensionsOf, openKinds, recognize, whatIsKnown, type OpenKind, type Thing } from '../../../src/shared/open-kinds'

const bytesOf = (content: string | Uint8Array) => (typeof content === 'string' ? new TextEncoder().encode(content) : content)

function file(name: string, content: string | Uint8Array = 'x'): Thing {
  const all = bytesOf(content)
  return { name, bytes: all.length, isFolder: false, list: async () => [], read: async (at, count) => all.slice(at, at + count) }
}
const folder = (name: string, ...paths: string[]): Thing => ({
  name,
  bytes: 0,
  isFolder: true,
  list: async () => paths,
  read: async () => new Uint8Array(0)
})
const zip = (...names: string[]) => Buffer.concat([...zipParts(names.map((name) => ({ name, parts: [bytesOf('{}')] })))])
const gzip = new Uint8Array([0x1f, 0x8b, 8, 0])
const array = (shape: number[], type: 'f8' | 'i4' = 'f8') => {
  const count = shape.reduce((product, length) => product * length, 1)
  return formatNpy({ shape, data: type === 'f8' ? new Float64Array(count) : new Int32Array(count) })
}

const taken: [Thing, OpenKind, boolean?][] = [
  [folder('one', 'spec.json', 'metrics.ndjson'), 'run'],
  [file('a.zip', zip('README.md', 'spec.json')), 'run'],
  [file('a.saddlescope', zip('run/spec.json', 'run/metrics.ndjson')), 'run'],
  [file('anything', zip('spec.json')), 'run'],
  [file('hessian.npy', array([3, 3])), 'matrix'],
  [file('VALUES.NPY', array([7])), 'matrix'],
  [file('net.safetensors'), 'network'],
  [file('Net.ONNX'), 'network'],
  [file('state.pt', zip('state/data.pkl', 'state/data/0')), 'network'],
  [file('old.pth', 'no zip'), 'network'],
  [file('state.zip', zip('archive/data.pkl', 'archive/data/0')), 'network'],
  [file('weights.npz', zip('W1.npy', 'b1.npy', 'W2.npy')), 'network'],
  [file('parts.npz', zip('x_train.npy', 'y_train.npy', 'x_test.npy')), 'arrays'],
  [file('nothing.npz', zip('readme.md')), 'arrays'],
  [file('Points.CSV'), 'table'],
  [file('a.tsv'), 'table'],
  [file('notes.txt'), 'table'],
  [file('data.npz', zip('x.npy', 'y.npy')), 'arrays'],
  [file('other-name.zip', zip('x.npy', 'y.npy')), 'arrays'],
  [file('cifar-100-python.tar.gz', gzip), 'images'],
  [file('cifar.tgz', gzip), 'images'],
  [file('cifar.tar'), 'images'],
  [file('mnist.zip', zip('train-images-idx3-ubyte', 'notspec.json')), 'images'],
  [folder('cifar-10-batches-py', 'data_batch_1', 'readme.html'), 'images'],
  [folder('outer', 'inner/test.bin'), 'images'],
  [file('train-images-idx3-ubyte'), 'images', true],
  [file('train-images-idx3-ubyte.gz', gzip), 'images', true],
  [file('data_batch_1.bin'), 'images', true],
  [file('fine_label_names.txt'), 'images', true]
]

describe('what a thing is taken for', () => {
  it.each(taken)('$name', async (thing, kind, together = false) => {
    expect(await recognize(thing)).toEqual({ name: thing.name, kind, together })
  })

  it.each([
    ['photo.jpg', file('photo.jpg', 'JFIF')],
    ['a folder of pictures', folder('pictures', 'a.jpg', 'b/c.jpg')],
    ['a spec.json that lies deeper than the folder', folder('runs', 'one/spec.json')],
    ['a zip of something else', file('docs.zip', zip('a.md'))],
    ['nothing at all', file('empty', '')]
  ])('%s is refused with all kinds that are known', async (_name, thing) => {
    const found = await recognize(thing)
    expect('why' in found && found.why).toBe(`${thing.name} is nothing that can be opened here. What can be: ${whatIsKnown()}.`)
    for (const { called, comesAs } of Object.values(openKinds)) expect(whatIsKnown()).toContain(`${called} (${comesAs})`)
  })

  it.each([
    ['torn.zip', 'PK and no more', /^torn\.zip: is not a zip archive/],
    ['torn.npz', 'no zip', /^torn\.npz: is not a zip archive/],
    ['text.npy', 'no array', /^text\.npy: is not a \.npy file/],
    [
      'samples.npy',
      array([5, 3]),
      /^samples\.npy: has shape \(5, 3\), must be square .*samples of a data set come as \.npz with arrays x and y$/
    ],
    ['counts.npy', array([4, 4], 'i4'), /^counts\.npy: has entries of type i4, must be float64/],
    ['short.npy', array([3, 3]).slice(0, -8), /^short\.npy: .*promises 72/]
  ])('%s is refused by its content', async (name, content, why) => {
    const found = await recognize(file(name, content))
    expect('why' in found && found.why).toMatch(why)
  })

  it('endings of dialogs are those of the kinds, each once, and every one is taken or refused by content, not as unknown', async () => {
    const all = extensionsOf()
    expect(new Set(all).size).toBe(all.length)
    expect(new Set([...extensionsOf('runs.import'), ...extensionsOf('datasets.import'), ...extensionsOf('models.import')])).toEqual(
      new Set(all)
    )
    expect(extensionsOf('runs.import')).toEqual(['saddlescope', 'zip', 'npy', 'csv', 'tsv'])
  })
})
