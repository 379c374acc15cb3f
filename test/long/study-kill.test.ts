// A study that is killed at many random moments, alone and with a second call beside it, is in the end as if it had never stopped.
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { metricsOf, removeFolder, statusOf, temporaryFolder, trace, writeSpec } from '../integration/cli/saddlescope'
import { netBase, runsIn, studied, study, sweep } from '../integration/cli/studies'

const folder = temporaryFolder()
afterAll(() => removeFolder(folder))
const spec = writeSpec(
  folder,
  sweep({ base: { ...netBase, budget: { steps: 150 } }, axes: [{ path: 'optimizer.learningRate', values: [0.01, 0.03, 0.1] }], seeds: 2 }),
  'sweep.json'
)

/** Numbers in [0, 1) that are the same every time. */
function* numbers(seed: number) {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    yield state / 2 ** 32
  }
}

test('forty kills', async () => {
  const never = join(folder, 'never')
  expect((await studied(spec, '--workspace', never)).status).toBe(0)
  const ids = runsIn(never)
  const killed = join(folder, 'killed')
  const random = numbers(1)
  const next = () => random.next().value as number
  for (let kill = 0; kill < 40; kill++) {
    const calls = Array.from({ length: kill % 4 === 3 ? 2 : 1 }, () => study(spec, '--workspace', killed))
    await new Promise((resolve) => setTimeout(resolve, 150 + 1200 * next()))
    for (const call of calls) call.kill('SIGKILL')
    await Promise.all(calls.map(({ ended }) => ended))
  }
  expect((await studied(spec, '--workspace', killed)).status).toBe(0)
  expect(runsIn(killed)).toEqual(ids)
  for (const id of ids) {
    const run = join(killed, 'runs', id)
    expect(statusOf(run).state).toBe('done')
    expect(metricsOf(run).map(({ step }) => step)).toEqual(Array.from({ length: 150 }, (_, k) => k + 1))
    expect(trace(run)).toEqual(trace(join(never, 'runs', id)))
  }
})
