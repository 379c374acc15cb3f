// Operands that begin with a dash are told from options; what a terminal would act on is shown in its place.
import { Command, Option } from 'commander'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { harmless, oneLine, table } from '../../../src/cli/format'
import { withDashedOperands } from '../../../src/cli/operands'

function program() {
  const made = new Command('p')
  const play = made.command('play <function>').addOption(new Option('--from <x,y>')).addOption(new Option('--json'))
  const group = made.command('datasets')
  group.command('import <path>')
  return { made, play }
}

describe('operands that begin with a dash', () => {
  test.each([
    [
      ['play', '-x^2-y^2', '--from', '1,1'],
      ['play', '--from', '1,1', '--', '-x^2-y^2']
    ],
    [
      ['play', '--from', '-1,2', '-x'],
      ['play', '--from', '-1,2', '--', '-x']
    ],
    [
      ['play', '--from=-1,2', '-x'],
      ['play', '--from=-1,2', '--', '-x']
    ],
    [
      ['play', '--json', '--', '--x'],
      ['play', '--json', '--', '--x']
    ],
    [
      ['play', 'x^2', '--from', '-1,2'],
      ['play', 'x^2', '--from', '-1,2']
    ],
    [
      ['play', '-h'],
      ['play', '-h']
    ],
    [
      ['datasets', 'import', '-x'],
      ['datasets', 'import', '-x']
    ],
    [['-x'], ['-x']]
  ])('%j', (words, expected) => {
    expect(withDashedOperands(program().made, words)).toEqual(expected)
  })

  test('reach the command with their options', () => {
    const { made, play } = program()
    let seen: unknown[] = []
    play.action((name, options) => void (seen = [name, options]))
    made.parse(withDashedOperands(made, ['play', '-x^2', '--from', '-1,-2', '--json']), { from: 'user' })
    expect(seen).toEqual(['-x^2', { from: '-1,-2', json: true }])
  })
})

describe('texts from outside', () => {
  const nasty = 'a\u001b[31mred\nb\u202edcba\u009b2J\u2066\r\u0007\u2028\ud800é😀👩‍🔬'
  test('are shown, not acted on', () => {
    expect(oneLine(nasty)).toBe('a\\u001b[31mred\\u000ab\\u202edcba\\u009b2J\\u2066\\u000d\\u0007\\u2028\\ud800é😀👩‍🔬')
    expect(harmless('one\ntwo\u001b[2K')).toBe('one\ntwo\\u001b[2K')
    expect(table(['name'], [[nasty]]).split('\n')).toHaveLength(2)
  })
  test('leave JSON the same value', () => {
    fc.assert(
      fc.property(fc.json(), fc.string({ unit: 'binary' }), (json, text) => {
        const value = [JSON.parse(json), text, nasty]
        const shown = harmless(JSON.stringify(value, null, 2))
        expect(JSON.parse(shown)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(shown).not.toMatch(/(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
      }),
      { seed: 4, numRuns: 200 }
    )
  })
})
