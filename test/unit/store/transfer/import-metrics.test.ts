// Metrics from elsewhere: what a table was taken for, figure by figure; what is refused, with line and column.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recognizePath } from '../../../../src/store/transfer'
import { metricsOfCsv } from '../../../../src/store/transfer/import-metrics'
import {
  createRun,
  exportRuns,
  importPath,
  metricsService,
  openRunForTraining,
  openRunIndex,
  readMeta,
  readStatus,
  type Workspace
} from '../../../../src/store'
import { backend, fakeTrain, temporaryWorkspace, testSpec } from '../fake-run'

let workspace: Workspace
let remove: () => Promise<void>
let outside: string
beforeAll(async () => {
  ;({ workspace, remove } = await temporaryWorkspace())
  outside = join(workspace.folder, 'outside')
  await mkdir(outside)
})
afterAll(() => remove())

async function file(name: string, text: string): Promise<string> {
  const path = join(outside, name)
  await writeFile(path, text)
  return path
}

describe('a metrics table', () => {
  it('of another program: names in its own words, every tenth step from 0', async () => {
    const rows = Array.from({ length: 6 }, (_, k) => `${10 * k},${2 / (k + 1)},${3 / (k + 1)},1e-3,warm,${k === 2 ? 'nan' : k},`)
    const path = await file('Torch run.csv', `Step,train_loss,Val Loss,lr,phase,my figure,empty\n${rows.join('\n')}\n`)
    const id = await importPath(workspace, path)
    expect(id).toBe('torch-run')
    const columns = ['loss', 'valLoss', 'learningRate', 'my figure']
    const table = await metricsService(workspace).read(id, { columns })
    expect(table.missing).toEqual([])
    expect(table.damaged).toBe(0)
    expect(table.available).not.toContain('phase')
    expect(table.available).not.toContain('gradNorm')
    expect(table.steps).toHaveLength(51)
    const held = [...table.steps].filter((_, row) => !Number.isNaN(table.columns.loss[row]))
    expect(held).toEqual([1, 11, 21, 31, 41, 51])
    held.forEach((step, k) => {
      const row = step - 1
      expect(table.columns.loss[row]).toBe(2 / (k + 1))
      expect(table.columns.valLoss[row]).toBe(3 / (k + 1))
      expect(table.columns.learningRate[row]).toBe(1e-3)
    })
    expect([...table.notFinite['my figure']]).toEqual([21])
    expect(table.notFinite['loss'] ?? []).toHaveLength(0)
    const status = await readStatus(workspace, id)
    expect(status).toMatchObject({ state: 'done', step: 51 })
    expect(status.figures).toMatchObject({ lastLoss: 2 / 6, minLoss: 2 / 6, minLossStep: 51, lastValLoss: 0.5 })
    const { notes, tags } = await readMeta(workspace, id)
    expect(tags).toEqual(['imported'])
    expect(notes).toContain('6 rows, steps 0 to 50 of its column "Step".')
    expect(notes).toContain('1 was added to each.')
    expect(notes).toContain('train_loss as loss, Val Loss as valLoss, lr as learningRate, my figure.')
    expect(notes).toContain('since they hold words: phase.')
    expect(notes).toContain('since they are empty: empty.')
    expect((await openRunIndex(workspace)).get(id)).toMatchObject({ name: 'Torch run', dataset: 'imported', damage: null })
  })

  it('of our own export comes back figure by figure', async () => {
    await createRun(workspace, testSpec(), { id: 'own' })
    const run = await openRunForTraining(workspace, 'own', { backend })
    await fakeTrain(run.sink, run.resume, 20)
    await run.finish('done')
    await exportRuns(workspace, ['own'], 'csv', join(outside, 'back.csv'))
    const id = await importPath(workspace, join(outside, 'back.csv'), { id: 'back' })
    const columns = ['epoch', 'seconds', 'loss', 'gradNorm', 'stepNorm', 'lambdaMin', 'testLoss', 'testAccuracy']
    const [a, b] = [await metricsService(workspace).read('own', { columns }), await metricsService(workspace).read(id, { columns })]
    expect(b.steps).toEqual(a.steps)
    expect(b.columns).toEqual(a.columns)
    expect((await readStatus(workspace, id)).figures).toMatchObject({ lambdaMin: -1 / 20, lastTestLoss: 0.1, bestAccuracy: 0.52 })
  })

  it('with figures by block has them by block', () => {
    const { lines } = metricsOfCsv('step;lambdaMax.W1;lambdaMax.W2\n1;2;3\n2;4;5\n', 'blocks.csv')
    expect(lines).toEqual([
      { step: 1, lambdaMax: { W1: 2, W2: 3 } },
      { step: 2, lambdaMax: { W1: 4, W2: 5 } }
    ])
  })
})

it.each([
  ['no steps', 'loss,accuracy\n1,2\n3,4\n', /no column counts steps.*there are loss, accuracy/],
  ['no header', '1,2\n3,4\n5,6.5\n', /has no header/],
  ['two runs', 'step,loss\n1,2\n2,3\n1,4\n', /line 4: step 1 comes after step 2; one row a step/],
  ['a step twice', 'step,loss\n1,2\n1,3\n', /line 3: step 1 comes after step 1/],
  ['half a step', 'step,loss\n1,2\n1.5,3\n', /line 3: its step is "1.5", must be a whole number from 0/],
  ['a negative step', 'step,loss\n-1,2\n0,3\n', /line 2: its step is "-1"/],
  ['a word among numbers', 'step,loss\n1,2\n2,oops\n', /line 3, column "loss": "oops" is no number/],
  ['one figure twice', 'step,loss,train_loss\n1,2,3\n2,3,4\n', /"loss" and "train_loss" are both loss/],
  ['nothing but steps', 'step,phase\n1,a\n2,b\n', /has no column of numbers beside "step"/],
  ['a row too short', 'step,loss\n1,2\n2\n', /line 3 has 1 cells/],
  ['a step beyond all', 'step,loss\n1,2\n9000000,3\n', /goes on to step 9000000, at most 5000000/]
])('%s is refused, and nothing stays', async (name, text, why) => {
  const before = (await readdir(join(workspace.folder, 'runs'))).sort()
  await expect(importPath(workspace, await file(`${name}.csv`, text))).rejects.toThrow(why)
  expect((await readdir(join(workspace.folder, 'runs'))).sort()).toEqual(before)
})

it('is told from a table of samples by its header', async () => {
  const kinds = async (text: string) => {
    const found = await recognizePath(workspace.fileSystem, await file('told.csv', text))
    return 'kind' in found ? found.kind : found.why
  }
  expect(await kinds('step,loss\n1,2\n')).toBe('metrics')
  expect(await kinds('"Step";"val_loss"\n1;2\n')).toBe('metrics')
  expect(await kinds('epoch,train_acc\n1,2\n')).toBe('metrics')
  expect(await kinds('epoch,width\n1,2\n')).toBe('table')
  expect(await kinds('step,loss,label\n1,2,0\n')).toBe('table')
  expect(await kinds('loss,height\n1,2\n')).toBe('table')
  expect(await kinds('5.1,3.5,setosa\n')).toBe('table')
})

it('the file itself is not changed', async () => {
  const text = 'step,loss\n1,2\n2,1\n'
  const path = await file('same.csv', text)
  await importPath(workspace, path)
  expect(await readFile(path, 'utf8')).toBe(text)
})
