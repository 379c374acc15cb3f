// Text out of bytes, against Buffer's own encoders; JSON in the encodings that Windows' programs write.
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { z } from 'zod'
import { decodeText, readJson, realFileSystem } from '../../../../src/store'
import { temporaryFolder, writeFiles } from '../formats/folders'

const bytes = (...values: number[]) => Uint8Array.from(values)
const swapped = (buffer: Buffer) => Buffer.from(buffer).swap16()

describe('decoding', () => {
  it('gives any text back from UTF-8 with and without a mark, and from UTF-16 with one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!/[\0\ufeff]/.test(text))
        for (const encoded of [Buffer.from(text), Buffer.from(`\ufeff${text}`)])
          expect(decodeText(encoded)).toEqual({ text, encoding: 'UTF-8' })
        const little = Buffer.from(`\ufeff${text}`, 'utf16le')
        for (const encoded of [little, swapped(little)]) expect(decodeText(encoded)).toEqual({ text, encoding: 'UTF-16' })
      }),
      { seed: 11, numRuns: 200 }
    )
  })

  it.each([
    [
      'Latin-1',
      Buffer.from('a\nb\nth\u00e9,1\n', 'latin1'),
      'line 3: byte 0xE9 is not UTF-8 (in Latin-1 it would be "é"); save the file as UTF-8'
    ],
    ['after a lone carriage return', bytes(0x61, 0x0d, 0x80), 'line 2: byte 0x80 is not UTF-8; save the file as UTF-8'],
    ['a sequence cut short', bytes(0x61, 0xe2, 0x82), 'line 1: byte 0xE2 is not UTF-8'],
    ['an overlong form', bytes(0xe0, 0x80, 0xaf), 'line 1: byte 0xE0 is not UTF-8'],
    ['a surrogate', bytes(0x0a, 0xed, 0xa0, 0x80), 'line 2: byte 0xED is not UTF-8'],
    ['beyond U+10FFFF', bytes(0xf4, 0x90, 0x80, 0x80), 'line 1: byte 0xF4 is not UTF-8'],
    [
      'UTF-16 without a mark',
      Buffer.from('a,b\n', 'utf16le'),
      'line 1: holds a zero byte; it is damaged, no text, or UTF-16 without a byte-order mark'
    ],
    ['UTF-16 cut in a letter', bytes(0xff, 0xfe, 0x61), 'starts as UTF-16, but is damaged'],
    ['UTF-32', bytes(0xff, 0xfe, 0, 0, 0x61, 0, 0, 0), 'is in UTF-32; save it as UTF-8']
  ])('%s is refused with its place', (_, encoded, fault) => {
    const decoded = decodeText(encoded)
    expect('fault' in decoded && decoded.fault).toContain(fault)
  })
})

describe('JSON', () => {
  const schema = z.object({ a: z.string() })
  it.each([
    ['UTF-8 with a mark', Buffer.from('\ufeff{"a": "é"}')],
    ['UTF-16, as PowerShell writes', Buffer.from('\ufeff{"a": "é"}', 'utf16le')]
  ])('in %s is read', async (_, encoded) => {
    const folder = writeFiles(temporaryFolder(), { 'a.json': encoded })
    expect(await readJson(realFileSystem, `${folder}/a.json`, schema)).toEqual({ a: 'é' })
  })

  it('in another encoding is refused with the place', async () => {
    const folder = writeFiles(temporaryFolder(), { 'a.json': Buffer.from('{\n"a": "\u00e9"}', 'latin1') })
    await expect(readJson(realFileSystem, `${folder}/a.json`, schema)).rejects.toThrow(/a\.json: line 2: byte 0xE9 is not UTF-8/)
  })
})
