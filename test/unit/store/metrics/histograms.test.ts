// histograms.ndjson on disk: exactly one line an evaluation over stops and resumes, torn and damaged lines passed over, and the columns that the page gets.
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeFrame, encodeFrame } from '../../../../src/shared/api/wire'
import type { HistogramTable } from '../../../../src/shared/api/contract'
import type { HistogramLine } from '../../../../src/shared/run/schema'
import { createRun, exportRun, histogramTable, importPath, openRunForTraining, readCheckpoint, type Workspace } from '../../../../src/store'
import { backend, fakeTrain, temporaryWorkspace, testHistograms, testSpec } from '../fake-run'

let workspace: Workspace
let remove: () => Promise<void>
beforeEach(async () => ({ workspace, remove } = await temporaryWorkspace()))
afterEach(() => remove())

const pathOf = (id: string) => join(workspace.folder, 'runs', id, 'histograms.ndjson')
const textOf = (id: string) => readFile(pathOf(id), 'utf8')
const linesOf = async (id: string) =>
  (await textOf(id))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as HistogramLine)
const asking = testSpec({ evaluate: { everySteps: 5, histograms: true } })

async function trained(id: string, ...parts: number[]) {
  await createRun(workspace, asking, { id })
  for (const steps of parts) {
    const run = await openRunForTraining(workspace, id, { backend })
    await fakeTrain(run.sink, run.resume, steps)
    await run.finish('interrupted')
  }
}

describe('the file', () => {
  it('has a line an evaluation, of what the checkpoints hold, and is the same when the run was stopped in between', async () => {
    await trained('whole', 20)
    await trained('parts', 5, 12, 20)
    expect((await linesOf('whole')).map(({ step }) => step)).toEqual([0, 5, 10, 15, 20])
    expect(await textOf('parts')).toBe(await textOf('whole'))
    const { parameters, ...rest } = await readCheckpoint(workspace, 'whole', 20)
    expect((await linesOf('whole'))[4].layers.W2.weights).toEqual(testHistograms({ ...rest, parameters }, null).layers.W2.weights)
  })

  it('is cut back with the metrics: lines behind the newest checkpoint are made again, once', async () => {
    await trained('cut', 12)
    await trained('whole', 20)
    const run = await openRunForTraining(workspace, 'cut', { backend })
    // Step 15 is evaluated, and the process dies before its checkpoint.
    await fakeTrain({ ...run.sink, checkpoint: async () => undefined }, run.resume, 17)
    await run.abandon()
    expect((await linesOf('cut')).map(({ step }) => step)).toEqual([0, 5, 10, 15])
    await appendFile(pathOf('cut'), '{"step":20,"layers":{"W1":{"weig')
    const again = await openRunForTraining(workspace, 'cut', { backend })
    expect(again.resume?.step).toBe(12)
    await fakeTrain(again.sink, again.resume, 20)
    await again.finish('done')
    expect(await textOf('cut')).toBe(await textOf('whole'))
  })

  it('is made anew by a run that goes on from its start', async () => {
    await trained('start', 4)
    await trained('whole', 20)
    await rm(join(workspace.folder, 'runs', 'start', 'checkpoints', 'step-000004'), { recursive: true })
    const run = await openRunForTraining(workspace, 'start', { backend })
    expect(run.resume?.step).toBe(0)
    await fakeTrain(run.sink, run.resume, 20)
    await run.finish('done')
    expect(await textOf('start')).toBe(await textOf('whole'))
  })

  it('keeps what damage makes the run do again, in set-aside/', async () => {
    await trained('aside', 20)
    const before = await textOf('aside')
    await writeFile(join(workspace.folder, 'runs', 'aside', 'checkpoints', 'step-000020', 'weights.npz'), 'no weights')
    const run = await openRunForTraining(workspace, 'aside', { backend })
    expect(run.resume?.step).toBe(15)
    const aside = await readFile(join(workspace.folder, 'runs', 'aside', 'set-aside', 'step-000015', 'histograms.ndjson'), 'utf8')
    expect(`${(await linesOf('aside')).map((line) => `${JSON.stringify(line)}\n`).join('')}${aside}`).toBe(before)
    await fakeTrain(run.sink, run.resume, 20)
    await run.finish('done')
    expect(await textOf('aside')).toBe(before)
  })

  it('goes out and comes back with the run', async () => {
    await trained('here', 20)
    const out = join(workspace.folder, 'out.zip')
    await exportRun(workspace, 'here', out)
    const id = await importPath(workspace, out, { id: 'there' })
    expect(await textOf(id)).toBe(await textOf('here'))
  })

  it('is not there unless the spec asks for it', async () => {
    await createRun(workspace, testSpec({ evaluate: { everySteps: 5 } }), { id: 'plain' })
    const run = await openRunForTraining(workspace, 'plain', { backend })
    await fakeTrain(run.sink, run.resume, 10)
    await run.finish('done')
    await expect(textOf('plain')).rejects.toThrow('ENOENT')
    expect(await histogramTable(workspace, 'plain', 400)).toMatchObject({ layers: [], total: 0, damaged: 0, bins: 64 })
  })
})

