// What the report on Dauphin et al. says follows from its rows: other rows, other sentences, also against saddle-free Newton.
import { describe, expect, it } from 'vitest'
import * as findings from '../../../../src/workbench/reports/dauphin/findings'
import { plannedRuns, sgdDraws, sizesOf, type Method } from '../../../../src/workbench/reports/dauphin/plan'
import {
  chosenRuns,
  spectrumRows,
  summaryRows,
  threePoints,
  type CourseRow,
  type CriticalRow,
  type RunRow,
  type SummaryRow
} from '../../../../src/workbench/reports/dauphin/rows'
import { spearman } from '../../../../src/shared/run/correlation'
import { checkSpec } from '../../../../src/shared/spec/check'

/** Before a percent sign the page has a narrow space. */
const plain = (sentences: readonly string[]) => sentences.map((sentence) => sentence.replaceAll('\u202f', ' '))
const criticalFindings = (rows: readonly CriticalRow[], mostSteps = 60) => plain(findings.criticalFindings(rows, mostSteps))
const endFindings = (rows: readonly SummaryRow[]) => plain(findings.endFindings(rows))
const equalFindings = (rows: readonly CourseRow[]) => plain(findings.equalFindings(rows))
const hiddenFindings = (rows: readonly SummaryRow[]) => plain(findings.hiddenFindings(rows))
const { curvatureFindings, leadFinding } = findings

const net = { data: 'mnist10', activation: 'tanh', hidden: 5 } as const
const summary = (method: Method, loss: number, error: number, more: Partial<SummaryRow> = {}): SummaryRow => ({
  ...net,
  method,
  runs: 1,
  epochs: 30,
  seconds: 1,
  loss,
  error,
  lowestError: error,
  highestError: error,
  ...more
})

describe('at the end', () => {
  const rows = (sfn: number) => [
    summary('Minibatch SGD', 0.2, 0.05),
    summary('Damped Newton', 1.5, 0.6),
    summary('Saddle-free Newton', sfn, 0.01, { runs: 2 })
  ]
  it('saddle-free Newton is ahead where it has the lowest loss', () => {
    expect(endFindings(rows(0.05))).toEqual([
      'MNIST 10 × 10, 5 tanh units: training error at the end is minibatch SGD 5.0 % (loss 0.2, 30 epochs), damped Newton 60.0 % (loss 1.5, 30 epochs) and saddle-free Newton 1.0 % (loss 0.05, 30 epochs, mean of 2 seeds). Saddle-free Newton is ahead of minibatch SGD, by a factor of 4 in loss.'
    ])
    expect(leadFinding(rows(0.05), [])).toBe('By training loss at the end saddle-free Newton comes first in 1 of 1 nets.')
  })
  it('loses where another has', () => {
    expect(endFindings(rows(0.8))[0]).toContain('Saddle-free Newton loses to minibatch SGD, by a factor of 4 in loss.')
    expect(leadFinding(rows(0.8), [])).toContain('comes first in 0 of 1 nets and loses in MNIST 10 × 10, 5 tanh units.')
  })
  it('is level where they differ by less than a hundredth', () => {
    expect(endFindings(rows(0.201))[0]).toContain('Saddle-free Newton and minibatch SGD are level by loss.')
  })
})

describe('at equal cost', () => {
  const course = (method: Method, points: [epoch: number, seconds: number, loss: number][]): CourseRow[] =>
    points.map(([epoch, seconds, loss]) => ({ ...net, run: method, method, seed: 1, epoch, seconds, loss, error: loss / 10, shown: true }))
  const rows = [
    ...course('Minibatch SGD', [
      [0, 0, 2],
      [10, 1, 0.5],
      [30, 3, 0.3]
    ]),
    ...course('Saddle-free Newton', [
      [0, 0, 2],
      [5, 3, 0.8],
      [10, 6, 0.1]
    ])
  ]
  it('the winner by epochs can be the loser by time', () => {
    expect(equalFindings(rows)).toEqual([
      'MNIST 10 × 10, 5 tanh units, after 10 epochs each: minibatch SGD 5.0 % (loss 0.5) and saddle-free Newton 1.0 % (loss 0.1). Saddle-free Newton is ahead of minibatch SGD, by a factor of 5 in loss.',
      'MNIST 10 × 10, 5 tanh units, in the same 3 s of steps: minibatch SGD 3.0 % (loss 0.3) and saddle-free Newton 8.0 % (loss 0.8). Saddle-free Newton loses to minibatch SGD, by a factor of 2.67 in loss.'
    ])
  })
  it('a run that has not taken a step by then is said to be at its start', () => {
    const slow = rows.map((row) => (row.method === 'Saddle-free Newton' ? { ...row, seconds: 3 * row.seconds } : row))
    expect(equalFindings(slow)[1]).toContain('saddle-free Newton 20.0 % (loss 2, still at its start)')
  })
  it('runs that are not drawn take no part', () => {
    expect(equalFindings(rows.map((row) => ({ ...row, shown: row.method !== 'Minibatch SGD' })))).toEqual([])
  })
})

