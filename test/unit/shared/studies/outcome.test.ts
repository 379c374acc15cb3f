// What a run counts for, a cell's figures, and what the winner is: against figures computed by hand.
import { describe, expect, test } from 'vitest'
import { cellsOf } from '../../../../src/shared/studies/cells'
import { detailsOf, deviationOf, ranked, type KnownRun } from '../../../../src/shared/studies/details'
import { defaultSelect, selectionText } from '../../../../src/shared/studies/metrics'
import { noOutcome, outcomeOf } from '../../../../src/shared/studies/outcome'
import { resultsCsv, summaryCsv } from '../../../../src/shared/studies/tables'
import type { Select } from '../../../../src/shared/studies/spec'
import { netBase, study } from './studies'

const column = (...values: number[]) => Float64Array.from(values)
/** Evaluated every second step; η falls. */
const figures = {
  steps: column(1, 2, 3, 4, 5),
  columns: {
    loss: column(5, 4, 2, 3, 3.5),
    valLoss: column(NaN, 2, NaN, 1, NaN),
    valAccuracy: column(NaN, 0.5, NaN, 0.75, NaN),
    epoch: column(0.5, 1, 1.5, 2, 2.5),
    seconds: column(0.1, 0.3, 0.6, 1, 1.5),
    gradientEvaluations: column(10, 20, 30, 40, 50),
    learningRateTime: column(1, 1.5, 1.75, 1.875, 1.9375)
  }
}
const at = (select: Select) => {
  const { value, step } = outcomeOf(figures, { select, target: null })
  return [value, step]
}

describe('the selected point', () => {
  test.each<[Select, [number | null, number | null]]>([
    [{ metric: 'loss', goal: 'min', at: 'last' }, [3.5, 5]],
    [{ metric: 'valLoss', goal: 'min', at: 'last' }, [1, 4]],
    [{ metric: 'loss', goal: 'min', at: 'best' }, [2, 3]],
    [{ metric: 'loss', goal: 'max', at: 'best' }, [5, 1]],
    [{ metric: 'valLoss', goal: 'min', at: { step: 3 } }, [2, 2]],
    [{ metric: 'loss', goal: 'min', at: { step: 3 } }, [2, 3]],
    [{ metric: 'loss', goal: 'min', at: { seconds: 1.2 } }, [3, 4]],
    [{ metric: 'loss', goal: 'min', at: { gradientEvaluations: 25 } }, [4, 2]],
    [{ metric: 'valLoss', goal: 'min', at: { step: 1 } }, [null, null]],
    [{ metric: 'lambdaMin', goal: 'min', at: 'last' }, [null, null]]
  ])('%j', (select, expected) => expect(at(select)).toEqual(expected))
})

describe('costs', () => {
  const select: Select = { metric: 'loss', goal: 'min', at: 'last' }
  test('to the end', () =>
    expect(outcomeOf(figures, { select, target: null }).costs).toEqual({
      steps: 5,
      epochs: 2.5,
      seconds: 1.5,
      gradientEvaluations: 50,
      learningRateTime: 1.9375
    }))
  test('to the first step that reaches the target, not one that merely is better later', () =>
    expect(outcomeOf(figures, { select, target: { metric: 'loss', value: 4 } }).costs).toEqual({
      steps: 2,
      epochs: 1,
      seconds: 0.3,
      gradientEvaluations: 20,
      learningRateTime: 1.5
    }))
  test('an accuracy is reached upwards', () =>
    expect(outcomeOf(figures, { select, target: { metric: 'valAccuracy', value: 0.6 } }).costs?.steps).toBe(4))
  test('a target that is not reached costs nothing known', () =>
    expect(outcomeOf(figures, { select, target: { metric: 'loss', value: 1 } }).costs).toBeNull())
})

const done = (value: number | null): KnownRun => ({
  state: 'done',
  outcome: { ...noOutcome, value, step: value === null ? null : 4 },
  analyses: []
})

async function stands(values: readonly (KnownRun | null)[], changes: Record<string, unknown> = {}) {
  const spec = await study({ seeds: 3, ...changes })
  const cells = cellsOf(spec, 's')
  const runs = new Map(cells.flatMap((cell) => cell.runs.map(({ run }) => run)).map((run, k) => [run, values[k] ?? null]))
  const run = (id: string) => runs.get(id) ?? null
  return { run, details: detailsOf({ id: 's', createdAt: '2026-01-01T00:00:00Z', spec, cells, run, working: false, etaSeconds: null }) }
}

