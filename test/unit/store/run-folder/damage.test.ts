// Damage beside what is whole: a run with spoilt lines, checkpoints or small files goes on from its newest whole checkpoint, says what is missing, deletes nothing.
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MetricsLine } from '../../../../src/shared/run/schema'
import {
  createRun,
  exportRun,
  lineReader,
  lossText,
  metricsService,
  openRunForTraining,
  openRunIndex,
  readLog,
  readMeta,
  readSpec,
  readStatus,
  recoverRun,
  removeRun,
  runFiles,
  thisHost,
  type HostView,
  type LineCount,
  type Workspace
} from '../../../../src/store'
import { backend, fakeTrain, temporaryWorkspace, testSpec } from '../fake-run'
import { faultyFileSystem, killedAt } from '../faulty-file-system'

let workspace: Workspace
let remove: () => Promise<void>
beforeEach(async () => ({ workspace, remove } = await temporaryWorkspace()))
afterEach(() => remove())

const folderOf = (id: string) => join(workspace.folder, 'runs', id)
const metricsOf = (id: string) => join(folderOf(id), 'metrics.ndjson')

async function trained(id: string, steps = 20) {
  await createRun(workspace, testSpec(), { id })
  const run = await openRunForTraining(workspace, id, { backend })
  await fakeTrain(run.sink, run.resume, steps)
  await run.finish('done')
}

/** Everything of the run but its three small files, metrics and log: name and content. */
async function wholePieces(id: string, below = folderOf(id)): Promise<Record<string, string>> {
  const files = (await runFiles(workspace.fileSystem, below)).filter(({ name }) => name.includes('/'))
  return Object.fromEntries(await Promise.all(files.map(async ({ name }) => [name, await readFile(join(below, name), 'base64')] as const)))
}

async function open(id: string) {
  const notes: string[] = []
  const run = await openRunForTraining(workspace, id, { backend, onNote: (note) => notes.push(note) })
  return { run, notes }
}

/** The reader's own account of a text, fed in pieces of the given lengths. */
function read(text: string | Uint8Array, pieces: readonly number[] = []): LineCount & { readonly steps: number[] } {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  const lines: MetricsLine[] = []
  const reader = lineReader({ add: (line) => void lines.push(line), takeBack: () => void lines.pop() })
  let at = 0
  for (const length of [...pieces, bytes.length]) {
    reader.feed(bytes.subarray(at, at + length))
    at = Math.min(bytes.length, at + length)
  }
  return { ...reader.count(), steps: lines.map(({ step }) => step) }
}

const line = (step: number) => JSON.stringify({ step, epoch: 0, seconds: step * 0.5, loss: 1 / step, gradNorm: 1, stepNorm: 0.1 })
const spliced = (lines: string[], at: number, remove: number, ...added: string[]) => [
  ...lines.slice(0, at),
  ...added,
  ...lines.slice(at + remove)
]
const zeros = (text: string) => '\0'.repeat(text.length)
/** What happens to a file of the lines 1 … 20, and which steps are then without a line. */
const damages: readonly (readonly [
  name: string,
  spoil: (lines: string[]) => string[],
  missing: readonly (readonly [number, number])[],
  damaged: number
])[] = [
  ['a line of zeros', (lines) => spliced(lines, 11, 1, zeros(lines[11])), [[12, 12]], 1],
  ['half a line, joined with the next', (lines) => spliced(lines, 11, 2, lines[11].slice(0, 40) + lines[12]), [[12, 12]], 1],
  ['a missing newline', (lines) => spliced(lines, 11, 2, lines[11] + lines[12]), [], 1],
  [
    'zeros in place of the end of a line and its newline',
    (lines) => spliced(lines, 11, 2, `${lines[11].slice(0, -4)}\0\0\0\0\0${lines[12]}`),
    [[12, 12]],
    1
  ],
  ['lines that are there twice', (lines) => spliced(lines, 12, 0, lines[10], lines[11]), [], 2],
  ['a line of an earlier step', (lines) => spliced(lines, 11, 1, line(2)), [[12, 12]], 1],
  ['a line of a later step', (lines) => spliced(lines, 11, 1, line(999_999)), [[12, 12]], 1],
  ['lines lost in the middle', (lines) => spliced(lines, 11, 6), [[12, 17]], 0],
  ['lines lost at the start', (lines) => lines.slice(4), [[1, 4]], 0],
  ['lines lost at the end', (lines) => lines.slice(0, 13), [[14, 20]], 0],
  ['the last line of zeros', (lines) => spliced(lines, 19, 1, zeros(lines[19])), [[20, 20]], 1],
  ['no line at all', () => [], [[1, 20]], 0],
  [
    'two places',
    (lines) => spliced(spliced(lines, 2, 1, '{"step":3,'), 11, 1, 'null'),
    [
      [3, 3],
      [12, 12]
    ],
    2
  ]
]

