// The colours of runs: they read on both themes' surfaces, and runs made one after another look different.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { colourContrast, colourDistance, colourOf, colourRest, nextColour, runPalette } from '../../../../src/shared/run/colour'

const tokens = readFileSync(join(import.meta.dirname, '../../../../src/renderer/ui/tokens.css'), 'utf8')
const surfaces = [...tokens.matchAll(/--(surface|background): (#[0-9a-f]{6})/g)].map((found) => found[2])

/** The colours of runs made one after another, the first first. */
function chosen(count: number, before: string[] = []): string[] {
  const newest = [...before]
  for (let i = 0; i < count; i++) newest.unshift(nextColour(newest))
  return newest.slice(0, count).reverse()
}

describe('the palette', () => {
  it('has a contrast of 3:1 or more with the page and its cards in both themes', () => {
    expect(surfaces).toHaveLength(4)
    for (const colour of runPalette)
      for (const surface of surfaces) expect(colourContrast(colour, surface), colour).toBeGreaterThanOrEqual(3)
    expect(colourContrast('#ffffff', '#000000')).toBeCloseTo(21, 10)
    expect(colourContrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2)
  })
  it('has thirty colours, no two alike', () => {
    expect(new Set(runPalette).size).toBe(30)
    for (const [i, a] of runPalette.entries()) for (const b of runPalette.slice(0, i)) expect(colourDistance(a, b)).toBeGreaterThan(0.04)
  })
})

describe('the choice', () => {
  it('repeats no colour soon, and runs made close together look different', () => {
    const colours = chosen(200)
    for (let i = 0; i < colours.length; i++) {
      expect(colours.slice(Math.max(0, i - colourRest), i)).not.toContain(colours[i])
      for (let j = Math.max(0, i - 9); j < i; j++)
        expect(colourDistance(colours[i], colours[j]), `runs ${j} and ${i}`).toBeGreaterThan(0.085)
      if (i > 0) expect(colourDistance(colours[i], colours[i - 1])).toBeGreaterThan(0.15)
    }
  })
  it('stays clear of a colour that somebody chose', () => {
    for (const own of ['#ff0000', '#00aa88', '#123456']) expect(colourDistance(nextColour([own]), own)).toBeGreaterThan(0.2)
  })
  it('of a run without a colour goes by its id; what is no colour is none', () => {
    const ids = Array.from({ length: 500 }, (_, i) => `run-${i}`)
    expect(new Set(ids.map((id) => colourOf({ id }))).size).toBe(runPalette.length)
    expect(colourOf({ id: 'a', colour: null })).toBe(colourOf({ id: 'a' }))
    expect(colourOf({ id: 'a', colour: 'red' })).toBe(colourOf({ id: 'a' }))
    expect(colourOf({ id: 'a', colour: '#12ab34' })).toBe('#12ab34')
  })
})
