// The comparison's pure parts: names, groups, diffs, distances and correlations against SciPy, matching, patterns, differences, best marks, CSV.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MetricsTable } from '../../../src/shared/api/contract'
import { spearman } from '../../../src/shared/run/correlation'
import { bandNote, countsOf, curvesOf, type CurveGroup } from '../../../src/renderer/features/compare/curves'
import { ascending, spectrumDistance } from '../../../src/renderer/features/compare/distances'
import { curvesCsv, diffCsv, resultsCsv } from '../../../src/renderer/features/compare/exports'
import { fairnessOf } from '../../../src/renderer/features/compare/fairness'
import { groupingOptions, groupRuns, groupValue } from '../../../src/renderer/features/compare/groups'
import { commonTarget, matchSnapshot, snapshotPlaces } from '../../../src/renderer/features/compare/match'
import { groupNames, namesByDifference, ownNames } from '../../../src/renderer/features/compare/names'
import { compilePattern } from '../../../src/renderer/features/compare/pattern'
import { bestPlaces, differenceText, spreadOf, spreadText, type ResultColumn } from '../../../src/renderer/features/compare/results'
import { pairsOf } from '../../../src/renderer/features/compare/scatter'
import { groupDiff } from '../../../src/renderer/features/compare/spec-diff'
import { cumulated, shareOutlines } from '../../../src/renderer/features/compare/spectra'
import { wasserstein } from '../../../src/shared/run/spectrum-distance'

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'reference', 'compare', 'scipy.json'), 'utf8')) as {
  wasserstein: { a: number[]; b: number[]; distance: number }[]
  spearman: { x: number[]; y: number[]; correlation: number }[]
}
const spec = (kind: string, learningRate: number, seed: number) => ({
  name: 'one name for all',
  seed,
  optimizer: { kind, learningRate, ...(kind === 'sfn' ? { scope: 'full' } : { beta1: 0.9 }) },
  model: { layers: [2, 4, 2] }
})
const run = (id: string, kind: string, learningRate: number, seed: number) => ({
  id,
  name: 'one name for all',
  group: null,
  tags: [] as string[],
  spec: spec(kind, learningRate, seed)
})
const six = [1, 2, 3].flatMap((seed) => [run(`a${seed}`, 'sfn', 0.1, seed), run(`b${seed}`, 'sfn', 1, seed)])

describe('names', () => {
  it('say what differs and nothing else, the seed last', () => {
    expect([...namesByDifference(six).values()].slice(0, 2)).toEqual(['lr 0.1 · seed 1', 'lr 1 · seed 1'])
    // What goes with the optimizer's kind needs no words of its own.
    const kinds = namesByDifference([run('a', 'sfn', 0.1, 1), run('b', 'adam', 0.01, 1)])
    expect([...kinds.values()]).toEqual(['sfn', 'adam'])
  })
  it('fall back to the own name, with the id where it would not tell runs apart', () => {
    const twins = [run('a', 'sfn', 0.1, 1), run('b', 'sfn', 0.1, 1)]
    expect([...namesByDifference(twins).values()]).toEqual(['one name for all (a)', 'one name for all (b)'])
    expect(ownNames(twins).get('b')).toBe('one name for all (b)')
  })
  it('are never the same twice', () => {
    const any = fc.record({ kind: fc.constantFrom('sfn', 'adam'), rate: fc.constantFrom(0.1, 1), seed: fc.integer({ min: 0, max: 2 }) })
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 12 }), (list) => {
        const names = [...namesByDifference(list.map((one, i) => run(`r${i}`, one.kind, one.rate, one.seed))).values()]
        expect(new Set(names).size).toBe(names.length)
      })
    )
  })
})

describe('groups', () => {
  it('put runs together that differ in nothing but the seed, whatever they are called and tagged', () => {
    const renamed = six.map((one, i) => ({ ...one, spec: { ...one.spec, name: `name ${i}`, tags: [`t${i}`] } }))
    const groups = groupRuns(renamed, 'over:seed')
    expect(groups.map((group) => group.runs.map((one) => one.id))).toEqual([
      ['a1', 'a2', 'a3'],
      ['b1', 'b2', 'b3']
    ])
    expect(groupNames(groups.map((group) => group.runs))).toEqual(['lr 0.1', 'lr 1'])
  })
  it('by a field, by tags, over another setting, or not at all', () => {
    const sizes = (grouping: Parameters<typeof groupRuns>[1]) => groupRuns(six, grouping).map((group) => group.runs.length)
    expect(sizes('by:optimizer.learningRate')).toEqual([3, 3])
    expect(sizes('by:seed')).toEqual([2, 2, 2])
    expect(sizes('over:optimizer.learningRate')).toEqual([2, 2, 2])
    expect(sizes('by:tags')).toEqual([6])
    expect(sizes('by:group')).toEqual([1, 1, 1, 1, 1, 1])
    expect(sizes('none')).toEqual([1, 1, 1, 1, 1, 1])
    expect(groupValue(six[1], 'by:optimizer.learningRate')).toBe('lr 1')
  })
  it('leave alone what is not known yet, and offer the settings that differ', () => {
    expect(groupRuns([{ ...six[0], spec: null }, six[1]], 'over:seed')).toHaveLength(2)
    expect(groupingOptions(six).map((one) => one.value)).toEqual([
      'over:seed',
      'none',
      'by:optimizer.kind',
      'by:group',
      'by:tags',
      'by:seed',
      'by:optimizer.learningRate',
      'over:optimizer.learningRate'
    ])
  })
})