describe('lines of metrics', () => {
  it.each(damages)('%s: the others are read, the missing ones named', (_name, spoil, missing, damaged) => {
    const lines = spoil(Array.from({ length: 20 }, (_, k) => line(k + 1)))
    const text = lines.map((one) => `${one}\n`).join('')
    const all = Array.from({ length: 20 }, (_, k) => k + 1)
    const found = read(text)
    expect(found.steps).toEqual(all.filter((step) => !missing.some(([first, last]) => step >= first && step <= last)))
    // What is lost at the end only the checkpoint knows of.
    expect(found.missing).toEqual(missing.filter(([first]) => first <= found.step))
    expect(found.damaged).toBe(damaged)
  })

  it('are the same in whatever pieces they come', () => {
    const text = new TextEncoder().encode(
      damages.map(([, spoil]) => spoil(Array.from({ length: 20 }, (_, k) => line(k + 1))).join('\n')).join('\n')
    )
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 }), (pieces) => {
        expect(read(text, pieces)).toEqual(read(text))
      }),
      { seed: 11, numRuns: 100 }
    )
  })

  it('survive any change of any byte: at most the lines around it are lost', () => {
    const text = new TextEncoder().encode(Array.from({ length: 20 }, (_, k) => `${line(k + 1)}\n`).join(''))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 1 }), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const { steps } = read(Uint8Array.from(text, (one, k) => (k === at ? byte : one)))
        expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b))
        expect(steps.filter((step) => step <= 20).length).toBeGreaterThanOrEqual(18)
      }),
      { seed: 12, numRuns: 500 }
    )
  })

  it('behind a hole larger than memory should hold are read', () => {
    const reader = lineReader({ add: () => undefined, takeBack: () => undefined })
    const hole = new Uint8Array(8 * 1024 * 1024)
    reader.feed(new TextEncoder().encode(`${line(1)}\n`))
    for (let k = 0; k < 5; k++) reader.feed(hole)
    reader.feed(new TextEncoder().encode(`${line(2)}\n${line(3)}\n`))
    expect(reader.count()).toEqual({ step: 3, missing: [], damaged: 1 })
  })

  it('are told of in one sentence', () => {
    expect(lossText({ missing: [], damaged: 0 })).toBe(null)
    expect(lossText({ missing: [[12, 12]], damaged: 1 })).toBe(
      'metrics.ndjson has no whole line for step 12, whose figures are missing; 1 damaged line in it is left as it is'
    )
    const many = Array.from({ length: 9 }, (_, k): [number, number] => [10 * k + 1, 10 * k + 2])
    expect(lossText({ missing: many, damaged: 0 })).toBe(
      'metrics.ndjson has no whole lines for 18 steps (1–2, 11–12, 21–22, 31–32, 41–42 and 8 more), whose figures are missing'
    )
  })
})

