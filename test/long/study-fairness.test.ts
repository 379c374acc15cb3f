// A face-off is fair: its optimizers begin with the same weights, projection and order of batches; whatever was changed afterwards is found.
import { copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Fairness, StudyDetails } from '../../src/shared/studies/answers'
import { metricsOf, removeFolder, temporaryFolder, writeSpec } from '../integration/cli/saddlescope'
import { json, netBase, studied } from '../integration/cli/studies'

const folder = temporaryFolder()
afterAll(() => removeFolder(folder))
const fair = join(folder, 'fair')
const names = ['gd', 'adam', 'sfn']
const spec = {
  schemaVersion: 1,
  name: 'Face-off',
  base: { ...netBase, budget: { steps: 8 } },
  axes: [],
  optimizers: names.map((kind) => ({
    optimizer: { kind },
    axes: [{ path: 'optimizer.learningRate', sample: 2, from: 0.01, to: 0.1, scale: 'log' }]
  })),
  seeds: 2,
  target: { metric: 'loss', value: 2.3 }
}
const last = 'face-0005-1'

beforeAll(async () => {
  expect((await studied(writeSpec(folder, spec, 'face.json'), '--workspace', fair)).status).toBe(0)
})

let copies = 0
/** The workspace with something changed in it, as two `show`s see it. */
async function changed(change: (run: (id: string) => string) => void) {
  const workspace = join(folder, `changed-${copies++}`)
  cpSync(fair, workspace, { recursive: true })
  change((id) => join(workspace, 'runs', id))
  const look = async (...more: string[]) => {
    const { status, stdout } = await studied('show', 'face', '--json', ...more, '--workspace', workspace)
    return { status, ...(JSON.parse(stdout) as StudyDetails & { fairness: Fairness }).fairness }
  }
  return { compared: await look(), verified: await look('--verify') }
}

function edit(path: string, change: (value: Record<string, never>) => unknown) {
  writeFileSync(path, JSON.stringify(change(json<Record<string, never>>(path))))
}

test('all begin alike: hashes, the first batch’s loss, and what verification computes anew', async () => {
  const { compared, verified } = await changed(() => undefined)
  for (const { findings, groups } of [compared, verified]) {
    expect(findings).toEqual([])
    expect(groups.map(({ seed, of, recorded }) => [seed, of, recorded])).toEqual([
      [3, 6, 6],
      [4, 6, 6]
    ])
    for (const group of groups)
      for (const part of ['weights', 'projection', 'batches', 'dataset'] as const) {
        expect(group[part].same).toBe(true)
        expect(group[part].hash).toMatch(/^[0-9a-f]{64}$/)
      }
    expect(groups[0].weights.hash).not.toBe(groups[1].weights.hash)
  }
  expect([compared.status, verified.status, compared.verified, verified.verified]).toEqual([0, 0, false, true])
  // The loss of step 1 is of the start weights on the first batch: to the bit the same for every optimizer.
  for (const seed of [0, 1]) {
    const losses = [0, 1, 2, 3, 4, 5].map((cell) => metricsOf(join(fair, 'runs', `face-000${cell}-${seed}`))[0].loss)
    expect(new Set(losses).size).toBe(1)
  }
})

test('people read the hashes, and that nothing differs', async () => {
  const { stdout } = await studied('show', 'face', '--verify', '--workspace', fair)
  expect(stdout).toMatch(/runs that ought to start alike \(computed anew and compared\):/)
  expect(stdout).toMatch(/^ +3 +6 of 6 +[0-9a-f]{12} +[0-9a-f]{12} +[0-9a-f]{12} +[0-9a-f]{12}$/m)
  expect(stdout).toMatch(/^nothing differs$/m)
})

test('a hash that was changed is found by comparison, the run and the part named', async () => {
  const { compared, verified } = await changed((run) =>
    edit(join(run(last), 'meta.json'), (meta) => ({ ...meta, hashes: { ...(meta.hashes as object), batches: 'f'.repeat(64) } }))
  )
  expect(compared.findings).toMatchObject([
    { run: last, what: 'batches', sentence: expect.stringMatching(/recorded f{12}… for its order of batches/) }
  ])
  expect(compared.groups.map(({ batches, weights }) => [batches.same, weights.same])).toEqual([
    [true, true],
    [false, true]
  ])
  expect(verified.findings.map(({ run, what }) => [run, what])).toEqual([
    [last, 'batches'],
    [last, 'batches']
  ])
  expect(verified.status).toBe(1)
})

test('the same change to every run agrees with itself; verification finds it in each', async () => {
  const all = [0, 1, 2, 3, 4, 5].flatMap((cell) => [`face-000${cell}-0`, `face-000${cell}-1`])
  const { compared, verified } = await changed((run) => {
    for (const id of all)
      edit(join(run(id), 'meta.json'), (meta) => ({ ...meta, hashes: { ...(meta.hashes as object), projection: 'e'.repeat(64) } }))
  })
  expect(compared.findings).toEqual([])
  expect(verified.findings.map(({ run, what }) => [run, what]).sort()).toEqual(all.map((run) => [run, 'projection']))
  expect(verified.groups.map(({ projection, weights }) => [projection.same, weights.same])).toEqual([
    [false, true],
    [false, true]
  ])
})

test('start weights that were exchanged whole, checksums and all, are found by verification', async () => {
  const start = 'checkpoints/step-000000'
  const { compared, verified } = await changed((run) =>
    cpSync(join(run('face-0005-0'), start), join(run(last), start), { recursive: true })
  )
  expect(compared.findings).toEqual([])
  expect(verified.findings).toMatchObject([
    {
      run: last,
      what: 'weights',
      sentence: expect.stringMatching(/the start weights in its checkpoint of step 0 \([0-9a-f]{12}…\) are not those that the spec gives/)
    }
  ])
  expect(verified.groups[1].weights.same).toBe(false)
  expect(verified.status).toBe(1)
})

test('a start checkpoint that is damaged, or begins with another order of batches, is found', async () => {
  const damaged = await changed((run) =>
    copyFileSync(join(run('face-0005-0'), 'checkpoints/step-000000/weights.npz'), join(run(last), 'checkpoints/step-000000/weights.npz'))
  )
  expect(damaged.verified.findings).toMatchObject([{ run: last, what: 'checkpoint' }])
  const reordered = await changed((run) => {
    const path = (id: string) => join(run(id), 'checkpoints/step-000000/state.json')
    edit(path(last), (state) => ({ ...state, random: json<{ random: unknown }>(path('face-0005-0')).random }))
  })
  expect(reordered.verified.findings).toMatchObject([
    { run: last, what: 'batches', sentence: expect.stringMatching(/another random state than seed 4 gives/) }
  ])
})

test('a spec that was changed is found, also one of the data', async () => {
  const { compared } = await changed((run) => {
    const path = join(run(last), 'spec.json')
    writeFileSync(path, readFileSync(path, 'utf8').replace('"dim": 12', '"dim": 11').replace('"trainLimit": 250', '"trainLimit": 240'))
  })
  const sentences = compared.findings.map(({ run, what, sentence }) => `${what} ${run} ${sentence}`)
  expect(sentences).toEqual([
    expect.stringMatching(/^spec face-0005-1 face-0005-1: data\.trainLimit is 240 in its spec\.json, 250 in the study$/),
    expect.stringMatching(/^spec face-0005-1 .*data\.transforms is .*"dim":11/)
  ])
})