describe('cells', () => {
  test('mean and sample deviation over the runs that have a value', async () => {
    const { details } = await stands([
      done(1),
      done(2),
      done(4),
      done(5),
      done(null),
      { state: 'diverged', outcome: noOutcome, analyses: [] }
    ])
    const [first, second] = details.table
    expect([first.n, first.of, first.mean]).toEqual([3, 3, 7 / 3])
    // Deviations from 7/3: −4/3, −1/3, 5/3; squares sum to 42/9.
    expect(first.std).toBeCloseTo(Math.sqrt(42 / 18), 14)
    expect([second.n, second.of, second.mean, second.std]).toEqual([1, 3, 5, null])
    expect(details).toMatchObject({ state: 'done', finished: 5, failed: 1, best: { cell: 0 } })
  })

  test('a cell that lacks a value never beats a complete one, however good it is', async () => {
    const better = [done(9), done(9), done(9), done(0), done(0), { state: 'diverged' as const, outcome: noOutcome, analyses: [] }]
    const { details } = await stands(better)
    expect(details.best?.cell).toBe(0)
    expect(ranked(details.table, 'min').map(({ index }) => index)).toEqual([0, 1])
    const alone = await stands([null, null, null, done(0), done(0), null])
    expect(alone.details.best?.cell).toBe(1)
    expect(alone.details.state).toBe('stopped')
  })

  test('highest where the goal says so', async () => {
    const { details } = await stands([done(1), done(1), done(1), done(2), done(2), done(2)], {
      select: { metric: 'gradNorm', goal: 'max' }
    })
    expect(details.best).toEqual({ cell: 1, mean: 2, std: 0 })
  })

  test('the deviation of fewer than two is none', () =>
    expect([deviationOf([]), deviationOf([3]), deviationOf([3, 5])]).toEqual([null, null, Math.SQRT2]))

  test('the tables say the same, with empty cells for what is not there', async () => {
    const { details, run } = await stands([done(1), done(2), done(4)])
    const lines = resultsCsv(details, run).trim().split('\r\n')
    expect(lines[0]).toBe(
      'run,cell,seed,state,optimizer,optimizer.learningRate,metric,at,on,value,step,reached,steps,epochs,seconds,gradientEvaluations,learningRateTime'
    )
    expect(lines[3]).toBe('s-0000-2,0,9,done,gd,0.1,loss,last,training,4,4,0,,,,,')
    expect(lines[4]).toBe('s-0001-0,1,7,planned,gd,0.2,loss,last,training,,,0,,,,,')
    const [, first, second] = summaryCsv(details).trim().split('\r\n')
    expect(first).toBe(`0,gd,0.1,loss,last,training,${7 / 3},${deviationOf([1, 2, 4])},3,3,0,,,,,`)
    expect(second).toBe('1,gd,0.2,loss,last,training,,,0,3,0,,,,,')
  })
})

describe('what is judged', () => {
  test('validation where the base splits a part off, the loss else', async () => {
    expect((await study({ base: netBase })).select).toEqual({ metric: 'valLoss', goal: 'min', at: 'last' })
    expect(defaultSelect((await study()).base).metric).toBe('loss')
  })
  test('the sentence', () => {
    expect(selectionText({ metric: 'valLoss', goal: 'min', at: 'last' }, 3)).toBe(
      'valLoss, lowest at the last step, mean over 3 seeds; validation'
    )
    expect(selectionText({ metric: 'loss', goal: 'max', at: 'best' }, 1)).toBe('loss, highest of all steps; training')
    expect(selectionText({ metric: 'testAccuracy', goal: 'max', at: { step: 4 } }, 1)).toBe(
      'testAccuracy, highest at step 4; test figures, as asked: the choice itself is made on the test set'
    )
    expect(selectionText({ metric: 'valLoss', goal: 'min', at: { seconds: 2 } }, 2)).toMatch(/lowest after 2 s of steps, mean over 2 seeds/)
  })
  test('test figures are told in the notes', async () => {
    const { details } = await stands([], { base: netBase, select: { metric: 'testAccuracy', goal: 'max' } })
    expect(details.on).toBe('test')
    expect(details.notes[0]).toMatch(/chosen by figures of the test set/)
  })
})