it('a spec diff knows between groups from within', () => {
  const rows = groupDiff([
    [spec('sfn', 0.1, 1), spec('sfn', 0.1, 2), spec('sfn', 0.1, 2)],
    [spec('sfn', 1, 1), spec('sfn', 1, 2)]
  ])
  expect(rows).toEqual([
    { path: 'optimizer.learningRate', kind: 'between', groups: [[{ value: '0.1', count: 3 }], [{ value: '1', count: 2 }]] },
    {
      path: 'seed',
      kind: 'within',
      groups: [
        [
          { value: '2', count: 2 },
          { value: '1', count: 1 }
        ],
        [
          { value: '1', count: 1 },
          { value: '2', count: 1 }
        ]
      ]
    }
  ])
})

describe('Wasserstein-1', () => {
  it.each(golden.wasserstein)('is SciPy’s for $a.length and $b.length values', ({ a, b, distance }) => {
    expect(wasserstein(ascending(a), ascending(b))).toBeCloseTo(distance, 12)
  })
  const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 40 }).map((list) => ascending(list))
  it('is a distance: nothing from itself, the same both ways, no detour is shorter, and a shift is what it says', () => {
    fc.assert(
      fc.property(values, values, values, fc.integer({ min: -50, max: 50 }), (a, b, c, shift) => {
        expect(wasserstein(a, a)).toBe(0)
        expect(wasserstein(a, b)).toBeCloseTo(wasserstein(b, a), 9)
        expect(wasserstein(a, c)).toBeLessThanOrEqual(wasserstein(a, b) + wasserstein(b, c) + 1e-9)
        expect(
          wasserstein(
            a,
            a.map((value) => value + shift)
          )
        ).toBeCloseTo(Math.abs(shift), 9)
      })
    )
  })
  it('does not mind every value standing twice, and is the area between the cumulated curves', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(wasserstein(ascending([...a, ...a]), b)).toBeCloseTo(wasserstein(a, b), 9)
        const share = (list: Float64Array, at: number) => list.filter((value) => value <= at).length / list.length
        const places = [...new Set([...a, ...b])].sort((p, q) => p - q)
        const area = places
          .slice(1)
          .reduce((sum, place, i) => sum + (place - places[i]) * Math.abs(share(a, places[i]) - share(b, places[i])), 0)
        expect(wasserstein(a, b)).toBeCloseTo(area, 8)
      })
    )
  })
  it('comes with differences of the extremes, and of the index in points', () => {
    const one = { values: Float64Array.of(-2, 1, 5, 9), figures: { count: 4, lambdaMin: -2, lambdaMax: 9, index: 0.25 } }
    const two = { values: Float64Array.of(-1, 2), figures: { count: 2, lambdaMin: -1, lambdaMax: 2, index: 0.5 } }
    expect(spectrumDistance(one, two)).toEqual({ wasserstein: (1 + 2 + 3 + 7) / 4, lambdaMin: -1, lambdaMax: 7, indexPoints: -25 })
  })
})

it.each(golden.spearman)('rank correlation is SciPy’s for $x.length pairs', ({ x, y, correlation }) => {
  expect(spearman(x, y)).toBeCloseTo(correlation, 12)
})
it('rank correlation says nothing where there is nothing to say', () => {
  expect(spearman([1, 2], [1, 2])).toBeNull()
  expect(spearman([1, 1, 1], [1, 2, 3])).toBeNull()
})
it('pairs leave out runs that have not both', () => {
  const specs = [spec('sfn', 0.1, 1), spec('sfn', 0.2, 1), spec('sfn', 0.3, 1), { optimizer: { learningRate: '0.1 * t' } }]
  expect(pairsOf(specs, 'optimizer.learningRate', [1, NaN, 3, 4])).toMatchObject({
    places: [0, 2],
    x: [0.1, 0.3],
    y: [1, 3],
    correlation: null
  })
})

