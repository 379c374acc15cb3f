// A study that is interrupted, killed, or worked on by two at once ends with every run exactly once, to the bit as if it had never stopped.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { metricsOf, removeFolder, statusOf, temporaryFolder, trace, writeSpec } from '../integration/cli/saddlescope'
import { csv, netBase, runsIn, studied, study, sweep } from '../integration/cli/studies'

const folder = temporaryFolder()
afterAll(() => removeFolder(folder))
const spec = writeSpec(
  folder,
  sweep({ base: { ...netBase, budget: { steps: 120 } }, axes: [{ path: 'optimizer.learningRate', values: [0.01, 0.03] }], seeds: 2 }),
  'sweep.json'
)
const ids = ['sweep-0000-0', 'sweep-0000-1', 'sweep-0001-0', 'sweep-0001-1']
const never = join(folder, 'never')
let traces: Record<string, string>[] = []

const tracesOf = (workspace: string) => ids.map((id) => trace(join(workspace, 'runs', id)))
/** A check that polls a file which may not be there yet, or be replaced this moment. */
const lines = (path: string) => {
  try {
    return readFileSync(path, 'utf8').split('\n').length - 1
  } catch {
    return 0
  }
}
const until = (what: () => boolean) => vi.waitFor(() => expect(what()).toBe(true), { timeout: 60_000, interval: 5 })

function expectWhole(workspace: string) {
  expect(runsIn(workspace)).toEqual(ids)
  for (const id of ids) {
    expect(statusOf(join(workspace, 'runs', id)).state).toBe('done')
    expect(metricsOf(join(workspace, 'runs', id)).map(({ step }) => step)).toEqual(Array.from({ length: 120 }, (_, k) => k + 1))
  }
  expect(tracesOf(workspace)).toEqual(traces)
  expect(csv(join(workspace, 'studies', 'sweep', 'results.csv')).map(({ run, state }) => [run, state])).toEqual(
    ids.map((id) => [id, 'done'])
  )
}

beforeAll(async () => {
  expect((await studied(spec, '--workspace', never)).status).toBe(0)
  traces = tracesOf(never)
})

test('killed before its first run, within runs, and when one has ended', async () => {
  const workspace = join(folder, 'killed')
  const metrics = (id: string) => join(workspace, 'runs', id, 'metrics.ndjson')
  const moments = [
    () => existsSync(join(workspace, 'studies', 'sweep', 'study.json')),
    () => existsSync(join(workspace, 'runs', ids[0])),
    () => lines(metrics(ids[0])) > 20,
    () => lines(metrics(ids[1])) > 3,
    () => existsSync(join(workspace, 'runs', ids[2], 'status.json'))
  ]
  for (const moment of moments) {
    const call = study(spec, '--workspace', workspace)
    await until(moment)
    call.kill('SIGKILL')
    expect((await call.ended).signal).toBe('SIGKILL')
  }
  const { status, stderr } = await studied(spec, '--workspace', workspace)
  expect(stderr).toMatch(/4\/4/)
  expect(status).toBe(0)
  expectWhole(workspace)
})

test('interrupted it ends the run in hand and goes on with the same command', async () => {
  const workspace = join(folder, 'interrupted')
  const call = study(spec, '--workspace', workspace)
  await until(() => lines(join(workspace, 'runs', ids[1], 'metrics.ndjson')) > 5)
  call.kill('SIGINT')
  const { status, stderr } = await call.ended
  expect(status).toBe(130)
  expect(stderr).toMatch(/interrupted, [123] of 4 runs done; the same command goes on/)
  const shown = JSON.parse((await studied('show', 'sweep', '--json', '--workspace', workspace)).stdout) as { state: string }
  expect(shown.state).toBe('stopped')
  expect((await studied(spec, '--workspace', workspace)).status).toBe(0)
  expectWhole(workspace)
})

describe('shared work', () => {
  const ended = (stdout: string) =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; run?: string })
      .flatMap(({ event, run }) => (event === 'run-end' ? [run] : []))

  test('two calls at once do each run once between them', async () => {
    const workspace = join(folder, 'two')
    const calls = await Promise.all([1, 2].map(() => studied(spec, '--json', '--workspace', workspace)))
    expect(calls.map(({ status }) => status)).toEqual([0, 0])
    expect(calls.flatMap(({ stdout }) => ended(stdout)).sort()).toEqual(ids)
    expectWhole(workspace)
  })

  test('a call takes over what a killed one left', async () => {
    const workspace = join(folder, 'over')
    const first = study(spec, '--workspace', workspace)
    await until(() => lines(join(workspace, 'runs', ids[0], 'metrics.ndjson')) > 10)
    const second = study(spec, '--json', '--workspace', workspace)
    await second.seen(/"event":"start"/)
    first.kill('SIGKILL')
    await first.ended
    expect((await second.ended).status).toBe(0)
    expectWhole(workspace)
  })

  test('jobs are processes of their own that divide the threads, and end well when interrupted', async () => {
    const workspace = join(folder, 'jobs')
    const call = study(spec, '--jobs', '2', '--json', '--workspace', workspace)
    await until(() => ids.filter((id) => lines(join(workspace, 'runs', id, 'metrics.ndjson')) > 3).length >= 2)
    call.kill('SIGINT')
    expect((await call.ended).status).toBe(130)
    expect(
      runsIn(workspace).every((id) => ['interrupted', 'done', 'queued'].includes(String(statusOf(join(workspace, 'runs', id)).state)))
    ).toBe(true)
    expect((await studied(spec, '--jobs', '2', '--workspace', workspace)).status).toBe(0)
    expect(runsIn(workspace)).toEqual(ids)
    for (const id of ids)
      expect(metricsOf(join(workspace, 'runs', id)).map(({ step }) => step)).toEqual(Array.from({ length: 120 }, (_, k) => k + 1))
  })
})
