// What the report on dynamics says of made rows: other rows, other sentences.
import { describe, expect, it } from 'vitest'
import {
  basinFindings,
  basinVerdict,
  chaosFindings,
  chaosVerdict,
  controlFindings,
  crossings,
  isFractal,
  sumFindings
} from '../../../../src/workbench/reports/dynamics/findings'
import type { BasinRow, Gathered, KnownRow, SweepRow } from '../../../../src/workbench/reports/dynamics/gather'
import { dynamicsPage } from '../../../../src/workbench/reports/dynamics/layout'
import { plan } from '../../../../src/workbench/reports/dynamics/plan'

const row = (learningRate: number, largest: number | null, more: Partial<SweepRow> = {}): SweepRow => ({
  net: 'a net',
  optimizer: 'gd',
  learningRate,
  seed: 0,
  run: `run-${learningRate}`,
  state: 'done',
  loss: 0.1,
  steps: 2000,
  largest,
  largestError: 0.01,
  positive: largest !== null && largest > 0 ? 3 : 0,
  dimension: 22,
  sumPositive: largest === null ? null : Math.max(0, 2 * largest),
  sum: -5,
  logDeterminant: -5,
  kaplanYorke: 7,
  sharpness: 2 / learningRate,
  failedChecks: '',
  ...more
})
const basin = (rule: BasinRow['rule'], optimizer: string, dimension: number | null, more: Partial<BasinRow> = {}): BasinRow => ({
  optimizer,
  of: 'a function',
  rule,
  pixels: 100,
  dimension,
  error: dimension === null ? null : 0.01,
  centres: 4,
  arrived: 97,
  notYet: 2,
  diverged: 1,
  failedChecks: '',
  ...more
})
const known: KnownRow = {
  map: 'logistic map',
  steps: 1000,
  largest: 0.69,
  error: 0.01,
  expected: Math.LN2,
  sum: 0.69,
  expectedSum: Math.LN2,
  failedChecks: ''
}
const gathered = (sweep: SweepRow[], more: Partial<Gathered> = {}): Gathered => ({
  sweep,
  known: [known],
  basins: [
    basin('newton', 'Newton', 1.4),
    basin('saddle-free', 'SFN', 1.01),
    basin('damped', 'damped SFN', 1.0),
    basin('first order', 'descent', 1.02)
  ],
  pictures: [{ optimizer: 'Newton', of: 'a function', x: -1, xTo: 1, y: 0, yTo: 1, outcome: 'point 1' }],
  ...more
})

