// Imports, exports and deletions through the API: what is refused, what becomes of an upload, and who hears of it.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClient, type Client } from '../../../src/shared/api/client'
import type { RunsEvent } from '../../../src/shared/api/contract'
import { createRun } from '../../../src/store'
import { importDataset } from '../../../src/store/datasets'
import { receiveUpload } from '../../../src/store/transfer'
import { openWorkbench, type Workbench } from '../../../src/workbench'
import { testSpec } from '../store/fake-run'
import { fakeLauncher, type FakeEngine } from './fake-engine'
import { connectionPair } from './memory-connection'

let folder = ''
let workbench: Workbench
let client: Client
let engines: FakeEngine[]

async function open(shell: 'electron' | 'browser' = 'browser') {
  const fake = fakeLauncher()
  engines = fake.engines
  workbench = await openWorkbench({ workspace: join(folder, 'workspace'), launch: fake.launch, grace: 50, shell })
  client = createClient(async () => {
    const [mine, other] = connectionPair()
    workbench.serve(other)
    return mine
  })
}
async function close() {
  client.close()
  for (const engine of engines) engine.exit()
  await workbench.close()
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saddlescope-files-api-'))
  await open()
})
afterEach(async () => {
  await close()
  rmSync(folder, { recursive: true, force: true })
})

async function upload(name: string) {
  const send = async function* () {
    yield new TextEncoder().encode('a,b\n1,2\n')
  }
  return (await receiveUpload(workbench.workspace, { name, bytes: 8 }, send())).path
}
const uploads = () => readdirSync(join(workbench.workspace.folder, 'uploads'))

async function points() {
  const path = join(folder, 'points.csv')
  writeFileSync(path, 'a,b,label\n1,2,0\n3,4,1\n5,7,1\n')
  await importDataset(workbench.workspace, path)
}

describe('imports', () => {
  test.each(['done', 'failed', 'cancelled'] as const)(
    'an upload is gone when its import is %s, and what was made is told',
    async (state) => {
      const path = await upload('points.csv')
      const { job } = await client.call('datasets.import', { path, separator: 'comma' })
      expect(uploads()).toHaveLength(1)
      const made = { kind: 'dataset', id: 'points' } as const
      engines[0].say({ type: 'job-ended', state, message: 'said', ...(state === 'done' ? { made } : {}) })
      engines[0].exit()
      await expect.poll(uploads).toEqual([])
      const told = (await client.call('jobs.list', {})).find((one) => one.id === job)
      expect(told).toMatchObject({ kind: 'dataset-import', title: 'Import points.csv', state, ...(state === 'done' ? { made } : {}) })
    }
  )

  test('a file that lies elsewhere stays', async () => {
    const path = join(folder, 'mine.csv')
    writeFileSync(path, 'a,b\n1,2\n')
    await client.call('datasets.import', { path })
    engines[0].say({ type: 'job-ended', state: 'done', message: '' })
    engines[0].exit()
    await expect.poll(async () => (await client.call('jobs.list', {}))[0].state).toBe('done')
    expect(existsSync(path)).toBe(true)
  })

  test('an imported run is told of before its job ends', async () => {
    const seen: RunsEvent[] = []
    client.subscribe('runs', {}, { onEvent: (event) => void seen.push(event) })
    writeFileSync(join(folder, 'back.zip'), 'opened by the engine process only')
    await client.call('runs.import', { path: join(folder, 'back.zip') })
    await createRun(workbench.workspace, testSpec(), { id: 'back' })
    engines[0].say({ type: 'job-ended', state: 'done', message: 'imported as run back', made: { kind: 'run', id: 'back' } })
    engines[0].exit()
    await expect.poll(() => seen.map((event) => (event.kind === 'changed' ? event.summary.id : event.id))).toContain('back')
  })
})

describe('exports to a path', () => {
  test('are for the desktop app: a browser is told where to download', async () => {
    await createRun(workbench.workspace, testSpec(), { id: 'one' })
    await expect(client.call('runs.export', { id: 'one', out: '/tmp/one.zip' })).rejects.toThrow('/files/exports/one')
    expect(engines).toEqual([])
  })
  test('start a job there, for a run that is there and an absolute path', async () => {
    await createRun(workbench.workspace, testSpec(), { id: 'one' })
    await close()
    await open('electron')
    await expect(client.call('runs.export', { id: 'one', out: 'one.zip' })).rejects.toThrow('must be an absolute path')
    await expect(client.call('runs.export', { id: 'none', out: '/tmp/one.zip' })).rejects.toThrow('there is no run "none"')
    await client.call('runs.export', { id: 'one', file: 'spec.json', out: join(folder, 'spec.json') })
    engines[0].say({ type: 'hello' })
    const job = { name: 'run-export', run: 'one', file: 'spec.json', out: join(folder, 'spec.json') }
    expect(engines[0].received).toMatchObject([{ type: 'start', task: { job } }])
  })
})

describe('deleting a dataset', () => {
  const spec = (dataset: string) => ({
    ...testSpec({ data: { dataset }, model: { layers: [2, 3, 2], activation: { kind: 'tanh' } } }),
    loss: dataset === 'points' ? 'softmax-cross-entropy' : 'half-sse'
  })

  test('says what it freed and who refers to it', async () => {
    await points()
    const { ids } = await client.call('runs.create', { specs: [spec('points')] as never, start: false })
    await client.call('runs.create', { specs: [spec('xor')] as never, start: false })
    const bytes = (await client.call('datasets.list', {})).find(({ id }) => id === 'points')?.bytes
    expect(await client.call('datasets.remove', { id: 'points' })).toEqual({ bytes, runs: ids })
    expect(readdirSync(join(workbench.workspace.folder, 'datasets'))).toEqual([])
  })

  test('is refused while a run that uses it is queued or running', async () => {
    await points()
    const { ids } = await client.call('runs.create', { specs: [spec('points'), spec('points')] as never })
    await expect.poll(() => engines.length).toBe(1)
    await expect(client.call('datasets.remove', { id: 'points' })).rejects.toThrow(
      /dataset points is in use: run ".*" and 1 more are running or queued/
    )
    await client.call('runs.pause', { id: ids[1] })
    await expect(client.call('datasets.remove', { id: 'points' })).rejects.toThrow(
      new RegExp(`run "${ids[0]}" is (queued|running); stop it first`)
    )
    expect(existsSync(join(workbench.workspace.folder, 'datasets', 'points'))).toBe(true)
  })

  test('what is built in or not there is refused', async () => {
    for (const id of ['mnist10', 'none', '../runs'])
      await expect(client.call('datasets.remove', { id })).rejects.toThrow(/no dataset (mnist10|none) is installed|id must be a dataset id/)
    mkdirSync(join(workbench.workspace.folder, 'datasets', 'damaged'))
    writeFileSync(join(workbench.workspace.folder, 'datasets', 'damaged', 'manifest.json'), '{')
    expect(await client.call('datasets.remove', { id: 'damaged' })).toEqual({ bytes: 0, runs: [] })
  })
})
