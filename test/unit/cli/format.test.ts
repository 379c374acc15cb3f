// Numbers, sizes, durations and tables as people read them; exit statuses as programs do.
import { bytes, bytesIn } from '../../../src/shared/format/bytes'
import { duration, secondsLeft } from '../../../src/shared/format/durations'
import { figure } from '../../../src/shared/format/figures'
import { expect, test } from 'vitest'
import { exitStatusOf, UsageError } from '../../../src/cli/ending'
import { table } from '../../../src/cli/format'

test('figures', () => {
  expect([0, 1.23456, -12.3456, 1e-9, 1.5e12, Number.NaN, Infinity, null].map((value) => figure(value))).toEqual([
    '0',
    '1.235',
    '-12.35',
    '1.00e-9',
    '1.50e+12',
    'NaN',
    '∞',
    '·'
  ])
})
test('sizes and durations', () => {
  expect([999, 1500, 2.5e9].map(bytes)).toEqual(['999 B', '1.50 kB', '2.50 GB'])
  expect([0.25, 42.4, 150, 7500].map(duration)).toEqual(['0.3 s', '42 s', '2 min 30 s', '2 h 05 min'])
  // What rounds up to the next unit is in that unit.
  expect([999_600, 999_999_999].map(bytes)).toEqual(['1.00 MB', '1.00 GB'])
  expect([359.97, 7199.9].map(duration)).toEqual(['6 min 00 s', '2 h 00 min'])
  expect([bytesIn('GB', 8.24e9), bytesIn('GB', 4e8), bytesIn('MB', 12.4e6, 0)]).toEqual(['8.2 GB', '0.4 GB', '12 MB'])
  expect([secondsLeft(10, 0.25), secondsLeft(10, 0.01)]).toEqual([30, null])
})
test('tables line up', () => {
  expect(
    table(
      ['a', 'n'],
      [
        ['long', '1'],
        ['x', '100']
      ],
      ['n']
    )
  ).toBe('a       n\nlong    1\nx     100')
})
test('exit statuses', () => {
  const withCode = (code: string) => Object.assign(new Error('x'), { code })
  expect(exitStatusOf(new UsageError('x'))).toBe(2)
  expect(['bad-input', 'not-found', 'conflict'].map((code) => exitStatusOf(withCode(code)))).toEqual([2, 2, 2])
  expect(['disk-full', 'locked', 'other-backend', 'damaged', 'bad-data'].map((code) => exitStatusOf(withCode(code)))).toEqual([
    1, 1, 1, 1, 1
  ])
  expect(exitStatusOf(Object.assign(new Error('x'), { name: 'AbortError' }))).toBe(130)
  expect(exitStatusOf('text')).toBe(1)
})
