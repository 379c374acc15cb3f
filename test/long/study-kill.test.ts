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
  const random = numbers(1)
  const next = () => random.next().value as number
  let kills = 0
  for (let round = 0; kills < 40; round++) {
    const killed = join(folder, `killed-${round}`)
    // A call that came to its end before it was killed ends the round: only kills of a study at work count.
    for (let ended = false; !ended;) {
      const calls = Array.from({ length: kills % 4 === 3 ? 2 : 1 }, () => study(spec, '--workspace', killed))
      const done = Promise.all(calls.map((call) => call.ended))
      const timer = setTimeout(() => calls.forEach((call) => call.kill('SIGKILL')), 150 + 900 * next())
      const ends = await done
      clearTimeout(timer)
      kills += ends.filter(({ signal }) => signal === 'SIGKILL').length
      ended = ends.some(({ status }) => status === 0)
    }
    expect(runsIn(killed)).toEqual(ids)
    for (const id of ids) {
      const run = join(killed, 'runs', id)
      expect(statusOf(run).state).toBe('done')
      expect(metricsOf(run).map(({ step }) => step)).toEqual(Array.from({ length: 150 }, (_, k) => k + 1))
      expect(trace(run)).toEqual(trace(join(never, 'runs', id)))
    }
  }
})