const table = (steps: number[], columns: Record<string, number[]>): MetricsTable => ({
  steps: Float64Array.from(steps),
  columns: Object.fromEntries(Object.entries(columns).map(([name, list]) => [name, Float64Array.from(list)])),
  smoothed: {},
  available: Object.keys(columns),
  total: steps.length,
  missing: [],
  damaged: 0,
  notFinite: {}
})

describe('matching snapshots', () => {
  const places = snapshotPlaces([0, 2, 4], table([1, 2, 3, 4], { loss: [8, 6, 3, 2], seconds: [1, 2, 3, 4] }), 'loss')
  it('a snapshot has the loss of the line after it, and the time of its own', () => {
    expect(places).toEqual([
      { step: 0, loss: 8, seconds: 0 },
      { step: 2, loss: 3, seconds: 2 },
      { step: 4, loss: null, seconds: 4 }
    ])
  })
  it('takes the nearest, of equally near ones the earlier', () => {
    expect(matchSnapshot(places, 'step', 3)?.step).toBe(2)
    expect(matchSnapshot(places, 'loss', 5)?.step).toBe(2)
    expect(matchSnapshot(places, 'seconds', 100)?.step).toBe(4)
    expect(matchSnapshot([{ step: 1, loss: null, seconds: null }], 'loss', 1)).toBeNull()
  })
  it('meets where all have been', () => {
    const other = [{ step: 1, loss: 5, seconds: 9 }]
    expect(commonTarget([places, other], 'step')).toBe(1)
    expect(commonTarget([places, other], 'loss')).toBe(5)
    expect(commonTarget([places, other], 'seconds')).toBe(4)
    expect(commonTarget([], 'step')).toBeNull()
  })
})

it('spectra are laid over each other as shares: each adds up to one', () => {
  const [a, b] = shareOutlines([Float64Array.of(-1, 0, 0, 1), Float64Array.of(-1, 1)], 'linear', 4)
  expect([...a.y].filter((_, i) => i % 2 === 0)).toEqual([0.25, 0.125, 0.5, 0.25])
  expect([...b.x]).toEqual([...a.x])
  expect(cumulated([1, 3])).toEqual({ x: Float64Array.of(1, 1, 3, 3), y: Float64Array.of(0, 0.5, 0.5, 1) })
})

it('patterns show or hide by any of a run’s names; a broken one is said and hides nothing', () => {
  expect(compilePattern('LR 0\\.1', false).test(['lr 0.1 · seed 3', 'x'])).toBe(true)
  expect(compilePattern('lr 0\\.1', true).test(['lr 0.1'])).toBe(false)
  const broken = compilePattern('sfn(', false)
  expect(broken.fault).toMatch(/no regular expression: Unterminated group\. All runs are shown/)
  expect(broken.test(['anything'])).toBe(true)
})

describe('results', () => {
  it('differ in the right kind: points, differences and ratios, factors', () => {
    expect(differenceText('fraction', 0.744, 0.723)).toBe('+2.1 points')
    expect(differenceText('fraction', 0.1, 0.15)).toBe('−5.0 points')
    expect(differenceText('loss', 0.5, 2)).toBe('−1.5, ×\u202f0.25')
    expect(differenceText('loss', -1, 2)).toBe('−3')
    expect(differenceText('duration', 20, 5)).toBe('×\u202f4, +15\u202fs')
    expect(differenceText('count', 14, 60)).toBe('−46')
    expect(differenceText('number', 1, NaN)).toBe('')
  })
  it('groups have mean ± sample deviation of the values that are there', () => {
    expect(spreadOf([1, 2, 6])).toEqual({ n: 3, mean: 3, deviation: Math.sqrt(7) })
    expect(spreadOf([1, NaN]).n).toBe(1)
    expect(spreadText('loss', spreadOf([1, 2, 6]))).toBe('3.0 ± 2.6')
    expect(spreadText('fraction', spreadOf([0.5, 0.52]))).toBe('51.0 ± 1.4\u202f%')
    expect(spreadText('loss', spreadOf([0.4607, 0.5569, 0.4768]))).toBe('0.498 ± 0.052')
    expect(spreadText('number', spreadOf([]))).toBe('–')
  })
  it('marks the best, all of them when they are equal, none where all are', () => {
    expect([...bestPlaces([3, 1, NaN, 1], 'low')]).toEqual([1, 3])
    expect([...bestPlaces([3, 1], 'high')]).toEqual([0])
    expect([...bestPlaces([3, 1], null)]).toEqual([])
    expect([...bestPlaces([2, 2], 'low')]).toEqual([])
  })
})