describe('the columns', () => {
  it('are those of the lines, also through the wire', async () => {
    await trained('run', 20)
    const lines = await linesOf('run')
    const table = await histogramTable(workspace, 'run', 400)
    const sent = decodeFrame(encodeFrame({ type: 'response', id: 1, ok: true, data: table })) as { data: HistogramTable }
    for (const { steps, layers, bins, series, total } of [table, sent.data]) {
      expect([...steps]).toEqual([0, 5, 10, 15, 20])
      expect([layers, bins, total]).toEqual([['W1', 'b1', 'W2', 'b2'], 64, 5])
      for (const layer of layers) {
        expect(series[layer].count).toBe({ W1: 12, b1: 4, W2: 8, b2: 2 }[layer])
        lines.forEach((line, row) => {
          for (const kind of ['weights', 'gradients'] as const) {
            const wanted = line.layers[layer][kind]
            const found = series[layer][kind]
            for (const figure of ['from', 'to', 'min', 'max', 'mean', 'std', 'zeros'] as const)
              expect(found[figure][row]).toBe(wanted === null ? NaN : wanted[figure])
            expect([...found.counts.subarray(row * 64, (row + 1) * 64)]).toEqual(wanted?.counts ?? Array(64).fill(0))
          }
        })
      }
    }
  })

  it('leave evaluations out evenly, never the first and the last, and say how many there are', async () => {
    await trained('run', 20)
    const table = await histogramTable(workspace, 'run', 3)
    expect([...table.steps]).toEqual([0, 10, 20])
    expect(table.total).toBe(5)
    expect(table.series.W1.weights.counts).toHaveLength(3 * 64)
  })

  it('survive any change of any byte: at most the lines around it are lost', async () => {
    await trained('run', 20)
    const whole = await readFile(pathOf('run'))
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (place, value) => {
        const changed = Buffer.from(whole)
        changed[place] = value
        await writeFile(pathOf('run'), changed)
        const { steps, total, damaged } = await histogramTable(workspace, 'run', 400)
        expect(total).toBeGreaterThanOrEqual(3)
        expect(total + damaged).toBeLessThanOrEqual(6)
        expect([...steps]).toEqual([...new Set(steps)].sort((a, b) => a - b))
      }),
      { numRuns: 60 }
    )
  })

  it('pass over a line longer than any of ours, without holding it', async () => {
    await trained('run', 20)
    const lines = (await textOf('run')).trimEnd().split('\n')
    await writeFile(pathOf('run'), `${lines[0]}\n${'0'.repeat(17e6)}\n${lines[1]}\n`)
    const table = await histogramTable(workspace, 'run', 400)
    expect([[...table.steps], table.damaged]).toEqual([[0, 5], 1])
  })

  it('pass over a torn last line and lines that are none', async () => {
    await trained('run', 20)
    const lines = (await textOf('run')).trimEnd().split('\n')
    const doubled = [lines[0], '{"step":3,"layers":{"W1":7}}', 'null', lines[1], lines[1], lines[2], lines[3]]
    await writeFile(pathOf('run'), `${doubled.join('\n')}\n${lines[4].slice(0, 200)}`)
    const table = await histogramTable(workspace, 'run', 400)
    expect([...table.steps]).toEqual([0, 5, 10, 15])
    expect(table.damaged).toBe(3)
  })
})
