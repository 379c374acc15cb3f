// What the analyses' panels compute from arrays before they draw: held against sums and sorts written out, and against their definitions.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { namedPoints, contourMapping } from '../../../src/renderer/charts/contour-geometry'
import { matchingAnalyses } from '../../../src/renderer/features/analyses/across'
import { drawables } from '../../../src/renderer/features/analyses/drawable'
import { commandOf, differingOptions, optionsText, verdictOf } from '../../../src/renderer/features/analyses/facts'
import { optionFields, optionProblems, readOption } from '../../../src/renderer/features/analyses/options'
import { firstRange, lossRange, radiusMarks, truncated } from '../../../src/renderer/features/analyses/panels/landau-lines'
import { fromTop, lossAt, lowest, planeTable } from '../../../src/renderer/features/analyses/panels/landscape-grid'
import { quantile } from '../../../src/shared/run/quantile'
import { bandOf, rowsOfKind, signChanges, withinError } from '../../../src/renderer/features/analyses/panels/scales-lines'
import { analysisKindNames } from '../../../src/shared/analyses/kinds'
import type { AnalysisEntry } from '../../../src/shared/api/contract'

const array = (shape: number[], data: number[]) => ({ shape, data: Float64Array.from(data) })

describe('the expansion along a direction', () => {
  it('is the sum of the powers up to its order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 0, max: 10 }),
        fc.integer({ min: -4, max: 4 }),
        (a, order, t) => {
          const sum = a.reduce((total, one, n) => (n <= order ? total + one * t ** n : total), 0)
          expect(truncated(a, order, [t])[0]).toBe(sum)
        }
      )
    )
  })
  it('is first shown somewhat beyond the largest finite radius, and its loss fits', () => {
    const t = [-10, -1, -0.1, 0, 0.1, 1, 10]
    expect(firstRange([0.1, 0.5, Infinity], t)).toEqual([-0.8, 0.8])
    expect(firstRange([20, 30, NaN], t)).toEqual([-10, 10])
    expect(firstRange([Infinity, NaN, NaN], t)).toBeNull()
    expect(lossRange([100, 3, 2, 1, 2, 3, 100], t, [-1, 1])).toEqual([0.7, 3.3])
    expect(lossRange([NaN, NaN], [0, 1], null)).toBeNull()
    expect(radiusMarks([0.1, 0.5, Infinity], t)).toEqual([
      { x: -0.1, label: '' },
      { x: 0.1, label: 'r2' },
      { x: -0.5, label: '' },
      { x: 0.5, label: 'r4' }
    ])
  })
})

