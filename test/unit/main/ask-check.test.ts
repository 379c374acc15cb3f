// What main listens to: our own main frame, and only what the schema of the channel knows.
import { describe, expect, it } from 'vitest'
import { checkAsk, type Sender } from '../../../src/main/ask-check'
import { channels, type Channel } from '../../../src/shared/shell/channels'

const us: Sender = { address: 'app://saddlescope/', isMainFrame: true, isConfined: true }
const names = Object.keys(channels) as Channel[]
const refusalOf = (channel: Channel, sender: Sender, words: unknown[], development: string | null = null) => {
  const checked = checkAsk(channel, sender, words, development)
  return 'refusal' in checked ? checked.refusal : null
}
/** A valid input of every channel: who adds a channel adds a line. */
const valid: { [C in Channel]: Record<string, unknown> } = {
  'request-port': {},
  'save-path': { name: 'run.zip' },
  'open-folder': { path: '/home/someone/workspace/runs/one' },
  'choose-path': { purpose: 'open' },
  'take-opened': {},
  'recent-workspaces': {},
  'open-recent': { path: '/home/someone/other' },
  'shell-command': { id: 'new-window' },
  'menu-state': { available: ['open'], checked: ['theme:dark'] },
  'when-closed': { choose: 'keep' },
  'take-notice': {},
  about: {},
  licences: {}
}

describe('who is heard', () => {
  it('is the main frame of a confined window at the address of the page', () => {
    expect(checkAsk('save-path', us, [{ name: 'a.zip' }], null)).toEqual({ input: { name: 'a.zip' } })
    expect(refusalOf('save-path', { ...us, address: 'app://saddlescope/index.html?a=1#/runs' }, [{ name: 'a.zip' }])).toBeNull()
  })

  it('is no frame within the page, no other window, no frame that is gone', () => {
    expect(refusalOf('save-path', { ...us, isMainFrame: false }, [{ name: 'a' }])).toBe(
      'save-path was refused: only the page itself may ask, no frame within it.'
    )
    expect(refusalOf('save-path', { ...us, isConfined: false }, [{ name: 'a' }])).toMatch(/only windows of Saddlescope/)
    expect(refusalOf('save-path', { ...us, address: null }, [{ name: 'a' }])).toMatch(/the page that asks is gone/)
  })

  it.each([
    'about:blank',
    'about:srcdoc',
    'data:text/html,hello',
    'blob:app://saddlescope/7',
    'file:///etc/passwd',
    'app://other/',
    'app://saddlescope.evil/',
    'app://user:word@saddlescope/',
    'apps://saddlescope/',
    'http://saddlescope/',
    'https://example.org/app://saddlescope/',
    'devtools://devtools/bundled/index.html',
    ''
  ])('is nobody at %j', (address) => {
    expect(refusalOf('request-port', { ...us, address }, [{}])).toBe('request-port was refused: only the page of Saddlescope may ask.')
  })

  it('is the page under development where it is served, and only then', () => {
    const sender = { ...us, address: 'http://localhost:5173/#/new' }
    expect(refusalOf('request-port', sender, [{}], 'http://localhost:5173')).toBeNull()
    expect(refusalOf('request-port', sender, [{}], 'http://localhost:5174')).toMatch(/only the page/)
    expect(refusalOf('request-port', sender, [{}])).toMatch(/only the page/)
  })
})

describe.each(names)('what is heard on %s', (channel) => {
  it('is what the schema knows', () => {
    expect(refusalOf(channel, us, [valid[channel]])).toBeNull()
  })

  it('is one object', () => {
    for (const words of [[], [valid[channel], valid[channel]]]) expect(refusalOf(channel, us, words)).toMatch(/was refused: one object/)
    for (const word of [undefined, null, 7, 'a', true, [], [valid[channel]]])
      expect(refusalOf(channel, us, [word])).toMatch(new RegExp(`^${channel} was refused: its input is not as it should be`))
  })

  it('has no keys besides, and none of another type', () => {
    expect(refusalOf(channel, us, [{ ...valid[channel], besides: 1 }])).toMatch(/was refused/)
    expect(refusalOf(channel, us, [JSON.parse('{"__proto__": {"polluted": 1}, "besides": 1}')])).toMatch(/was refused/)
    for (const key of Object.keys(valid[channel]))
      for (const value of [{ deep: { er: 1 } }, Number.NaN, Symbol.iterator, () => 1])
        expect(refusalOf(channel, us, [{ ...valid[channel], [key]: value }])).toMatch(new RegExp(`was refused: ${key}`))
  })

  it('is of a size that somebody could mean, and the sentence stays short', () => {
    for (const [key, value] of Object.entries(valid[channel])) {
      const huge = typeof value === 'string' ? 'x'.repeat(10_000_000) : Array.isArray(value) ? Array(1_000_000).fill(value[0]) : null
      if (huge === null) continue
      const refusal = refusalOf(channel, us, [{ ...valid[channel], [key]: huge }])
      expect(refusal).toMatch(new RegExp(`was refused: ${key}`))
      expect(refusal!.length).toBeLessThan(400)
    }
  })
})
