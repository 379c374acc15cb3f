// Runs that ought to start alike: which those are, and which of them did not.
import { expect, test } from 'vitest'
import { checkStudy } from '../../../../src/shared/studies/check'
import { compareStarts, type StartedRun } from '../../../../src/shared/studies/fairness'
import { netBase, studyInput } from './studies'

const hashes = (weights: string) => ({ weights, projection: null, batches: 'b', dataset: 'd' })

async function runs(changes: Record<string, unknown>): Promise<StartedRun[]> {
  const { cells } = await checkStudy(studyInput({ base: netBase, ...changes }))
  return cells.map(({ index, spec, runs: [{ run }] }) => ({ run, cell: index, spec, hashes: hashes('w') }))
}

const face = { axes: [], optimizers: ['gd', 'adam', 'sfn'].map((kind) => ({ optimizer: { kind } })) }

test('the optimizers of a face-off are one group, and all the same when their hashes are', async () => {
  const { groups, findings } = compareStarts(await runs(face))
  expect(findings).toEqual([])
  expect(groups).toEqual([
    {
      seed: 3,
      cells: [0, 1, 2],
      recorded: 3,
      of: 3,
      weights: { hash: 'w', same: true },
      projection: { hash: null, same: true },
      batches: { hash: 'b', same: true },
      dataset: { hash: 'd', same: true }
    }
  ])
})

test('the one that differs is named, and no other', async () => {
  const all = await runs(face)
  const { groups, findings } = compareStarts(all.map((run, k) => (k === 1 ? { ...run, hashes: hashes('x') } : run)))
  expect(groups[0].weights).toEqual({ hash: 'w', same: false })
  expect(groups[0].batches.same).toBe(true)
  expect(findings).toEqual([
    {
      run: 'study-0001-0',
      what: 'weights',
      sentence: 'study-0001-0: recorded x… for its start weights, study-0000-0 w…: of seed 3 both, they ought to start alike'
    }
  ])
})

test('runs that have not begun recorded nothing and are no finding', async () => {
  const none = { weights: null, projection: null, batches: null, dataset: null }
  const all = await runs(face)
  const { groups, findings } = compareStarts(all.map((run, k) => (k === 0 ? run : { ...run, hashes: k === 1 ? none : null })))
  expect([groups[0].recorded, groups[0].of, findings]).toEqual([1, 3, []])
})

test('other widths, seeds and batches are other groups; other rates are not', async () => {
  const axes = [
    { path: 'model.layers.1', values: [3, 4] },
    { path: 'batch.size', values: [10, 50] },
    { path: 'optimizer.learningRate', values: [0.1, 0.2] }
  ]
  const { groups } = compareStarts(await runs({ axes }))
  expect(groups.map(({ cells }) => cells)).toEqual([
    [0, 1],
    [2, 3],
    [4, 5],
    [6, 7]
  ])
})
