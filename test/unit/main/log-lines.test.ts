// Lines of the logs: dated, whole, without secrets.
import { expect, test } from 'vitest'
import { lineSplitter, logLine } from '../../../src/main/log-lines'

const now = new Date('2026-01-02T03:04:05.678Z')

test('are dated, name their source and are free of colours', () => {
  expect(logLine('engine', '\u001b[31mout of memory\u001b[0m\u0007  ', now)).toBe('2026-01-02T03:04:05.678Z engine    out of memory\n')
})
test('keep no secrets', () => {
  for (const text of [
    'http://127.0.0.1:80/#token=abc-DEF_1',
    'Authorization: Bearer abc-DEF_1',
    '{"password":"abc-DEF_1"}',
    'cookie=abc-DEF_1; path=/'
  ])
    expect(logLine('main', text, now)).not.toContain('abc-DEF_1')
  expect(logLine('main', 'step 3: token count 5', now)).toContain('token count 5')
})
test('are put together from pieces', () => {
  const lines: string[] = []
  const splitter = lineSplitter((line) => lines.push(line))
  splitter.feed('one\ntw')
  splitter.feed('o\r\n\nthr')
  expect(lines).toEqual(['one', 'two'])
  splitter.feed('ee')
  splitter.end()
  splitter.end()
  expect(lines).toEqual(['one', 'two', 'three'])
})