describe.each(damages)('a run with %s', (_name, spoil, missing, damaged) => {
  it('goes on from its newest checkpoint with all it had, and says what is missing', async () => {
    await trained('run')
    const before = await wholePieces('run')
    const lines = spoil((await readFile(metricsOf('run'), 'utf8')).trimEnd().split('\n'))
    const text = lines.map((one) => `${one}\n`).join('')
    await writeFile(metricsOf('run'), text)
    const { run, notes } = await open('run')
    expect(run.resume?.step).toBe(20)
    expect(await wholePieces('run')).toEqual(before)
    expect(await readFile(metricsOf('run'), 'utf8')).toBe(text)
    expect(notes).toEqual([lossText({ missing, damaged })].filter((one) => one !== null))
    await fakeTrain(run.sink, run.resume, 30)
    await run.finish('done')
    expect((await readLog(workspace, 'run')).map(({ message }) => message)).toEqual(expect.arrayContaining(notes))
    const { step, figures } = await readStatus(workspace, 'run')
    expect([step, figures?.lastLoss, figures?.minLossStep, figures?.snapshots]).toEqual([30, 1 / 30, 30, 3])
    // Whoever reads it gets the formula's values at every step, and nothing at those that are missing.
    const table = await metricsService(workspace).read('run', { columns: ['loss'] })
    const gone = (k: number) => missing.some(([first, last]) => k >= first && k <= last)
    expect([...table.steps]).toEqual(Array.from({ length: 30 }, (_, k) => k + 1))
    expect([...table.columns.loss]).toEqual(Array.from({ length: 30 }, (_, k) => (gone(k + 1) ? NaN : 1 / (k + 1))))
    expect(table).toMatchObject({ missing, damaged, total: 30 })
    expect(figures?.sparkline.points).toEqual(Array.from({ length: 30 }, (_, k) => (gone(k + 1) ? null : 1 / (k + 1))))
    const out = join(workspace.folder, 'out')
    const { notes: told } = await exportRun(workspace, 'run', out)
    expect(told).toEqual(notes)
    for (const note of told) expect(await readFile(join(out, 'README.md'), 'utf8')).toContain(note)
    const rows = (await readFile(join(out, 'metrics.csv'), 'utf8')).trimEnd().split('\r\n').slice(1)
    expect(rows.map((row) => row.split(',')[0])).toEqual(Array.from({ length: 30 }, (_, k) => String(k + 1)))
    expect(rows.map((row) => row.split(',')[3])).toEqual(Array.from({ length: 30 }, (_, k) => (gone(k + 1) ? '' : String(1 / (k + 1)))))
  })
})

