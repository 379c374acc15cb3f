// The pickle reader against pickles that Python wrote, against hand-made ones, and against hostile ones.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readCifarNames, readCifarPickle } from '../../../../src/store/formats/cifar'
import { readPickle } from '../../../../src/store/formats/pickle'
import { arrayElements } from '../../../../src/store/formats/pickle-numpy'
import { isKind, type PickleValue } from '../../../../src/store/formats/pickle-values'
import { array2, assemble, dictionary2, integer, list2, program, string2, uint32, uint64, type Piece } from './pickle-writer'

interface Golden {
  good: Record<string, string>
  bad: Record<string, string>
  cifar: { pickles: Record<string, string>; pixels: string }
}
const golden: Golden = JSON.parse(readFileSync(join(import.meta.dirname, '../../../reference/pickles/pickles.json'), 'utf8'))
const decode = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))

function elements(value: PickleValue | undefined): number[] {
  if (!isKind(value, 'ndarray')) throw new Error('no array')
  return [...arrayElements(value, 'test')]
}

describe('pickles that Python wrote', () => {
  test.each(Object.entries(golden.good))('%s', (_, text) => {
    const map = readPickle(decode(text), 'good')
    if (!(map instanceof Map)) throw new Error('no dictionary')
    expect(map.get('text')).toBe('fünf')
    expect(map.get('bytes')).toEqual(Uint8Array.from({ length: 256 }, (_, i) => i))
    expect(map.get('numbers')).toEqual([0, 255, 256, 65535, 65536, -1, -(2 ** 31), 2 ** 40, -(2 ** 40), 1.5, -0])
    expect(map.get('truth')).toEqual([true, false, null])
    expect(map.get('tuples')).toEqual([[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]].map((items) => ({ kind: 'tuple', items })))
    expect(elements(map.get('data'))).toEqual([...Array(12).keys()])
    expect(map.get('data')).toMatchObject({ shape: [3, 4], type: 'u1' })
    expect(elements(map.get('labels'))).toEqual([5, -6, 7])
    expect(elements(map.get('big_endian'))).toEqual([1.5, -2.25])
    expect(elements(map.get('floats'))).toEqual([0.5, 0.25])
    expect(elements(map.get('fortran'))).toEqual([0, 1, 2, 3, 4, 5])
    expect(elements(map.get('halves'))).toEqual([0.5, -65504])
    expect(map.get('scalars')).toEqual([7, 200, 0.125])
    expect(map.get('shared')).toBe(map.get('labels'))
  })

  test.each(Object.entries(golden.cifar.pickles))('a CIFAR batch, %s', (_, text) => {
    const batch = readCifarPickle(decode(text), 'train', 'cifar-100')
    expect([...batch.fine]).toEqual([49, 33])
    expect([...(batch.coarse ?? [])]).toEqual([10, 17])
    expect(Buffer.from(batch.x).equals(Buffer.from(golden.cifar.pixels, 'base64'))).toBe(true)
  })

  test.each(Object.entries(golden.bad))('refuses %s', (name, text) => {
    const message = messageOf(decode(text))
    expect(message).toMatch(/^file\b.*: /)
    const what = name.split(',')[0]
    if (what === 'os.system') expect(message).toMatch(/(GLOBAL|STACK_GLOBAL) (posix|nt|os)\.system is not allowed/)
    else if (what.startsWith('builtins')) expect(message).toMatch(/(__builtin__|builtins)\.(eval|getattr) is not allowed/)
    else if (what === 'Plain') expect(message).toMatch(/(copy_reg\._reconstructor|__main__\.Plain) is not allowed/)
    else if (what === 'datetime') expect(message).toContain('datetime.date is not allowed')
    else if (what === 'objects') expect(message).toContain('NumPy type "O8" is not allowed')
  })
})

function messageOf(bytes: Uint8Array): string {
  try {
    readPickle(bytes, 'file')
  } catch (error) {
    if (error instanceof Error && error.name === 'StorageError') return error.message
    throw error
  }
  throw new Error('was read')
}