describe('curvature at scales', () => {
  it('has quantiles as NumPy has them', () => {
    // numpy.quantile([1, 2, 4, 8], [0, .25, .5, .75, 1])
    expect([0, 0.25, 0.5, 0.75, 1].map((p) => quantile([1, 2, 4, 8], p))).toEqual([1, 1.75, 3, 5, 8])
    expect(quantile([], 0.5)).toBeNaN()
  })
  it('has a band of magnitudes over the rows of a kind, without what is not finite', () => {
    const curvature = array([4, 2], [-4, 1, 2, NaN, 1, -3, 100, 100])
    const rows = rowsOfKind([0, 0, 0, 1], 0)
    expect(rows).toEqual([0, 1, 2])
    const band = bandOf(curvature, rows)
    expect([...band.median]).toEqual([2, 2])
    expect([...band.low]).toEqual([1, 1])
    expect([...band.high]).toEqual([4, 3])
  })
  it('tells changes of sign that are beyond the error, and values that are not', () => {
    const curvature = array([3, 4], [1, -0.1, 1, 2, 1, 1, -1, -2, -1, -1, NaN, -1])
    const errors = array([3, 4], [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
    expect(signChanges(curvature, errors, [0, 1, 2], [1, 2, 3, 4])).toEqual({ rows: 3, changing: 1, first: 3 })
    expect(withinError(curvature, errors, [0, 1, 2])).toEqual({ within: 2, of: 12 })
  })
})

describe('a plane through weight space', () => {
  const [u, v] = [
    [-1, 0, 1],
    [10, 20]
  ]
  const loss = array([2, 3], [1, 2, 3, 4, 5, 0.5])
  it('is drawn with the largest v at the top, and read where it is pointed at', () => {
    expect([...fromTop(loss)]).toEqual([4, 5, 0.5, 1, 2, 3])
    expect(lossAt(loss, u, v, { u: 0.9, v: 19 })).toBe(0.5)
    expect(lossAt(loss, u, v, { u: -0.6, v: 12 })).toBe(1)
    expect(lossAt(loss, u, v, { u: 1.6, v: 12 })).toBeNull()
    expect(lowest(loss, u, v)).toEqual({ u: 1, v: 20, loss: 0.5 })
  })
  it('is a table of its grid and its path', () => {
    const table = planeTable(loss, u, v, { points: [0.5, 15], steps: [7], loss: [2.5] })
    expect(table.columns.map((column) => column[5])).toEqual(['grid', '', 1, 20, 0.5])
    expect(table.columns.map((column) => column[6])).toEqual(['path', 7, 0.5, 15, 2.5])
  })
  it('names the first and the last point of its path, and no two that crowd', () => {
    const map = contourMapping([0, 100, 0, 100], { left: 0, top: 0, width: 100, height: 100 })
    const path = { id: 'p', name: 'p', colour: '#000', points: [0, 0, 50, 0, 60, 0, 100, 0], marks: ['a', 'b', 'c', 'd'] }
    expect(namedPoints(path, map).map(({ name }) => name)).toEqual(['a', 'd', 'b'])
  })
})

describe('the form of a kind', () => {
  it('has a field with help for every option of every kind', () => {
    for (const kind of analysisKindNames)
      for (const { field, help } of optionFields(kind)) {
        expect(help, `${kind}.${field.key}`).not.toBe('')
        expect(['number', 'text', 'word', 'select', 'switch', 'list', 'group'], `${kind}.${field.key}`).toContain(field.shape.type)
      }
  })
  it('reads what is typed as the command line does', () => {
    const fields = new Map(optionFields('landau').map(({ field }) => [field.key, field]))
    const read = (name: string, text: string) => readOption(fields.get(name) as never, text)
    expect(read('vectors', '0, 3 ,7')).toEqual([0, 3, 7])
    expect(read('vectors', '[0, 3]')).toEqual([0, 3])
    expect(read('vectors', '12')).toBe(12)
    expect(read('to', '1e-2')).toBe(0.01)
    expect(read('to', ' ')).toBeUndefined()
    expect(read('to', 'far')).toBe('far')
    const a = optionFields('difference').find(({ field }) => field.key === 'a')?.field
    expect(readOption(a as never, 'none')).toBeNull()
    expect(readOption(a as never, 'one:4/full')).toBe('one:4/full')
  })
  it('says what is wrong at its option, and what would be right', () => {
    expect(optionProblems('critical-points', { starts: 0, noise: 'abc' })).toEqual({
      starts: ['must be an integer ≥ 1 and ≤ 1000, got 0'],
      noise: ['must be a number ≥ 0, got "abc"']
    })
    expect(Object.keys(optionProblems('difference', {}))).toEqual(['b'])
    expect(optionProblems('critical-points', {})).toEqual({})
  })
})

describe('a stored analysis', () => {
  it('is made again by a command that says only what is not the default', () => {
    const options = { starts: 4, noise: 0.5, seed: 0, tolerance: 1e-8, iterations: 100, cutoff: 1e-8 }
    expect(commandOf('critical-points', 'one', 6, options)).toBe('saddlescope analyse critical-points one:6 --set noise=0.5')
    expect(commandOf('landau', 'one', 6, { vectors: [0, 3] })).toBe("saddlescope analyse landau one:6 --set 'vectors=[0,3]'")
    expect(commandOf('difference', 'one', null, { a: null, b: 'two:3/W1' })).toBe('saddlescope analyse difference one --set b=two:3/W1')
  })
  it('is told by its checks and options', () => {
    const ok = { value: 1, limit: 2, ok: true }
    expect([verdictOf({}), verdictOf({ a: ok }), verdictOf({ a: ok, b: { ...ok, ok: false } })]).toEqual(['none', 'holds', 'fails'])
    expect(optionsText({ a: null, list: [1, 2], word: 'x', n: 3 })).toBe('a none, list 1, 2, word x, n 3')
    expect(
      optionsText({
        axes: [
          { path: 'seed', from: 0 },
          { path: 'x', from: null }
        ],
        pair: [[1, 2], ['a']]
      })
    ).toBe('axes (path seed from 0), (path x), pair (1, 2), (a)')
    expect(differingOptions({ a: 1, b: 2 }, { a: 1, b: 3, c: 4 })).toEqual([
      { name: 'b', a: '2', b: '3' },
      { name: 'c', a: '', b: '4' }
    ])
  })
  it('is drawn array by array as far as that can be done', () => {
    const of = (shape: number[]) => ({ file: 'x.npy', shape, meaning: 'm', unit: null })
    const drawn = drawables({ a: of([5]), b: of([1, 5]), c: of([3, 4]), d: of([2, 3, 4]), e: of([1]), f: of([1000, 1000]) })
    expect(drawn.map(({ name, as }) => `${name} ${as}`)).toEqual(['a curve', 'b curve', 'c map'])
  })
  it('is found by kind, run, name and options', () => {
    const one = (run: string, kind: string, options: Record<string, unknown>) =>
      ({ run, name: `${kind}-6`, bytes: 1, manifest: { kind, options } }) as unknown as AnalysisEntry
    const all = [one('a', 'landau', { vectors: 3 }), one('b', 'landau', { vectors: 5 }), one('b', 'ntk', {})]
    const found = (text: string, kind = '') =>
      matchingAnalyses(all, { text, kind }, ({ run }) => `Run ${run}`).map((entry) => all.indexOf(entry))
    expect(found('', 'landau')).toEqual([0, 1])
    expect(found('run b')).toEqual([1, 2])
    expect(found('vectors 5 landau')).toEqual([1])
    expect(found('Landau coefficients', 'ntk')).toEqual([])
  })
})
