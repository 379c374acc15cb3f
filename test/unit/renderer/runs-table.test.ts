// The table of runs: means of groups, names of columns, what fits, tags, budgets, lines of a grouped table.
import { describe, expect, it } from 'vitest'
import type { RunColumn } from '../../../src/shared/run/column'
import { columnOfId, idOfColumn } from '../../../src/renderer/features/runs/chosen-columns'
import { allColumns, columnsThatFit, summaryColumns } from '../../../src/renderer/features/runs/columns'
import { commonFigure, groupKeys, groupName, meanFigure, spreadOf } from '../../../src/renderer/features/runs/groups'
import { changedTags, parseTags, tagCounts } from '../../../src/renderer/features/runs/tags'
import { checkBudget, offeredBudget } from '../../../src/renderer/features/runs/train-longer'
import { groupRows, leastWidth, sortRows } from '../../../src/renderer/ui/table'

const plain = { value: String, mean: String, deviation: String }

describe('a group', () => {
  it('has the mean and the sample standard deviation of the values that are there', () => {
    expect(spreadOf([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ count: 8, mean: 5, deviation: Math.sqrt(32 / 7) })
    expect(spreadOf([1, null, 3, Number.NaN, Infinity])).toEqual({ count: 2, mean: 2, deviation: Math.SQRT2 })
    expect(spreadOf([7, null])).toEqual({ count: 1, mean: 7, deviation: null })
    expect(spreadOf([null])).toBeNull()
  })
  it('says of how many, and when it is one value only', () => {
    expect(meanFigure([1, 3, null], plain)).toMatchObject({ text: '2', note: `± ${Math.SQRT2} (2)`, value: 2 })
    expect(meanFigure([1, 3], plain)?.note).toBe(`± ${Math.SQRT2}`)
    expect(meanFigure([1, null], plain)?.note).toBe('one value')
    expect(meanFigure([null], plain)).toBeNull()
  })
  it('shows words that all have in common, else how many there are', () => {
    expect(commonFigure(['a', 'a'])?.text).toBe('a')
    expect(commonFigure(['a', 'b', null])?.text).toBe('3 values')
    expect(commonFigure([null, null])).toBeNull()
  })
  it('is found by tag, group or any field of the spec', () => {
    const run = { id: 'r', tags: ['x', 'y'], group: null, optimizer: 'sfn' } as never
    const values = (path: string) => (path === 'batch.size' ? 32 : null)
    expect(groupKeys('tag', values)?.(run)).toEqual(['x', 'y'])
    expect(groupKeys('group', values)?.(run)).toEqual([])
    expect(groupKeys('spec:batch.size', values)?.(run)).toEqual(['32'])
    expect(groupKeys('spec:nothing', values)?.(run)).toEqual([])
    expect(groupKeys('', values)).toBeNull()
    expect([groupName('spec:batch.size', '32'), groupName('tag', ''), groupName('tag', 'x')]).toEqual(['batch.size = 32', 'no tag', 'x'])
  })
})

describe('rows in groups', () => {
  const rows = [
    { id: 'a', tags: ['x'], loss: 3 },
    { id: 'b', tags: ['x', 'y'], loss: 1 },
    { id: 'c', tags: [], loss: 9 },
    { id: 'd', tags: ['y'], loss: 1 }
  ]
  const figure = (some: readonly { loss: number }[]) =>
    meanFigure(
      some.map(({ loss }) => loss),
      plain
    )
  const shape = (descending: boolean, by: typeof figure | null) =>
    groupRows(rows, (row) => row.tags, by, descending).map((group) => [group.key, group.rows.map((row) => row.id).join('')])
  it('stand in each of their groups, in the order they had; without a key they come last', () => {
    expect(shape(false, null)).toEqual([
      ['x', 'ab'],
      ['y', 'bd'],
      ['', 'c']
    ])
    expect(shape(false, figure).map(([key]) => key)).toEqual(['y', 'x', ''])
    expect(shape(true, figure).map(([key]) => key)).toEqual(['x', 'y', ''])
  })
})

it('rows are sorted by value; what is missing comes last, what is equal stays in order', () => {
  const rows = ['b10', 'b9', null, 'a'].map((name, place) => ({ name, place, loss: [2, 1, null, 2][place] }))
  const names = (descending: boolean) => sortRows(rows, (row) => row.name, descending).map(({ name }) => name)
  expect(names(false)).toEqual(['a', 'b9', 'b10', null])
  expect(names(true)).toEqual(['b10', 'b9', 'a', null])
  expect(sortRows(rows, (row) => row.loss, true).map(({ place }) => place)).toEqual([0, 3, 1, 2])
  expect(sortRows(rows, null, true)).toBe(rows)
})

describe('columns', () => {
  it('keep their names in the settings', () => {
    const columns: RunColumn[] = [
      { kind: 'spec', path: 'optimizer.damping.value' },
      { kind: 'metric', name: 'lambdaMin.W1', at: 'min' },
      { kind: 'metric', name: 'loss', at: { step: 20 } }
    ]
    for (const column of columns) expect(columnOfId(idOfColumn(column))).toEqual(column)
    for (const id of ['name', 'metric:loss', 'metric:loss:never', 'spec:']) expect(columnOfId(id)).toBeNull()
  })
  it('give way to what fits', () => {
    const least = (column: { width: string }) => leastWidth(column.width)
    const atFirst = summaryColumns.filter((column) => !column.hiddenAtFirst).map(({ id }) => id)
    expect(columnsThatFit(1218, 34, least)).toEqual(atFirst)
    for (const width of [802, 900, 1000, 1100]) {
      const shown = columnsThatFit(width, 34, least)
      const need = allColumns([])
        .filter((column) => column.fixed || shown.includes(column.id))
        .reduce((sum, column) => sum + least(column), 34)
      expect(need).toBeLessThanOrEqual(width)
      expect(shown).toContain('lastLoss')
    }
  })
})

it('tags are added and removed', () => {
  expect(parseTags(' a, b ,,a ')).toEqual(['a', 'b'])
  expect(tagCounts([{ tags: ['a'] }, { tags: ['b', 'a'] }])).toEqual([
    { tag: 'a', count: 2 },
    { tag: 'b', count: 1 }
  ])
  expect(changedTags(['a', 'b'], ['c', 'a'], ['b'])).toEqual(['a', 'c'])
  expect(changedTags(['a'], ['a'], ['z'])).toBeNull()
})

describe('a new budget', () => {
  const none = { steps: null, epochs: null, seconds: null, targetLoss: null }
  const reached = { step: 100, seconds: 20, epoch: 5, loss: 0.4 }
  it('offers as much again of what is spent, and leaves a reached loss out', () => {
    expect(offeredBudget({ ...none, steps: 100, seconds: 60 }, reached)).toEqual({
      steps: '200',
      epochs: '',
      seconds: '60',
      targetLoss: ''
    })
    expect(offeredBudget({ ...none, epochs: 5, targetLoss: 0.5 }, reached)).toEqual({
      steps: '',
      epochs: '10',
      seconds: '',
      targetLoss: ''
    })
    expect(offeredBudget({ ...none, steps: 500, targetLoss: 0.3 }, reached)).toMatchObject({ steps: '500', targetLoss: '0.3' })
  })
  const check = (texts: Partial<Record<'steps' | 'epochs' | 'seconds' | 'targetLoss', string>>) =>
    checkBudget({ steps: '', epochs: '', seconds: '', targetLoss: '', ...texts }, reached)
  it('says what it will do', () => {
    const { budget, says } = check({ steps: '150' })
    expect(budget).toEqual({ ...none, steps: 150 })
    expect(says).toMatch(/after step 100, to step 150 \(50 more, about 10.s at the pace so far\)/)
    expect(check({ steps: '150', targetLoss: '0.1' }).says).toMatch(/or a batch loss of 0.1 or less, whichever comes first/)
  })
  it('names what is wrong', () => {
    expect(check({ steps: '100' }).faults.steps).toBe('must be more than the 100 reached')
    expect(check({ steps: '150.5' }).faults.steps).toBe('must be a whole number')
    expect(check({ epochs: '5' }).faults.epochs).toBe('must be more than the 5 reached')
    expect(check({ seconds: 'long' }).faults.seconds).toMatch(/must be a number/)
    expect(check({ steps: '150', targetLoss: '0.4' }).faults.targetLoss).toMatch(/is there already/)
    expect(check({}).says).toMatch(/at least one/)
    expect(check({ targetLoss: '0.1' }).budget).toBeNull()
  })
})