describe('pickles as Python 2 wrote them', () => {
  const pixels = Uint8Array.from({ length: 2 * 3072 }, (_, i) => (i * 7) % 256)

  test('a CIFAR-100 batch: pixels are a view into the file', () => {
    const file = program(
      dictionary2([
        ['filenames', list2([string2('volcano_s_000012.png'), string2('woods_s_000412.png')])],
        ['batch_label', string2('testing batch 1 of 1')],
        ['fine_labels', list2([integer(49), integer(33)])],
        ['coarse_labels', list2([integer(10), integer(17)])],
        ['data', array2([2, 3072], 'u1', pixels)]
      ])
    )
    const batch = readCifarPickle(file, 'test', 'cifar-100')
    expect([...batch.fine]).toEqual([49, 33])
    expect([...(batch.coarse ?? [])]).toEqual([10, 17])
    expect(Buffer.from(batch.x).equals(Buffer.from(pixels))).toBe(true)
    expect(batch.x.buffer).toBe(file.buffer)
  })

  test('names', () => {
    const file = program(dictionary2([['label_names', list2([string2('airplane'), string2('automobile')])]]))
    expect(readCifarNames(file, 'batches.meta', 'label_names')).toEqual(['airplane', 'automobile'])
    expect(() => readCifarNames(file, 'meta', 'fine_label_names')).toThrow('meta: fine_label_names is missing or no list')
  })

  test('a list longer than one batch keeps its order', () => {
    const items = Array.from({ length: 2500 }, (_, i) => integer(i))
    expect(readPickle(program(list2(items)), 'f')).toEqual([...Array(2500).keys()])
  })

  test.each<[string, Piece, string]>([
    ['missing data', dictionary2([['labels', list2([])]]), 'b: data is missing or no NumPy array'],
    [
      'wrong width',
      dictionary2([['data', array2([2, 3], 'u1', new Uint8Array(6))]]),
      'b: data has shape (2, 3) and type u1, must be (N, 3072) and u1'
    ],
    ['wrong type', dictionary2([['data', array2([1, 3072], 'i4', new Uint8Array(4 * 3072), '<')]]), 'type i4, must be (N, 3072) and u1'],
    [
      'too few labels',
      dictionary2([
        ['data', array2([2, 3072], 'u1', pixels)],
        ['labels', list2([integer(1)])]
      ]),
      'b: has 2 images, but 1 labels'
    ],
    [
      'a label that is no integer',
      dictionary2([
        ['data', array2([2, 3072], 'u1', pixels)],
        ['labels', list2([integer(1), string2('x')])]
      ]),
      'b: labels must hold integers; entry 1 is none'
    ],
    ['a list in place of a dictionary', list2([]), 'b: the pickle holds no dictionary']
  ])('refuses a batch with %s', (_, body, message) => {
    expect(() => readCifarPickle(program(body), 'b', 'cifar-10')).toThrow(message)
  })
})

