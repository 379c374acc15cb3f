// Runs in the formats of others: event files by an independent reader, arrays and tables against the run's own files, what is refused.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseNpz } from '../../../../src/shared/npy'
import { crc32c, maskedCrc32c } from '../../../../src/shared/tensorboard/crc32c'
import { stepRecord } from '../../../../src/shared/tensorboard'
import type { HistogramLine } from '../../../../src/shared/run/schema'
import { createRun, exportRuns, importPath, openRunForTraining, readEigenvalues, readStatus, type Workspace } from '../../../../src/store'
import { backend, fakeTrain, temporaryWorkspace, testSpec } from '../fake-run'
import { crc32cByBits, readEvents } from './event-reader'

let workspace: Workspace
let remove: () => Promise<void>
let outside: string

beforeAll(async () => {
  ;({ workspace, remove } = await temporaryWorkspace())
  outside = join(workspace.folder, 'outside')
  await mkdir(outside)
  for (const [id, steps, name] of [
    ['first', 20, 'First $x_1$'],
    ['second', 10, '_second "run"']
  ] as const) {
    await createRun(workspace, testSpec({ name, evaluate: { everySteps: 5, histograms: true } }), { id })
    const run = await openRunForTraining(workspace, id, { backend })
    await fakeTrain(run.sink, run.resume, steps)
    await run.finish('done')
  }
})
afterAll(() => remove())

async function linesOf<T>(id: string, name: string): Promise<T[]> {
  const text = await readFile(join(workspace.folder, 'runs', id, name), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T)
}

describe('CRC-32C', () => {
  it('has the values of RFC 3720, B.4', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43)
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e)
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe(0x113fdb5c)
    expect(crc32c(new Uint8Array(0))).toBe(0)
  })

  it('agrees with the definition on any bytes, and stays below 2³² when masked', () => {
    for (let length = 1; length < 200; length += 7) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 151 + length * 31) & 255)
      expect(crc32c(bytes)).toBe(crc32cByBits(bytes))
      expect(maskedCrc32c(bytes)).toBeGreaterThanOrEqual(0)
    }
  })
})

it('a step beyond 2³² and values of any size come back', () => {
  const step = 2 ** 45 + 3
  const scalars = [
    { tag: 'größe', value: -1.5 },
    { tag: 'huge', value: Infinity },
    { tag: 'none', value: NaN }
  ]
  const [event] = readEvents(Buffer.from(stepRecord({ step, wallTime: 1.25e9 + 0.125, scalars, histograms: [] })))
  expect(event.step).toBe(step)
  expect(event.wallTime).toBe(1.25e9 + 0.125)
  expect([...event.scalars]).toEqual([
    ['größe', -1.5],
    ['huge', Infinity],
    ['none', NaN]
  ])
})