describe('against hidden units', () => {
  it('the error falls or rises as the rows do, and fewer epochs are said', () => {
    const rows = [summary('Damped Newton', 1, 0.5), summary('Damped Newton', 1, 0.25, { hidden: 25, epochs: 6 })]
    expect(hiddenFindings(rows)).toEqual([
      'MNIST 10 × 10, tanh: from 5 to 25 units the training error of damped Newton falls from 50.0 % to 25.0 % (but after 6 epochs against 30).'
    ])
    expect(hiddenFindings([rows[0], { ...rows[1], error: 0.75, epochs: 30 }])[0]).toMatch(/rises from 50\.0 % to 75\.0 %\.$/)
    expect(hiddenFindings([rows[0]])).toEqual([])
  })
})

describe('the most negative eigenvalue', () => {
  it('is told from the first to the last point of each, and whose ends closest to zero', () => {
    const row = (method: Method, epoch: number, lambdaMin: number) => ({
      ...net,
      run: method,
      method,
      epoch,
      lambdaMin,
      lambdaMax: 1,
      magnitude: Math.max(0, -lambdaMin)
    })
    const rows = [
      row('Damped Newton', 5, -0.25),
      row('Damped Newton', 0, -0.5),
      row('Saddle-free Newton', 0, -0.5),
      row('Saddle-free Newton', 5, -0.01)
    ]
    expect(curvatureFindings(rows)).toEqual([
      'MNIST 10 × 10, 5 tanh units: the most negative eigenvalue goes with damped Newton from −0.5 to −0.25 (epoch 5) and saddle-free Newton from −0.5 to −0.01 (epoch 5); it ends closest to zero with saddle-free Newton.'
    ])
  })
})

describe('points that Newton ended at', () => {
  const point = (outcome: CriticalRow['outcome'], index: number, error: number): CriticalRow => ({
    ...net,
    run: 'r',
    step: 0,
    search: 1,
    outcome,
    loss: error,
    error,
    gradNorm: 1e-3,
    flatness: 1e-4,
    largest: 1,
    relativeFlatness: 1e-4,
    index,
    zero: 0,
    iterations: 10
  })
  const critical = [0.1, 0.2, 0.3].map((x) => point('critical', x, 0.5 + x))
  const flat = [0.1, 0.2, 0.3, 0.4].map((x) => point('gradient-flat', x, 0.4 - x))
  it('that are mostly gradient-flat are said not to be critical, and each kind has its own correlation', () => {
    expect(criticalFindings([...critical, ...flat])).toEqual([
      'MNIST 10 × 10, 5 tanh units: of 7 Newton searches from noisy snapshots, 3 ended at a critical point, 4 in a gradient-flat region (the gradient is not zero, but the Hessian maps it almost to zero) and 0 at neither.',
      'Most points found this way are therefore not critical points: a figure of index against error that draws them all alike would mostly show where the search got stuck. This agrees with the public reproductions that failed.',
      'The critical points have training error 60.0 % … 80.0 %, the gradient-flat ones training error 0.0 % … 30.0 %: every critical point is worse than every gradient-flat one.',
      expect.stringMatching(
        /^The rank correlation of index and error is 1 over the critical points alone \(3\): a higher index goes with a higher error; the rank correlation of index and error is −1 over the gradient-flat points \(4\): a higher index goes with a lower error; .* over all points together \(7\): the two hardly go together\.$/
      )
    ])
  })
  it('are said to be unfinished where the steps were spent', () => {
    const rows = [...critical, ...flat.map((row, k) => ({ ...row, iterations: k === 0 ? 30 : 60 }))]
    expect(criticalFindings(rows, 60)[1]).toBe(
      '3 of the 4 that did not reach a critical point had spent all 60 steps: the gradient was still falling, slowly; longer searches may move some of them.'
    )
  })
  it('that are mostly critical are said to be, and too few are not correlated', () => {
    const sentences = criticalFindings([...critical.slice(0, 2), flat[0]])
    expect(sentences[1]).toContain('Most points found this way are therefore critical points')
    expect(sentences.at(-1)).toContain('The critical points are too few (2), or too alike')
    expect(criticalFindings([critical[0], flat[0]])[1]).toMatch(/^Half of the points/)
  })
  it('three of which at different errors have their spectra drawn, critical ones where there are three', () => {
    expect(threePoints([...critical, ...flat]).map(({ error }) => error)).toEqual([0.6, 0.7, 0.8])
    expect(threePoints([...critical.slice(0, 2), ...flat]).map(({ outcome, error }) => [outcome, Number(error.toFixed(1))])).toEqual([
      ['gradient-flat', 0],
      ['gradient-flat', 0.3],
      ['critical', 0.7]
    ])
  })
  it('have every eigenvalue in one bin', () => {
    const rows = spectrumRows(net, 'p', [-2, -0.001, 0, 0.5, 2], 4)
    expect(rows.map(({ from, to, count }) => [from, to, count])).toEqual([
      [-1, -0.5, 1],
      [-0.5, 0, 1],
      [0, 0.5, 2],
      [0.5, 1, 1]
    ])
    expect(spectrumRows(net, 'p', [0, 0], 2).map(({ count }) => count)).toEqual([0, 2])
  })
})

