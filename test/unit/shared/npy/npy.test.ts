// The .npy and .npz codec against files that NumPy wrote, against itself, and against files that lie.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  crc32,
  formatNpy,
  formatNpyHeader,
  npzParts,
  NpyError,
  parseNpy,
  parseNpyHeader,
  parseNpz,
  requireShape,
  zipParts
} from '../../../../src/shared/npy'
import { compareNpy, type NpyCase } from '../../../../bench/fuzz/differential'

const golden = (name: string) => new Uint8Array(readFileSync(join('test/reference/npy', name)))
const halves = Array.from({ length: 24 }, (_, k) => k * 0.5)
const joined = (parts: Iterable<Uint8Array>) => new Uint8Array(Buffer.concat([...parts]))
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

describe('reading what NumPy wrote', () => {
  const refused: Record<string, string> = {
    '<c8 C (2,) version 1.0':
      "an array of complex numbers is not read; save its real and imaginary parts as two arrays of float64 (it has dtype '<c8')",
    '<c16 C (2,) version 1.0':
      "an array of complex numbers is not read; save its real and imaginary parts as two arrays of float64 (it has dtype '<c16')",
    '<f16 C (2,) version 1.0': "an array of long doubles is not read; save it as float64 (it has dtype '<f16')",
    '<U3 C (2,) version 1.0': "an array of texts is not read; save numbers (labels as integers from 0) (it has dtype '<U3')",
    '|S3 C (2,) version 1.0': "an array of byte strings is not read; save numbers (labels as integers from 0) (it has dtype '|S3')",
    '|V4 C (2,) version 1.0': "an array of raw bytes is not read; save plain numbers such as float64 (it has dtype '|V4')",
    '<M8[s] C (2,) version 1.0': "an array of dates is not read; save numbers (it has dtype '<M8[s]')",
    '<m8[s] C (2,) version 1.0': "an array of durations is not read; save numbers (it has dtype '<m8[s]')",
    '|O C (2,) version 1.0': "an array of Python objects is not read; save it with a numeric dtype such as float64 (it has dtype '|O')",
    'structured C (2,) version 1.0': 'a structured array is not read; save plain numbers such as float64',
    '<i8 beyond 2^53': 'entry 1 is -9007199254740993, an integer beyond 2^53, which a double does not hold',
    '>i8 beyond 2^53': 'entry 1 is 9223372036854775807, an integer beyond 2^53, which a double does not hold',
    '<u8 beyond 2^53': 'entry 1 is 18446744073709551615, an integer beyond 2^53, which a double does not hold'
  }

  it('every kind, order, byte order, shape and version: what NumPy reads, or refused with what it is', () => {
    const cases: NpyCase[] = JSON.parse(readFileSync('test/reference/npy/goldens.json', 'utf8'))
    for (const one of cases) {
      const outcome = compareNpy(one)
      if (outcome.kind === 'refused') expect(outcome.sentence).toBe(`${one.variant}: ${refused[one.variant]}`)
      else expect([one.variant, outcome]).toEqual([one.variant, { kind: 'equal' }])
    }
    expect(cases.filter(({ values }) => values === null).map(({ variant }) => variant)).toEqual(Object.keys(refused))
    expect(cases.length).toBeGreaterThan(80)
  })

  it('a matrix in Fortran order that is larger than the squares in which it is turned', () => {
    const [rows, columns] = [130, 70]
    const file = Buffer.from(
      formatNpy({
        shape: [rows, columns],
        data: Float64Array.from({ length: rows * columns }, (_, k) => (k % rows) * 1000 + Math.floor(k / rows))
      })
    )
    file.write("'fortran_order': True, ", file.indexOf("'fortran_order'"), 'latin1')
    const { data } = parseNpy(new Uint8Array(file), 'f')
    expect([...data]).toEqual(Array.from({ length: rows * columns }, (_, k) => Math.floor(k / columns) * 1000 + (k % columns)))
  })

  it.each(['stored.npz', 'deflated.npz'])('%s', async (name) => {
    const { W1, b1 } = await parseNpz(golden(name), name)
    expect([...W1.data]).toEqual(halves.slice(0, 12))
    expect(W1.shape).toEqual([3, 4])
    expect([...b1.data]).toEqual([0, 1, 2, 3])
  })
})

