// Settings that decide how something is computed: refused when they are not right, kept one after the other, and what engine processes are told.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cores, openLinalg, preferLinalg } from '../../../src/engine/linalg'
import { examine } from '../../../src/engine-process/doctor'
import { defaultLinalg } from '../../../src/shared/linalg-choice'
import { createClient, type Client } from '../../../src/shared/api/client'
import { openWorkspace } from '../../../src/store'
import { openWorkbench, type Workbench } from '../../../src/workbench'
import { diagnosticsFiles, zipOf } from '../../../src/workbench/diagnostics'
import { openSettings, settingsFault } from '../../../src/workbench/settings'
import { fakeLauncher, type FakeEngine } from './fake-engine'
import { connectionPair } from './memory-connection'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'saddlescope-settings-'))))
afterEach(() => {
  preferLinalg(defaultLinalg)
  rmSync(folder, { recursive: true, force: true })
})

test('what decides how something is computed is refused when it is not right, in one sentence; the rest is the page’s own', () => {
  for (const good of [{ threads: 1 }, { threads: null }, { backend: 'wasm' }, { runsAtOnce: 8 }, { columns: 'anything', threads: 64 }])
    expect(settingsFault(good)).toBeNull()
  expect(settingsFault({ threads: 0 })).toBe(
    'the setting threads must be an integer from 1 to 64, or null for as many as there are cores, got 0'
  )
  expect(settingsFault({ theme: 1, backend: 'blas' })).toBe('the setting backend must be one of auto, lapack, wasm, got "blas"')
  expect(settingsFault({ runsAtOnce: '2' })).toMatch(/^the setting runsAtOnce must be an integer from 1 to 8, got "2"$/)
})

test('changes at the same time lose nothing, and what a file says wrongly is left to the default', async () => {
  const workspace = await openWorkspace(folder)
  const settings = await openSettings(workspace)
  await Promise.all(Array.from({ length: 20 }, (_, i) => settings.set({ [`key${i}`]: i })))
  const stored = JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8')) as Record<string, number>
  expect(Object.keys(stored)).toHaveLength(20)
  writeFileSync(join(folder, 'settings.json'), JSON.stringify({ threads: 'many', backend: 'wasm' }))
  expect((await openSettings(workspace)).linalg()).toEqual({ backend: 'wasm', threads: null })
})

test('unsaid backend and threads are the preferred ones in this process; named ones are not touched', async () => {
  preferLinalg({ backend: 'wasm', threads: 1 })
  const preferred = await openLinalg()
  expect(preferred.info).toMatchObject({ kind: 'wasm', threads: 1 })
  await preferred.dispose()
  const named = await openLinalg({ backend: 'wasm', threads: 2 })
  expect(named.info.threads).toBe(2)
  await named.dispose()
})

const spec = {
  schemaVersion: 1,
  name: 'a',
  problem: { kind: 'function', function: 'x^2 + y^2', start: [1, 2] },
  optimizer: { kind: 'gd' },
  budget: { steps: 5 }
}

async function open(): Promise<{ workbench: Workbench; client: Client; engines: FakeEngine[] }> {
  const { launch, engines } = fakeLauncher()
  const workbench = await openWorkbench({ workspace: folder, launch, grace: 200 })
  const client = createClient(async () => {
    const [ours, theirs] = connectionPair()
    workbench.serve(theirs)
    return ours
  })
  return { workbench, client, engines }
}

test('engine processes are started with the chosen backend and threads: jobs, and runs that share them', async () => {
  const { workbench, client, engines } = await open()
  const taskOf = (engine: FakeEngine) => {
    engine.say({ type: 'hello' })
    return engine.received.flatMap((message) => (message.type === 'start' ? [message.task] : []))[0]
  }
  await expect(client.call('settings.set', { values: { threads: -1 } })).rejects.toThrow(/the setting threads must be/)
  await client.call('settings.set', { values: { backend: 'wasm', threads: 4, runsAtOnce: 2 } })
  await client.call('app.bench', {})
  await expect(client.call('app.bench', {})).rejects.toThrow('the backends are being measured already')
  expect(taskOf(engines[0])).toMatchObject({ kind: 'job', job: { name: 'backend-bench' }, backend: 'wasm', threads: 4 })
  await client.call('runs.create', { specs: [spec] })
  await expect.poll(() => engines.length).toBe(2)
  expect(taskOf(engines[1])).toMatchObject({ kind: 'run', backend: 'wasm', threads: 2 })
  const speeds = {
    measuredAt: '2026-11-26T00:00:00Z',
    productOrder: 10,
    eigenOrder: 10,
    backends: [{ kind: 'wasm' as const, description: 'k', problem: null, threads: 4, gflops: 1, eigenSeconds: 2 }]
  }
  engines[0].say({ type: 'job-ended', state: 'done', message: 'measured', speeds })
  engines[0].exit()
  await expect.poll(async () => (await client.call('settings.get', {})).backendSpeeds).toEqual(speeds)
  expect((await client.call('app.info', {})).backend).toMatchObject({ kind: 'wasm', threads: 4 })
  const closing = workbench.close(100)
  for (const engine of engines.slice(1)) engine.exit()
  await closing
})

test('every row of doctor that is not ok says what to do about it', async () => {
  const notAFolder = join(folder, 'file')
  writeFileSync(notAFolder, '')
  const threads = cores() + 1
  preferLinalg({ backend: 'wasm', threads })
  const rows = await examine(notAFolder, { backend: 'wasm', threads })
  const faults = rows.filter(({ ok }) => !ok)
  expect(faults.map(({ name }) => name)).toEqual(expect.arrayContaining(['threads', 'workspace']))
  for (const { name, advice } of faults) expect(advice, name).toMatch(/\w.*\.$/)
  for (const { advice, ok } of rows) if (ok) expect(advice).toBeUndefined()
  expect(rows.find(({ name }) => name === 'backend in use')?.value).toMatch(/^wasm: .*, \d+ threads, chosen in Settings$/)
})

test('diagnostics hold what they name and nothing else: no key that is not known, no home folder', async () => {
  const workspace = await openWorkspace(folder)
  const logs = join(folder, 'app-logs')
  const secret = 'hush-hush'
  mkdirSync(logs)
  writeFileSync(join(logs, 'saddlescope.log'), `opened ${join(homedir(), 'thesis')}\n`)
  const files = await diagnosticsFiles({
    workspace,
    settings: { threads: 2, token: secret, runsColumns: ['loss'] },
    doctor: [{ name: 'Node', value: '20', ok: true }],
    shell: 'browser',
    logs,
    runs: ['no-such-run']
  })
  const entries = unzipSync(zipOf(files))
  expect(Object.keys(entries)).toEqual(['README.txt', 'versions.json', 'doctor.json', 'settings.json', 'logs/saddlescope.log'])
  const text = (name: string) => new TextDecoder().decode(entries[name])
  expect(JSON.parse(text('settings.json'))).toEqual({ threads: 2, runsColumns: ['loss'] })
  expect(JSON.parse(text('doctor.json'))).toEqual([{ name: 'Node', value: '20', ok: true }])
  const all = Object.keys(entries).map(text).join('')
  expect(all).not.toContain(secret)
  if (homedir().length > 1) expect(all).not.toContain(homedir())
  expect(text('logs/saddlescope.log')).toContain('thesis')
})
