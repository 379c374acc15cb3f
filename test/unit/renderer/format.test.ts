// Figures as people read them.
import { describe, expect, it } from 'vitest'
import {
  formatAgo,
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  formatPercent,
  formatTick
} from '../../../src/renderer/app/format'
import { formatJson } from '../../../src/renderer/app/json'

const space = '\u202f'

describe('format', () => {
  it('numbers', () => {
    expect(formatNumber(0)).toBe('0')
    expect(formatNumber(0.123456)).toBe('0.1235')
    expect(formatNumber(-12)).toBe('−12')
    expect(formatNumber(1e-7)).toBe('1e−7')
    expect(formatNumber(-1.25e8, 3)).toBe('−1.25e8')
    expect(formatNumber(Infinity)).toBe('∞')
    for (const nothing of [null, undefined, Number.NaN]) expect(formatNumber(nothing)).toBe('–')
  })
  it('counts and percent', () => {
    expect(formatCount(1234567)).toBe(`1${space}234${space}567`)
    expect(formatCount(999)).toBe('999')
    expect(formatPercent(0.9304)).toBe(`93.0${space}%`)
    expect(formatPercent(null)).toBe('–')
  })
  it('bytes', () => {
    expect(formatBytes(0)).toBe(`0${space}B`)
    expect(formatBytes(999)).toBe(`999${space}B`)
    expect(formatBytes(1500)).toBe(`1.5${space}kB`)
    expect(formatBytes(999_700)).toBe(`1.0${space}MB`)
    expect(formatBytes(4.5e9)).toBe(`4.5${space}GB`)
  })
  it('durations and moments', () => {
    expect(formatDuration(0.0042)).toBe(`4.2${space}ms`)
    expect(formatDuration(59.7)).toBe(`1${space}min 00${space}s`)
    expect(formatDuration(3725)).toBe(`1${space}h 02${space}min`)
    expect(formatDuration(2 * 86400 + 3 * 3600)).toBe(`2${space}d 3${space}h`)
    const now = Date.parse('2026-01-02T00:00:00Z')
    expect(formatAgo('2026-01-01T22:00:00Z', now)).toBe(`2${space}h ago`)
    expect(formatAgo('2025-01-01T22:00:00Z', now)).toBe('2025-01-01')
    expect(formatAgo('nonsense', now)).toBe('–')
  })
  it('ticks', () => {
    expect(formatTick(1e-5)).toBe('1e−5')
    expect(formatTick(-100000)).toBe('−1e5')
    expect(formatTick(0.30000000000000004)).toBe('0.3')
    expect(formatTick(25000)).toBe('2.5e4')
  })
  it('JSON keeps short parts on a line and can be read back', () => {
    const value = { a: [1, null, 'x'], b: { c: {}, d: [] }, long: Array.from({ length: 40 }, (_, i) => i * 1000) }
    const text = formatJson(value)
    expect(JSON.parse(text)).toEqual(value)
    expect(text).toContain('  "a": [1, null, "x"],')
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(100)
  })
})