describe('writing', () => {
  it('gives the bytes that NumPy gives', () => {
    expect(Buffer.from(formatNpy({ shape: [2, 3, 4], data: Float64Array.from(halves) })).equals(Buffer.from(golden('f8.npy')))).toBe(true)
    expect(Buffer.from(formatNpy({ shape: [2, 3, 4], data: Float32Array.from(halves) })).equals(Buffer.from(golden('f4.npy')))).toBe(true)
  })

  it('keeps every bit of every double, through .npy and .npz', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 8, maxLength: 400 }), async (random) => {
        const data = new Float64Array(random.slice(0, random.length - (random.length % 8)).buffer)
        const array = { shape: [1, data.length], data }
        const hex = (values: ArrayBufferView) => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex')
        expect(hex(parseNpy(formatNpy(array), 'x').data)).toBe(hex(data))
        expect(hex((await parseNpz(joined(npzParts({ a: array, b: array })), 'x'))['b'].data)).toBe(hex(data))
      }),
      { seed: 7, numRuns: 100 }
    )
  })

  it('computes the CRC that zip wants, in pieces too', () => {
    const bytes = new TextEncoder().encode('123456789')
    expect(crc32(bytes)).toBe(0xcbf43926)
    expect(crc32(bytes.subarray(5), crc32(bytes.subarray(0, 5)))).toBe(0xcbf43926)
  })
})

/** A version 1 file with any header text and some data. */
function withHeader(text: string, dataBytes = 0): Uint8Array {
  const bytes = new Uint8Array(10 + text.length + dataBytes)
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8])
  for (let k = 0; k < text.length; k++) bytes[10 + k] = text.charCodeAt(k)
  return bytes
}

describe('files that lie', () => {
  it.each([
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000,), }\n", /promises 8000000000/],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 99999999999), }\n", /larger than any file/],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }\n", /not understood/],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (2.5,), }\n", /not understood/],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (1,2,3) + (4,), }\n", /not understood/],
    ["{'descr': '<f8', 'fortran_order': maybe, 'shape': (1,), }\n", /not understood/],
    ["{'descr': '<f8', 'fortran_order': False, }\n", /no 'shape'/],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'extra': (1,), }\n", /unknown key 'extra'/],
    ["{'descr': '<f8', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n", /names 'descr' twice/],
    ["{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n", /Python objects/],
    ["__import__('os').system('true')", /not a dictionary/],
    ['', /not a dictionary/]
  ])('%s', (text, message) => {
    expect(() => parseNpy(withHeader(text), 'bad.npy')).toThrow(message)
    expect(() => parseNpy(withHeader(text), 'bad.npy')).toThrow(/^bad\.npy: /)
  })

  it('checks shapes by name', () => {
    expect(() => requireShape({ shape: [2, 3], data: new Float64Array(6) }, [3, 2], 'init.npz: W1')).toThrow(
      'init.npz: W1: has shape (2, 3), must be (3, 2)'
    )
  })

  it('refuses an archive that declares more than it holds', async () => {
    const bomb = joined(zipParts([{ name: 'a.npy', parts: [formatNpy({ shape: [1], data: Float64Array.of(1) })] }]))
    const at = textOf(bomb).indexOf('PK\x01\x02')
    new DataView(bomb.buffer).setUint32(at + 24, 0x7ff00000, true)
    new DataView(bomb.buffer).setUint32(at + 20, 0x7ff00000, true)
    await expect(parseNpz(bomb, 'bomb.npz')).rejects.toThrow(/bomb\.npz: a\.npy lies outside the file/)
  })

  it('survives any change of any byte: an answer or an error that names the file, in bounded time', async () => {
    const sources = [golden('f8.npy'), golden('stored.npz'), golden('deflated.npz'), formatNpyHeader('f8', [0])]
    await fc.assert(
      fc.asyncProperty(
        fc.nat(sources.length - 1),
        fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.option(fc.nat(4000)),
        async (which, changes, cut) => {
          const bytes = sources[which].slice()
          for (const [place, value] of changes) bytes[place % bytes.length] = value
          const file = cut === null ? bytes : bytes.slice(0, cut)
          try {
            if (which === 1 || which === 2) await parseNpz(file, 'fuzz.npz')
            else parseNpy(file, 'fuzz.npz')
          } catch (error) {
            expect(error).toBeInstanceOf(NpyError)
            expect((error as NpyError).message).toMatch(/^fuzz\.npz/)
          }
        }
      ),
      { seed: 20260101, numRuns: 3000 }
    )
  })

  it('reads a header only as far as it says', () => {
    expect(parseNpyHeader(golden('f8.npy').subarray(0, 128), 'x')).toMatchObject({
      shape: [2, 3, 4],
      count: 24,
      dataOffset: 128,
      dataBytes: 192
    })
  })
})