describe('curves', () => {
  const whole = {
    loss: {
      x: Float64Array.of(1, 2),
      mean: Float64Array.of(3, 2),
      deviation: Float64Array.of(1, NaN),
      low: Float64Array.of(2, 2),
      high: Float64Array.of(4, 2),
      count: Float64Array.of(2, 1),
      interpolated: false,
      total: 2
    }
  }
  const member = (id: string, list: number[]) => ({
    id,
    label: id,
    colour: `#${id}`,
    table: table([1, 2].slice(0, list.length), { loss: list })
  })
  const groups: CurveGroup[] = [{ id: 'a', label: 'lr 1', colour: '#a', runs: [member('a', [4, 2]), member('b', [2])], whole }]
  it('a group is its runs pale, its mean thick, and the band that was chosen', () => {
    const series = curvesOf(groups, { metric: 'loss', x: 'step', smoothed: false, band: 'deviation' })
    expect(series.map(({ id, faint }) => [id, faint ?? false])).toEqual([
      ['a', true],
      ['b', true],
      ['a\u0000mean', false]
    ])
    expect(series[2]).toMatchObject({ name: 'lr 1, mean of 2', band: { low: Float64Array.of(2, NaN), high: Float64Array.of(4, NaN) } })
    const [, , range] = curvesOf(groups, { metric: 'loss', x: 'step', smoothed: false, band: 'range' })
    expect(range).toMatchObject({ band: { low: whole.loss.low, high: whole.loss.high } })
  })
  it('says what the band is and of how many', () => {
    const note = bandNote(countsOf(groups, 'loss'), 'deviation', true)
    expect(note).toBe(
      'Thick: mean over the runs of a group, each smoothed before, n = 1 … 2: runs take part where they have a value; band: ± one sample standard deviation (n − 1).'
    )
    expect(bandNote(countsOf(groups, 'nothing'), 'range', false)).toBeNull()
  })
})

describe('fairness', () => {
  const hashes = (weights: string, batches = 'b', dataset = 'd') => ({ weights, batches, dataset })
  it('is the same start, order and data; or, of seeds, the same set in every group', () => {
    expect(fairnessOf([[hashes('1')], [hashes('1')]])).toMatchObject({ fair: true })
    expect(
      fairnessOf([
        [hashes('1'), hashes('2')],
        [hashes('2'), hashes('1')]
      ])
    ).toMatchObject({ fair: true, text: expect.stringContaining('seed by seed') })
    expect(fairnessOf([[hashes('1'), hashes('2')], [hashes('1')]])).toEqual({ fair: false, text: 'They differ in start weights.' })
    expect(fairnessOf([[hashes('1', 'b', 'x')], [hashes('1')]])).toEqual({ fair: false, text: 'They differ in dataset.' })
    expect(fairnessOf([[hashes('1'), undefined]])).toBeNull()
  })
})

describe('CSV tells runs of one name apart', () => {
  const exported = [{ label: 'lr 0.1', runs: [six[0], six[2]].map((one, i) => ({ ...one, label: `lr 0.1 · seed ${i + 1}` })) }]
  it('curves: a line a value', () => {
    const tables = new Map([
      ['a1', table([1, 2], { loss: [4, 3], testLoss: [NaN, 1] })],
      ['a2', table([1], { loss: [5] })]
    ])
    expect(curvesCsv(exported, tables, ['loss', 'testLoss'], 'step').split('\r\n')).toEqual([
      'group,run,id,label,figure,step,value',
      'lr 0.1,one name for all,a1,lr 0.1 · seed 1,loss,1,4',
      'lr 0.1,one name for all,a1,lr 0.1 · seed 1,loss,2,3',
      'lr 0.1,one name for all,a1,lr 0.1 · seed 1,testLoss,2,1',
      'lr 0.1,one name for all,a2,lr 0.1 · seed 2,loss,1,5',
      ''
    ])
  })
  it('results: a line a run, then mean and deviation', () => {
    const column: ResultColumn = { key: 'l', figure: 'Loss', statistic: 'last', kind: 'loss', better: 'low', values: [1, 3], steps: [9, 8] }
    expect(resultsCsv(exported, [column], (id) => (id === 'a1' ? 0 : 1)).split('\r\n')).toEqual([
      'group,row,run,id,label,n,"Loss, last","Loss, last (step)"',
      'lr 0.1,run,one name for all,a1,lr 0.1 · seed 1,,1,9',
      'lr 0.1,run,one name for all,a2,lr 0.1 · seed 2,,3,8',
      'lr 0.1,mean,,,lr 0.1,2,2,',
      `lr 0.1,sample deviation,,,lr 0.1,2,${Math.SQRT2},`,
      ''
    ])
  })
  it('specs: a line a setting and run', () => {
    const rows = groupDiff(exported.map((group) => group.runs.map((one) => one.spec)))
    expect(diffCsv(exported, rows).split('\r\n')[1]).toBe('seed,within groups,lr 0.1,one name for all,a1,lr 0.1 · seed 1,1')
  })
})