describe('runs', () => {
  const run = (method: Method, loss: number | null, more: Partial<RunRow> = {}): Omit<RunRow, 'chosen'> => ({
    ...net,
    run: `${method} ${loss}`,
    method,
    seed: 1,
    samples: 10,
    parameters: 565,
    learningRate: 1,
    momentum: null,
    batch: 10,
    state: 'done',
    steps: 1,
    epochs: 1,
    seconds: 1,
    loss,
    error: loss,
    ...more
  })
  it('of the search are chosen by the lowest loss; one that diverged never is; seeds are averaged', () => {
    const rows = chosenRuns([
      run('Minibatch SGD', 0.5),
      run('Minibatch SGD', 0.1, { state: 'diverged' }),
      run('Minibatch SGD', 0.3),
      run('Minibatch SGD', null),
      run('Saddle-free Newton', 0.2),
      run('Saddle-free Newton', 0.4, { seed: 2 }),
      run('Saddle-free Newton', null, { seed: 3 })
    ])
    expect(rows.filter(({ chosen }) => chosen).map(({ loss }) => loss)).toEqual([0.3, 0.2, 0.4, null])
    const [sgd, sfn] = summaryRows(rows)
    expect([sgd.loss, sgd.runs]).toEqual([0.3, 1])
    expect([sfn.runs, sfn.lowestError, sfn.highestError]).toEqual([2, 0.2, 0.4])
    expect(sfn.loss).toBeCloseTo(0.3, 12)
  })

  it('of every scale have specs that are right and ids of their own, the same at every call', async () => {
    for (const scale of ['tiny', 'small', 'full'] as const) {
      const planned = plannedRuns(scale, () => true)
      expect(new Set(planned.map(({ id }) => id)).size).toBe(planned.length)
      expect(plannedRuns(scale, () => true)).toEqual(planned)
      for (const { id, spec } of planned.slice(0, 200)) {
        expect(id).toMatch(/^[a-z0-9][a-z0-9-]{0,63}$/)
        expect((await checkSpec(spec)).problems, id).toEqual([])
      }
    }
    expect(plannedRuns('small', (data) => data === 'mnist10').every(({ net: { data } }) => data === 'mnist10')).toBe(true)
    expect(sizesOf.full.nets.map(({ hidden }) => hidden)).toEqual([5, 25, 50])
  })

  it('of the search are drawn within their ranges, the first ones the same however many there are', () => {
    const draws = sgdDraws(200)
    expect(sgdDraws(8)).toEqual(draws.slice(0, 8))
    for (const { learningRate, momentum, batch } of draws) {
      expect(learningRate).toBeGreaterThanOrEqual(0.01)
      expect(learningRate).toBeLessThanOrEqual(3.17)
      expect(momentum).toBeLessThanOrEqual(0.95)
      expect([10, 25, 50, 100]).toContain(batch)
    }
    const below = draws.filter(({ learningRate }) => Math.log10(learningRate) < -0.75).length
    expect(Math.abs(below - 100)).toBeLessThan(30)
  })
})

describe('statistics', () => {
  it('rank correlation, with ties sharing ranks', () => {
    expect(spearman([1, 2, 3, 4], [10, 100, 1000, 10000])).toBeCloseTo(1, 14)
    // Ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: covariance 4.5, variances 4.5 and 5.
    expect(spearman([1, 2, 2, 3], [1, 3, 2, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12)
    expect(spearman([1, 1, 1], [1, 2, 3])).toBeNull()
    expect(spearman([1, 2], [1, 2])).toBeNull()
  })
})