describe('hostile pickles', () => {
  test.each<[string, Buffer, string | RegExp]>([
    [
      'a foreign callable',
      assemble('cos\nsystem\n', string2('true'), 0x85, 'R.'),
      'file: pickle opcode GLOBAL os.system is not allowed (byte 0)'
    ],
    [
      'a name that starts like an allowed one',
      assemble('cnumpy.core.multiarray\n_reconstruct.__globals__\n', '.'),
      'numpy.core.multiarray._reconstruct.__globals__ is not allowed'
    ],
    ['an instance', assemble('(ios\nsystem\n.'), 'file: pickle opcode INST is not allowed (byte 1)'],
    ['a persistent id', assemble('Pfoo\n.'), 'file: pickle opcode PERSID is not allowed (byte 0)'],
    ['NEWOBJ', assemble(0x80, 2, 'cnumpy\nndarray\n', ')', 0x81, '.'), 'file: pickle opcode NEWOBJ is not allowed (byte 18)'],
    ['an extension code', assemble(0x82, 1, '.'), 'file: pickle opcode EXT1 is not allowed (byte 0)'],
    ['an opcode that there is not', assemble(0xff, '.'), 'file: pickle opcode 0xff is not allowed (byte 0)'],
    ['an unknown protocol', assemble(0x80, 9, '.'), 'protocol 9 is not known'],
    ['nothing', assemble(), 'the pickle ends after 0 bytes without STOP'],
    ['no STOP', assemble('N'), 'the pickle ends after 1 bytes without STOP'],
    ['STOP on an empty stack', assemble('.'), 'opcode STOP at byte 0: takes a value where there is none'],
    ['leftovers', assemble('NN.'), '1 values are left over'],
    ['a length beyond the file', assemble('T', uint32(0x7fffffff), 'abc'), 'opcode BINSTRING at byte 0: the file ends inside it'],
    ['a negative length', assemble('T', uint32(0xffffffff), 'abc'), 'a negative length'],
    ['a length of 2^62', assemble(0x8e, uint64(2 ** 52), uint32(0), '.'), 'the file ends inside it'],
    ['a frame longer than the file', assemble(0x80, 4, 0x95, uint64(1000), 'N.'), 'the frame is longer than the file'],
    ['a memo entry that was never stored', assemble('h', 7, '.'), 'recalls entry 7, which was never stored'],
    ['appending to a number', assemble('K\x01K\x02a.'), 'appends to something that is no list'],
    ['a key that is a list', assemble('}](K\x01us.'), /dictionary|key/],
    ['calling a list', assemble('])R.'), 'calls something that is no allowed callable'],
    ['calling ndarray itself', assemble('cnumpy\nndarray\n)R.'), 'numpy.ndarray cannot be called'],
    ['building a dictionary', assemble('}}b.'), 'only NumPy arrays and dtypes may be built'],
    [
      'a shape that does not fit',
      program(array2([1_000_000, 1_000_000], 'f8', new Uint8Array(8), '<')),
      'needs 8000000000000 bytes, but has 8'
    ],
    ['too large an integer', assemble(0x8a, 200, Buffer.alloc(200), '.'), 'an integer of 200 bytes'],
    ['a name without end', assemble('c', 'a'.repeat(5000)), 'its line does not end']
  ])('%s', (_, bytes, message) => {
    expect(() => readPickle(bytes, 'file')).toThrow(message)
  })

  test('stack, memo and instructions are bounded', () => {
    const limits = { instructions: 1000, stack: 100, memo: 10 }
    expect(() => readPickle(Buffer.from(`${'N'.repeat(101)}.`), 'f', limits)).toThrow('more than 100 values on the stack')
    expect(() => readPickle(assemble('N', ...Array.from({ length: 11 }, (_, i) => ['q', i]), '.'), 'f', limits)).toThrow(
      'more than 10 values in the memo'
    )
    expect(() => readPickle(Buffer.from(`N${'20'.repeat(1000)}.`), 'f', limits)).toThrow('more than 1000 instructions')
  })

  test('a text recalled again and again is not encoded more often than the file is long', () => {
    const text = 'a'.repeat(10_000)
    const call = ['c_codecs\nencode\n', 'h', 0, 'X', uint32(6), 'latin1', 0x86, 'R']
    const bytes = assemble(
      'X',
      uint32(text.length),
      text,
      'q',
      0,
      '0',
      Array.from({ length: 50 }, () => call),
      '.'
    )
    expect(() => readPickle(bytes, 'file')).toThrow('encodes more text than the file holds')
  })

  test('a list that contains itself ends, and is no batch', () => {
    const bytes = assemble(']q', 0, 'h', 0, 'a.')
    const value = readPickle(bytes, 'f')
    expect(Array.isArray(value) && value[0] === value).toBe(true)
    expect(() => readCifarPickle(bytes, 'f', 'cifar-10')).toThrow('the pickle holds no dictionary')
  })

  test('__proto__ as a key is a key like another', () => {
    const value = readPickle(assemble('}', string2('__proto__'), '}s.'), 'f')
    expect(value instanceof Map && value.has('__proto__')).toBe(true)
    expect(Object.prototype).not.toHaveProperty('polluted')
  })
})
