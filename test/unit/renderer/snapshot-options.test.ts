import { expect, test } from 'vitest'
import { blocksWith, snapshotOptions, type StoredSnapshot } from '../../../src/renderer/features/curvature/snapshot-options'

const stored = (run: string, runName: string, steps: number[], blocks = ['full']): StoredSnapshot[] =>
  steps.map((step) => ({ run, runName, step, blocks, hessian: false }))
const all = [
  ...stored('a1', 'Alpha', [0, 50, 100]),
  ...stored('b1', 'Beta run', [0, 10, 20, 30], ['W1', 'W2']),
  ...stored('c1', 'Gamma', [7])
]
const listed = (groups: ReturnType<typeof snapshotOptions>['groups']) =>
  groups.map(({ run, options }) => `${run}: ${options.map(({ step, block }) => `${step} ${block}`).join(', ')}`)

test('the run at hand comes first, nearest steps first; the others by name, newest step first', () => {
  const { groups, left } = snapshotOptions(all, { near: { run: 'b1', step: 20 } })
  expect(listed(groups)).toEqual([
    'b1: 20 W1, 20 W2, 30 W1, 30 W2, 10 W1, 10 W2, 0 W1, 0 W2',
    'a1: 100 full, 50 full, 0 full',
    'c1: 7 full'
  ])
  expect(left).toBe(0)
  expect(snapshotOptions(all, {}).groups.map(({ run }) => run)).toEqual(['a1', 'b1', 'c1'])
})

test('every word of the search must be in the run, the step or the block', () => {
  expect(listed(snapshotOptions(all, { search: 'beta w2 step' }).groups)).toEqual(['b1: 30 W2, 20 W2, 10 W2, 0 W2'])
  expect(listed(snapshotOptions(all, { search: 'step 7' }).groups)).toEqual(['c1: 7 full'])
  // The 2 is of the step, not of W2.
  expect(listed(snapshotOptions(all, { search: 'beta step 2 W' }).groups)).toEqual(['b1: 20 W1, 20 W2'])
  expect(snapshotOptions(all, { search: 'delta' }).groups).toEqual([])
})

test('what is left out is counted', () => {
  const { groups, left } = snapshotOptions(all, { near: { run: 'b1', step: 0 }, most: 9 })
  expect(groups.flatMap(({ options }) => options)).toHaveLength(9)
  expect(left).toBe(all.reduce((sum, one) => sum + one.blocks.length, 0) - 9)
})

test('blocks are offered that have what is needed', () => {
  const [one] = stored('a1', 'Alpha', [0], ['W1', 'W2'])
  expect(blocksWith(one, 'eigenvalues')).toEqual(['W1', 'W2'])
  expect(blocksWith(one, 'hessian')).toEqual([])
  expect(blocksWith({ ...one, hessian: true }, 'hessian')).toEqual(['W1', 'W2'])
  const contents = [
    { name: 'W1', eigenvalues: true, hessian: false },
    { name: 'W2', eigenvalues: false, hessian: true }
  ]
  expect(blocksWith({ ...one, hessian: true, contents }, 'hessian')).toEqual(['W2'])
  expect(blocksWith({ ...one, hessian: true, contents }, 'eigenvalues')).toEqual(['W1'])
})
