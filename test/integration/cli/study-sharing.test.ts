// Several calls of `study` at once on one workspace: they share the runs, and each run ends exactly once.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { metricsOf, removeFolder, statusOf, temporaryFolder, writeSpec } from './saddlescope'
import { bowl, csv, runsIn, study, sweep } from './studies'

const folder = temporaryFolder()
afterAll(() => removeFolder(folder))

/** How often the log of a run says that it came to an end. */
const ends = (run: string) => readFileSync(join(run, 'log.ndjson'), 'utf8').match(/"message":\s*"(done at step|diverged:)/g)?.length ?? 0

test('three calls, one of them with two jobs: sixteen short runs, some of which diverge', async () => {
  const workspace = join(folder, 'shared')
  const rates = { path: 'optimizer.learningRate', from: 0.01, to: 1, count: 16 }
  const spec = writeSpec(folder, sweep({ base: { ...bowl, budget: { steps: 250 } }, axes: [rates] }), 'shared.json')
  const calls = [[], ['--jobs', '2'], []].map((more) => study(spec, '--json', '--workspace', workspace, ...more))
  const told = (await Promise.all(calls.map((call) => call.ended))).map(({ status, stdout, stderr }) => {
    expect([status, stderr]).toEqual([0, ''])
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; run: string; state: string })
      .filter(({ event }) => event === 'run-end')
  })
  const ids = runsIn(workspace)
  expect(ids).toHaveLength(16)
  // Together they told of each run once.
  expect(
    told
      .flat()
      .map(({ run }) => run)
      .sort()
  ).toEqual(ids)
  for (const id of ids) {
    const run = join(workspace, 'runs', id)
    const { state, step } = statusOf(run) as { state: string; step: number }
    expect(['done', 'diverged']).toContain(state)
    expect([id, ends(run)]).toEqual([id, 1])
    expect(metricsOf(run).map((line) => line.step)).toEqual(Array.from({ length: step }, (_, k) => k + 1))
  }
  // The last to come to its end wrote the tables as they are then.
  expect(csv(join(workspace, 'studies', 'shared', 'results.csv')).map(({ run, state }) => [run, state])).toEqual(
    ids.map((id) => [id, statusOf(join(workspace, 'runs', id)).state])
  )
})