describe('tensorboard', () => {
  it('holds every figure of every line, the evaluations, and the histograms', async () => {
    const out = join(outside, 'events')
    const { files } = await exportRuns(workspace, ['first', 'second'], 'tensorboard', out)
    expect(files).toBe(2)
    expect((await readdir(out)).sort()).toEqual(['first', 'second'])
    for (const id of ['first', 'second']) {
      const [name] = await readdir(join(out, id))
      const began = Date.parse((await readStatus(workspace, id)).startedAt ?? '') / 1000
      expect(name).toBe(`events.out.tfevents.${Math.floor(began)}.saddlescope`)
      const [version, ...events] = readEvents(await readFile(join(out, id, name)))
      expect(version.version).toBe('brain.Event:2')
      const byStep = new Map(events.map((event) => [event.step, event]))
      const lines = await linesOf<Record<string, number>>(id, 'metrics.ndjson')
      expect(byStep.size).toBe(lines.length + 1)
      for (const { step, ...figures } of lines) {
        const event = byStep.get(step)
        expect(event?.wallTime).toBeCloseTo(began + figures.seconds, 6)
        expect([...(event?.scalars ?? [])].sort()).toEqual(
          Object.entries(figures)
            .map(([tag, value]) => [tag, Math.fround(value)])
            .sort()
        )
      }
      for (const { step, layers } of await linesOf<HistogramLine>(id, 'histograms.ndjson'))
        for (const [array, both] of Object.entries(layers))
          for (const [kind, histogram] of Object.entries(both)) {
            const read = byStep.get(step)?.histograms.get(`${kind}/${array}`)
            if (!histogram) {
              expect(read).toBeUndefined()
              continue
            }
            expect(read?.counts).toEqual(histogram.counts)
            expect([read?.min, read?.max, read?.num]).toEqual([histogram.min, histogram.max, histogram.count])
            expect(read?.sum).toBeCloseTo(histogram.mean * histogram.count, 12)
            const variance = (read?.sumSquares ?? 0) / histogram.count - histogram.mean ** 2
            expect(variance).toBeCloseTo(histogram.std ** 2, 12)
            expect(read?.edges.at(-1)).toBe(histogram.to)
            expect(read?.edges[0]).toBeCloseTo(histogram.from + (histogram.to - histogram.from) / 64, 12)
          }
    }
  })

  it('writes what was not finite, and leaves out what is not there', async () => {
    await createRun(workspace, testSpec(), { id: 'broken' })
    const lines = [
      { step: 1, epoch: 0, seconds: 1, loss: 2, gradNorm: null, stepNorm: 1 },
      { step: 2, epoch: 0, seconds: 2, loss: null, gradNorm: 1, stepNorm: 1, lambdaMax: { W1: 3, W2: null } }
    ]
    await writeFile(join(workspace.folder, 'runs', 'broken', 'metrics.ndjson'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    const out = join(outside, 'broken')
    await exportRuns(workspace, ['broken'], 'tensorboard', out)
    const [name] = await readdir(join(out, 'broken'))
    const events = readEvents(await readFile(join(out, 'broken', name)))
    expect([...events[1].scalars.keys()]).not.toContain('lambdaMax/W1')
    expect(events[1].scalars.get('gradNorm')).toBeNaN()
    expect(events[2].scalars.get('loss')).toBeNaN()
    expect(events[2].scalars.get('lambdaMax/W1')).toBe(3)
    expect(events[2].scalars.get('lambdaMax/W2')).toBeNaN()
  })
})

describe('csv and npz', () => {
  it('are a file of one run, and a folder of several', async () => {
    await exportRuns(workspace, ['first'], 'csv', join(outside, 'first.csv'))
    const csv = await readFile(join(outside, 'first.csv'), 'utf8')
    expect(csv.split('\r\n')[5]).toBe('5,0,2.5,0.2,1,0.1,-0.2,0.4,0.505')
    expect(csv.split('\r\n')).toHaveLength(22)
    await exportRuns(workspace, ['first', 'second', 'first'], 'csv', join(outside, 'tables'))
    expect((await readdir(join(outside, 'tables'))).sort()).toEqual(['first.csv', 'second.csv'])
    expect(await readFile(join(outside, 'tables', 'first.csv'), 'utf8')).toBe(csv)
  })

  it('npz: a column each and the spectra, to the last bit', async () => {
    await exportRuns(workspace, ['first'], 'npz', join(outside, 'first.npz'))
    const arrays = await parseNpz(await readFile(join(outside, 'first.npz')), 'first.npz')
    const lines = await linesOf<Record<string, number>>('first', 'metrics.ndjson')
    for (const name of ['step', 'loss', 'gradNorm', 'lambdaMin', 'testLoss'])
      expect([...arrays[name].data]).toEqual(lines.map((line) => line[name] ?? NaN))
    for (const step of [10, 20])
      expect([...arrays[`eigenvalues.step-0000${step}.full`].data]).toEqual([
        ...(await readEigenvalues(workspace, { run: 'first', step }, 'full')).values
      ])
  })
})

describe('notebook and matplotlib', () => {
  it('are the drawing beside an archive a run', async () => {
    await exportRuns(workspace, ['first', 'second'], 'notebook', join(outside, 'notebook'))
    expect((await readdir(join(outside, 'notebook'))).sort()).toEqual(['first.npz', 'notebook.ipynb', 'second.npz'])
    const notebook = JSON.parse(await readFile(join(outside, 'notebook', 'notebook.ipynb'), 'utf8')) as {
      nbformat: number
      cells: { cell_type: string; source: string[] }[]
    }
    expect(notebook.nbformat).toBe(4)
    expect(notebook.cells.map((cell) => cell.cell_type)).toEqual(['markdown', 'code', 'code', 'code', 'code'])
    expect(notebook.cells[0].source.join('')).toContain('| First \\$x\\_1\\$ | first.npz |')
    await exportRuns(workspace, ['second'], 'matplotlib', join(outside, 'script'))
    expect((await readdir(join(outside, 'script'))).sort()).toEqual(['figures.py', 'second.npz'])
    expect(await readFile(join(outside, 'script', 'figures.py'), 'utf8')).toContain('"second": "_second \\"run\\""')
  })
})

describe('several runs', () => {
  it('as folders and zips come back one by one', async () => {
    await exportRuns(workspace, ['first', 'second'], 'zip', join(outside, 'zips'))
    expect((await readdir(join(outside, 'zips'))).sort()).toEqual(['first.zip', 'second.zip'])
    await exportRuns(workspace, ['first', 'second'], 'folder', join(outside, 'folders'))
    expect(await importPath(workspace, join(outside, 'zips', 'second.zip'))).toBe('second-2')
    expect(await importPath(workspace, join(outside, 'folders', 'first'))).toBe('first-2')
  })
})

describe('what is refused', () => {
  it.each([
    [['first', 'nobody'], 'csv', 'x', /no run "nobody"/],
    [['first', 'second'], 'zip', 'both.zip', /2 runs become a folder with a zip each/],
    [['first'], 'zip', 'one', /a zip's name ends in \.zip/],
    [['first'], 'csv', 'one.zip', /--format csv makes no \.zip/],
    [['first'], 'csv', 'taken.csv', /exists already/]
  ] as const)('%j as %s to %s', async (ids, format, out, why) => {
    await writeFile(join(outside, 'taken.csv'), '1')
    const before = (await readdir(outside)).sort()
    await expect(exportRuns(workspace, ids, format, join(outside, out))).rejects.toThrow(why)
    expect((await readdir(outside)).sort()).toEqual(before)
  })
})