describe('lines after the newest checkpoint', () => {
  it.each([
    ['whole', (text: string) => text],
    ['with a torn last one', (text: string) => text.slice(0, -9)],
    ['with a damaged one before them', (text: string) => text.replace(/\{"step":18,[^\n]*/, (found) => zeros(found))]
  ])('%s are cut off on resume: one line a step remains, and damaged ones before the cut', async (_name, spoil) => {
    await trained('run', 18)
    await rm(join(folderOf('run'), 'checkpoints', 'step-000018'), { recursive: true })
    await writeFile(metricsOf('run'), spoil(await readFile(metricsOf('run'), 'utf8')))
    const { run, notes } = await open('run')
    expect([run.resume?.step, notes]).toEqual([15, []])
    await fakeTrain(run.sink, run.resume, 20)
    await run.finish('done')
    expect(read(await readFile(metricsOf('run'), 'utf8'))).toEqual({
      steps: Array.from({ length: 20 }, (_, k) => k + 1),
      step: 20,
      missing: [],
      damaged: 0
    })
  })

  it('joined to the checkpoint’s own line are cut off within it', async () => {
    await trained('run', 18)
    await rm(join(folderOf('run'), 'checkpoints', 'step-000018'), { recursive: true })
    const text = await readFile(metricsOf('run'), 'utf8')
    await writeFile(metricsOf('run'), text.replace('\n{"step":16,', '{"step":16,'))
    const { run } = await open('run')
    await fakeTrain(run.sink, run.resume, 20)
    await run.finish('done')
    expect(read(await readFile(metricsOf('run'), 'utf8'))).toMatchObject({ missing: [], damaged: 0, step: 20 })
  })
})

describe('a damaged checkpoint', () => {
  it.each([
    [
      'with a changed byte',
      async (path: string) =>
        writeFile(
          join(path, 'weights.npz'),
          Uint8Array.from(await readFile(join(path, 'weights.npz')), (byte, k) => (k === 200 ? 255 - byte : byte))
        )
    ],
    ['with a file missing', (path: string) => rm(join(path, 'optimizer.npz'))],
    ['with an empty state.json', (path: string) => writeFile(join(path, 'state.json'), '')],
    ['without its state.json', (path: string) => rm(join(path, 'state.json'))]
  ])('%s: the run goes on from the older one, and what was later is set aside', async (_name, spoil) => {
    await trained('run', 25)
    const first = await wholePieces('run')
    // Everything after step 20 is whole but the checkpoint itself.
    await spoil(join(folderOf('run'), 'checkpoints', 'step-000025'))
    await spoil(join(folderOf('run'), 'checkpoints', 'step-000020'))
    const damaged = await readFile(join(folderOf('run'), 'checkpoints', 'step-000025', 'weights.npz'))
    const lines = await readFile(metricsOf('run'), 'utf8')
    const { run, notes } = await open('run')
    expect(run.resume?.step).toBe(0)
    expect(notes.map((note) => note.slice(0, 28))).toEqual([
      'checkpoint 25 is passed over',
      'checkpoint 20 is passed over',
      'what was there of steps afte'
    ])
    const aside = join(folderOf('run'), 'set-aside', 'step-000000')
    expect(notes.at(-1)).toBe(`what was there of steps after 0 is kept in ${aside}; the run makes those steps again`)
    expect(await readFile(join(aside, 'metrics.ndjson'), 'utf8')).toBe(lines)
    expect(await readFile(join(aside, 'checkpoints', 'step-000025', 'weights.npz'))).toEqual(damaged)
    expect(await readdir(join(aside, 'snapshots'))).toEqual(['step-000010', 'step-000020'])
    await fakeTrain(run.sink, run.resume, 25)
    await run.finish('done')
    const made = await wholePieces('run')
    for (const [name, content] of Object.entries(first)) expect(made[name] === content, name).toBe(true)
    expect(await readFile(metricsOf('run'), 'utf8')).toBe(lines)
    // A second time it takes another name; an export says that there is something.
    await spoil(join(folderOf('run'), 'checkpoints', 'step-000025'))
    await spoil(join(folderOf('run'), 'checkpoints', 'step-000020'))
    await (await open('run')).run.finish('interrupted')
    expect(await readdir(join(folderOf('run'), 'set-aside'))).toEqual(['step-000000', 'step-000000-2'])
    const { notes: told } = await exportRun(workspace, 'run', join(workspace.folder, 'out.zip'))
    expect(told.join()).toMatch(/files that damage took out of the run's way stay in .*set-aside/)
  })

  it.each([
    ['all of them', ['step-000000', 'step-000015', 'step-000020'], 0],
    ['the newest two', ['step-000015', 'step-000020'], 0]
  ])('that is lost without a trace (%s) costs no line and no snapshot', async (_name, gone, from) => {
    await trained('run')
    for (const name of gone) await rm(join(folderOf('run'), 'checkpoints', name), { recursive: true })
    const lines = await readFile(metricsOf('run'), 'utf8')
    const { run } = await open('run')
    expect(run.resume?.step ?? 0).toBe(from)
    const aside = join(folderOf('run'), 'set-aside', 'step-000000')
    expect(await readFile(join(aside, 'metrics.ndjson'), 'utf8')).toBe(lines)
    expect(await readdir(join(aside, 'snapshots'))).toEqual(['step-000010', 'step-000020'])
    await run.finish('interrupted')
  })
})

it('a kill while due checkpoints waited to be written is no damage: the newest that was is the newest there is', async () => {
  await createRun(workspace, testSpec(), { id: 'cheap' })
  const { run } = await open('cheap')
  // Steps so cheap that the checkpoints of 10 and 15, due by then, were still in memory.
  await fakeTrain({ ...run.sink, checkpoint: async (state) => (state.step > 5 ? undefined : run.sink.checkpoint(state)) }, null, 18)
  await run.abandon()
  expect((await readStatus(workspace, 'cheap')).newestCheckpoint).toBe(5)
  const again = await open('cheap')
  expect([again.run.resume?.step, again.notes]).toEqual([5, []])
  expect(await readdir(folderOf('cheap'))).not.toContain('set-aside')
  await fakeTrain(again.run.sink, again.run.resume, 18)
  expect((await again.run.finish('done')).newestCheckpoint).toBe(18)
  expect(read(await readFile(metricsOf('cheap'), 'utf8'))).toMatchObject({ missing: [], damaged: 0, step: 18 })
})

describe('setting aside', () => {
  it('loses nothing when it is cut off, wherever that is', async () => {
    await trained('whole')
    await writeFile(join(folderOf('whole'), 'checkpoints', 'step-000020', 'weights.npz'), 'damaged')
    const contents = async (id: string) => new Set(Object.values(await wholePieces(id)))
    const first = await contents('whole')
    const lines = (await readFile(metricsOf('whole'), 'utf8')).trimEnd().split('\n')
    const as = (k: number): HostView => ({
      ...thisHost,
      processStart: `${k}`,
      stateOf: (_, start) => (start === `${k}` ? 'running' : 'gone')
    })
    const quick = faultyFileSystem(workspace.fileSystem, { before: () => 'go', sync: false })
    let cut = true
    // The operations before only read; five is no divisor of what one file takes, so that every kind is met.
    for (let n = 45; cut; n += 5) {
      await rm(folderOf('run'), { recursive: true, force: true })
      await cp(folderOf('whole'), folderOf('run'), { recursive: true })
      const dying = { ...workspace, fileSystem: faultyFileSystem(workspace.fileSystem, killedAt(n)) }
      cut = await openRunForTraining(dying, 'run', { backend, host: as(1) }).then(
        () => false,
        () => true
      )
      const run = await openRunForTraining({ ...workspace, fileSystem: quick }, 'run', { backend, host: as(2) })
      expect(run.resume?.step).toBe(15)
      await run.abandon()
      const left = await contents('run')
      expect([...first].filter((content) => !left.has(content)).length, `operation ${n}`).toBe(0)
      const asides = await readdir(join(folderOf('run'), 'set-aside'))
      const kept = await Promise.all(
        asides.map((name) => readFile(join(folderOf('run'), 'set-aside', name, 'metrics.ndjson'), 'utf8').catch(() => ''))
      )
      expect(
        kept.some((text) => text === `${lines.slice(15).join('\n')}\n`),
        `operation ${n}`
      ).toBe(true)
    }
  })
})

describe('small files that are empty or torn', () => {
  const spoilt = [
    ['empty', ''],
    ['torn', '{"schemaVersion":1,"na'],
    ['zeros', '\0\0\0\0\0\0']
  ] as const

  it.each(spoilt)('status.json, %s: the list says why, resume makes it anew and goes on with the same bits', async (kind, content) => {
    await trained('run')
    const before = await wholePieces('run')
    await writeFile(join(folderOf('run'), 'status.json'), content)
    const row = (await openRunIndex(workspace)).get('run')
    expect(row).toMatchObject({ state: 'interrupted', step: 20, lastLoss: 0.05, snapshots: 2, seconds: 10 })
    expect(row?.damage).toMatch(kind === 'empty' ? /^status\.json: is empty$/ : kind === 'zeros' ? /zero bytes/ : /is not valid JSON/)
    const status = await recoverRun(workspace, 'run')
    // All 20 steps of the budget are there.
    expect(status).toMatchObject({ state: 'done', step: 20, backend: null, figures: { minLossStep: 20, snapshots: 2 } })
    expect(status.error).toMatch(/^status\.json: is .*; made anew from the run's other files/)
    expect(await readdir(folderOf('run'))).toEqual(expect.arrayContaining(kind === 'empty' ? ['status.json'] : ['set-aside']))
    const { run, notes } = await open('run')
    expect(run.resume?.step).toBe(20)
    expect(notes).toEqual([`which backend computed the steps before is not recorded; ${backend.description} with 2 threads goes on`])
    await run.finish('done')
    expect((await readLog(workspace, 'run')).map(({ message }) => message).join('\n')).toContain('status.json: is')
    expect(await wholePieces('run')).toMatchObject(before)
  })

  it.each(spoilt)('meta.json, %s: name and tags come from the spec', async (_kind, content) => {
    await trained('run')
    await writeFile(join(folderOf('run'), 'meta.json'), content)
    expect((await openRunIndex(workspace)).get('run')).toMatchObject({
      state: 'done',
      name: 'A test',
      damage: expect.stringMatching(/^meta\.json: is/)
    })
    await (await open('run')).run.finish('done')
    expect(await readMeta(workspace, 'run')).toMatchObject({ name: 'A test', tags: [], hashes: { dataset: null } })
  })

  it.each(spoilt)('spec.json, %s: refused with the reason, nothing touched; listed and removed', async (_kind, content) => {
    await trained('run')
    await writeFile(join(folderOf('run'), 'spec.json'), content)
    const before = await runFiles(workspace.fileSystem, folderOf('run'))
    await expect(openRunForTraining(workspace, 'run', { backend })).rejects.toThrow(/spec\.json: is (empty|not|nothing)/)
    await expect(readSpec(workspace, 'run')).rejects.toThrow(/spec\.json/)
    expect(await runFiles(workspace.fileSystem, folderOf('run'))).toEqual(before)
    expect((await openRunIndex(workspace)).get('run')?.damage).toMatch(/^spec\.json: is/)
    await removeRun(workspace, 'run')
    expect(await readdir(join(workspace.folder, 'runs'))).toEqual([])
  })

  it('a status.json that is gone counts as one that is torn', async () => {
    await trained('run')
    await rm(join(folderOf('run'), 'status.json'))
    expect((await openRunIndex(workspace)).get('run')?.damage).toBe('status.json is missing')
    expect((await recoverRun(workspace, 'run')).step).toBe(20)
    expect((await readStatus(workspace, 'run')).error).toMatch(/^status\.json is missing; made anew/)
    await expect(recoverRun(workspace, 'none')).rejects.toThrow(/there is no run "none"/)
  })
})