describe('the report on dynamics', () => {
  it('finds where the largest exponent crosses zero, start by start, beyond twice its error', () => {
    const rows = [
      row(1, -0.2),
      row(2, 0.015),
      row(3, 0.009, { largestError: 0.001 }),
      row(4, 0.3),
      row(8, 0.5),
      row(2, 0.2, { seed: 1 }),
      row(1, -0.1, { seed: 1 })
    ]
    expect(crossings(rows).map(({ seed, from, below }) => [seed, from, below?.learningRate])).toEqual([
      [0, 4, 3],
      [1, 2, 1]
    ])
    expect(chaosFindings(gathered(rows))).toEqual([
      'a net, gradient descent: the largest exponent crosses zero between learning rates 1 to 3 and 2 to 4; there it is 0.2 to 0.3 ± 0.01 nats a step, and over all learning rates at most 0.5. Just below, η × sharpness ÷ 2 is 1.'
    ])
    expect(chaosVerdict(gathered(rows))).toContain('In 1 of 1 pairs of net and optimizer it is')
  })

  it('says that a training is not chaotic, and counts those that ran away', () => {
    const rows = [row(1, -0.2), row(2, -0.1), row(4, null, { state: 'diverged' }), row(8, null, { state: 'escaped' })]
    expect(chaosFindings(gathered(rows))[0]).toBe(
      'a net, gradient descent: not chaotic at any of the learning rates 1 to 8; the largest exponent is at most −0.1 nats a step. 2 of 4 trainings diverged or ran away, from a learning rate of 4 on.'
    )
    expect(chaosVerdict(gathered(rows))).toContain('In 0 of 1 pairs')
    expect(sumFindings(gathered(rows))).toEqual([])
  })

  it('compares the sums, and holds momentum to its determinant', () => {
    expect(sumFindings(gathered([row(1, -0.2), row(2, 0.3)]))[0]).toContain(
      '3 of 22 exponents are positive; their sum, Ruelle’s upper bound of the entropy, is 0.6 nats a step (median 0.6), 2 times the largest. The sum of all is −5, the Kaplan–Yorke dimension 7.'
    )
    const momentum = row(1, -0.2, { optimizer: 'momentum', dimension: 10, sum: 5 * Math.log(0.9) + 1e-6 })
    expect(sumFindings(gathered([momentum]))).toEqual([
      'Momentum shrinks volume by μ^P whatever the landscape: over 1 trainings the sum of all exponents departs from P ln 0.9 by at most 1e−6.'
    ])
  })

  it('calls a boundary fractal beyond what a curve is measured as', () => {
    expect([1.4, 1.06, 1.08, 1.0].map((dimension) => isFractal(basin('newton', 'Newton', dimension)))).toEqual([true, false, true, false])
    expect(basinVerdict(gathered([]))).toBe(
      'Are basins of attraction fractal? At scales of 1 to 16 pixels Newton’s count as fractal (Newton 1.4 ± 0.01); saddle-free Newton’s do not (SFN 1.01 ± 0.01); damped so that its steps stay bounded, they do not (damped SFN 1 ± 0.01); those of gradient descent with small steps do not (descent 1.02 ± 0.01).'
    )
    expect(basinFindings(gathered([]))).toEqual([
      'a function, Newton: of 100 starts 97 arrive at 4 critical points, 2 are under way, 1 diverge; the boundary has box-counting dimension 1.4 ± 0.01.',
      'a function, SFN: of 100 starts 97 arrive at 4 critical points, 2 are under way, 1 diverge; the boundary has box-counting dimension 1.01 ± 0.01, that of a curve within what is measured.',
      'a function, damped SFN: of 100 starts 97 arrive at 4 critical points, 2 are under way, 1 diverge; the boundary has box-counting dimension 1 ± 0.01, that of a curve within what is measured.',
      'a function, descent: of 100 starts 97 arrive at 4 critical points, 2 are under way, 1 diverge; the boundary has box-counting dimension 1.02 ± 0.01, that of a curve within what is measured.'
    ])
  })

  it('names checks that do not hold', () => {
    expect(controlFindings(gathered([row(1, -0.2)]))).toEqual([
      'The logistic map, which is an optimizer on a cubic, must have the exponent 0.6931: it has 0.69 ± 0.01 after 1000 steps, and the sum 0.69 for 0.693147.',
      'All checks of all analyses hold.'
    ])
    expect(controlFindings(gathered([row(1, -0.2, { failedChecks: 'tangent determinant' })]))[1]).toContain(
      '1 of 6 analyses have a check that does not hold (tangent, determinant)'
    )
  })

  it('draws each sweep and each map from its table', () => {
    const { sections, data } = dynamicsPage(gathered([row(1, -0.2), row(2, 0.3)]), 'tiny')
    const figures = sections.flatMap(({ blocks }) => blocks.flatMap((block) => (block.kind === 'figure' ? [block.data] : [])))
    expect(figures).toEqual(['exponents.csv', 'exponents.csv', 'basins.csv', 'basins.csv', 'basins.csv', 'basins.csv'])
    expect(data.map(({ name }) => name)).toEqual(['exponents.csv', 'boundaries.csv', 'basins.csv', 'known.csv'])
  })

  it('plans every run under a name of its own', () => {
    const { sweep, known: maps, basins } = plan('small')
    const ids = [...sweep, ...maps, ...basins].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(sweep.length).toBe(2 * 4 * 12 * 3)
  })
})
