// Values of table columns: fields of the spec and metrics at a place, as they are in the files.
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createRun, openRunForTraining, runValues, valueAt, type Workspace } from '../../../../src/store'
import { backend, fakeTrain, temporaryWorkspace, testSpec } from '../fake-run'

let workspace: Workspace
let remove: () => Promise<void>
beforeEach(async () => ({ workspace, remove } = await temporaryWorkspace()))
afterEach(() => remove())

async function done(id: string, steps: number) {
  await createRun(workspace, testSpec(), { id })
  const run = await openRunForTraining(workspace, id, { backend })
  await fakeTrain(run.sink, run.resume, steps)
  await run.finish('done')
}
const pathOf = (id: string, name: string) => join(workspace.folder, 'runs', id, name)
async function lines(id: string): Promise<Record<string, number>[]> {
  const text = await readFile(pathOf(id, 'metrics.ndjson'), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number>)
}

it('takes the last, the smallest, the largest value and that of a step, and says of which step', () => {
  const steps = [1, 2, 3, 4, 5]
  const column = [4, Number.NaN, 1, 9, Infinity]
  expect(valueAt(steps, column, 'last')).toEqual({ value: 9, step: 4 })
  expect(valueAt(steps, column, 'min')).toEqual({ value: 1, step: 3 })
  expect(valueAt(steps, column, 'max')).toEqual({ value: 9, step: 4 })
  expect(valueAt(steps, column, { step: 1 })).toEqual({ value: 4, step: 1 })
  expect(valueAt(steps, column, { step: 2 })).toEqual({ value: null, step: null })
  expect(valueAt(steps, [2, 1, 1, 2, 1.5], 'min')).toEqual({ value: 1, step: 2 })
  expect(valueAt([], [], 'last')).toEqual({ value: null, step: null })
})

it('answers for many runs in their order, with nothing for a run that is not there', async () => {
  await done('short', 12)
  await done('long', 30)
  const values = runValues(workspace)
  const [short, long] = [await lines('short'), await lines('long')]
  const spec = JSON.parse(await readFile(pathOf('short', 'spec.json'), 'utf8'))
  const answer = await values.read(
    ['long', 'gone', 'short'],
    [
      { kind: 'spec', path: 'optimizer.learningRate' },
      { kind: 'spec', path: 'model.layers' },
      { kind: 'spec', path: 'batch.size' },
      { kind: 'metric', name: 'loss', at: 'last' },
      { kind: 'metric', name: 'loss', at: { step: 20 } },
      { kind: 'metric', name: 'nothing', at: 'min' }
    ]
  )
  expect(answer.map((column) => column.values)).toEqual([
    [spec.optimizer.learningRate, null, spec.optimizer.learningRate],
    [JSON.stringify(spec.model.layers), null, JSON.stringify(spec.model.layers)],
    [spec.batch.size ?? 'null', null, spec.batch.size ?? 'null'],
    [long[29].loss, null, short[11].loss],
    [long[19].loss, null, null],
    [null, null, null]
  ])
  expect(answer[3].steps).toEqual([30, null, 12])
  const { paths, metrics } = await values.fields(['long'])
  expect(paths).toContain('optimizer.learningRate')
  expect(metrics).toEqual(expect.arrayContaining(['loss', 'epoch', 'seconds']))
})

it('sees what was appended since', async () => {
  await done('run', 5)
  const values = runValues(workspace)
  const ask = async () => (await values.read(['run'], [{ kind: 'metric', name: 'loss', at: 'min' }]))[0]
  const before = Math.min(...(await lines('run')).map(({ loss }) => loss))
  expect((await ask()).values).toEqual([before])
  const last = (await lines('run')).at(-1)
  await appendFile(pathOf('run', 'metrics.ndjson'), `${JSON.stringify({ ...last, step: 6, loss: before / 2 })}\n`)
  expect(await ask()).toEqual({ values: [before / 2], steps: [6] })
})
