// The same seed gives the same bytes; a run that was interrupted, in whatever way, ends with the same bytes as one that was not.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  metricsOf,
  removeFolder,
  saddlescope,
  smallSpec,
  start,
  statusOf,
  temporaryFolder,
  trace,
  writeSpec
} from '../integration/cli/saddlescope'

const folder = temporaryFolder()
const workspace = join(folder, 'workspace')
const runFolder = (id: string) => join(workspace, 'runs', id)
const at = ['--workspace', workspace]
const spec = writeSpec(folder, smallSpec({ model: { ...smallSpec().model, layers: [100, 2, 10] } }))
/** Long enough to be interrupted in the middle. */
const slow = smallSpec({
  data: { ...smallSpec().data, trainLimit: 1000 },
  model: { ...smallSpec().model, layers: [100, 3, 10] },
  batch: { size: 250, shuffle: true },
  snapshots: { everySteps: null },
  budget: { steps: 28 }
})
const slowSpec = writeSpec(folder, slow, 'slow.json')
const reference: Record<string, Record<string, string>> = {}

beforeAll(async () => {
  for (const [id, path] of [
    ['first', spec],
    ['slow', slowSpec]
  ]) {
    const { status, stderr } = await saddlescope('run', path, '--id', id, ...at)
    expect(status, stderr).toBe(0)
    reference[id] = trace(runFolder(id))
  }
})
afterAll(() => removeFolder(folder))

/** Checkpoints that the policy kept along the way differ between runs that were stopped at different places; the end must not. */
function expectSame(id: string, expected: string) {
  const found = trace(runFolder(id))
  const wanted = reference[expected]
  const last = Object.keys(wanted)
    .filter((name) => name.startsWith('checkpoints'))
    .sort()
    .slice(-2)
  expect(last.length).toBe(2)
  for (const name of [...last, ...Object.keys(wanted).filter((one) => one.startsWith('snapshots')), 'metrics'])
    expect(found[name], `${id}: ${name}`).toBe(wanted[name])
}

describe('the same spec', () => {
  test('gives identical bytes twice, and other bytes with another seed', async () => {
    expect((await saddlescope('run', spec, '--id', 'second', ...at)).status).toBe(0)
    expect(trace(runFolder('second'))).toEqual(reference.first)
    expect((await saddlescope('run', spec, '--id', 'other', '--set', 'seed=4', ...at)).status).toBe(0)
    expect(trace(runFolder('other')).metrics).not.toBe(reference.first.metrics)
  })
  test('ends in parts as it does in one', async () => {
    expect((await saddlescope('run', spec, '--id', 'parts', '--set', 'budget.steps=13', ...at)).status).toBe(0)
    expect((await saddlescope('resume', 'parts', '--set', 'budget.steps=14', ...at)).status).toBe(0)
    expect((await saddlescope('resume', 'parts', '--set', 'budget.steps=40', ...at)).status).toBe(0)
    expectSame('parts', 'first')
  })
})

describe('an interrupted run', () => {
  test('ends with 130 at SIGINT, keeps its work, and goes on to the same bytes', async () => {
    const call = start(['run', slowSpec, '--id', 'stopped', ...at])
    await call.seen(/^ +9 .*$/m)
    call.kill('SIGINT')
    const { status, stderr } = await call.ended
    expect(status, stderr).toBe(130)
    expect(stderr).toMatch(/interrupted after step \d+.*; go on with: resume stopped/)
    const { state, step } = statusOf(runFolder('stopped'))
    expect(state).toBe('interrupted')
    expect(step).toBe(metricsOf(runFolder('stopped')).length)
    expect(step).toBeLessThan(28)
    const resumed = await saddlescope('resume', 'stopped', ...at)
    expect(resumed.status, resumed.stderr).toBe(0)
    expect(statusOf(runFolder('stopped')).state).toBe('done')
    expectSame('stopped', 'slow')
  })
  test('goes on to the same bytes after SIGKILL', async () => {
    const call = start(['run', slowSpec, '--id', 'killed', ...at])
    await call.seen(/^ +16 .*$/m)
    call.kill('SIGKILL')
    expect((await call.ended).signal).toBe('SIGKILL')
    const listed = JSON.parse((await saddlescope('runs', '--json', ...at)).stdout) as { id: string; state: string }[]
    expect(listed.find(({ id }) => id === 'killed')?.state).toBe('interrupted')
    const resumed = await saddlescope('resume', 'killed', ...at)
    expect(resumed.status, resumed.stderr).toBe(0)
    expectSame('killed', 'slow')
  })
  test('killed before its first checkpoint starts again from step 0', async () => {
    const call = start(['run', slowSpec, '--id', 'early', ...at])
    await call.seen(/run early/)
    call.kill('SIGKILL')
    await call.ended
    expect((await saddlescope('resume', 'early', ...at)).status).toBe(0)
    expectSame('early', 'slow')
  })
  test('a second SIGINT ends at once', async () => {
    const call = start([
      'run',
      slowSpec,
      '--id',
      'twice',
      '--set',
      'batch.size=null',
      '--set',
      'model.layers=[100,60,60,10]',
      '--set',
      'budget.steps=1',
      ...at
    ])
    await call.seen(/run twice/)
    await new Promise((resolve) => setTimeout(resolve, 300))
    call.kill('SIGINT')
    await call.seen(/stopping/)
    call.kill('SIGINT')
    expect((await call.ended).status).toBe(130)
  })
  test('two processes never work on one run', async () => {
    const call = start(['run', slowSpec, '--id', 'shared', ...at])
    await call.seen(/^ +3 .*$/m)
    const other = await saddlescope('resume', 'shared', ...at)
    expect(other.status).toBe(1)
    expect(other.stderr).toMatch(/process \d+ on .* is working on this run/)
    call.kill('SIGTERM')
    expect((await call.ended).status).toBe(130)
  })
})

describe('resume', () => {
  test('of a run whose budget is spent says so and changes nothing', async () => {
    const { status, stderr } = await saddlescope('resume', 'first', ...at)
    expect(status).toBe(0)
    expect(stderr).toMatch(/budget of run first is spent after 40 steps/)
    expect(trace(runFolder('first'))).toEqual(reference.first)
  })
  test('takes no other change than the budget', async () => {
    const { status, stderr } = await saddlescope('resume', 'first', '--set', 'seed=9', ...at)
    expect(status).toBe(2)
    expect(stderr).toMatch(/--set seed=9: only the budget of a run can be changed/)
  })
  test('with another backend stops and says so, and goes on when allowed, recording where', async () => {
    expect((await saddlescope('run', spec, '--id', 'moved', '--set', 'budget.steps=8', ...at)).status).toBe(0)
    const file = join(runFolder('moved'), 'status.json')
    const status = statusOf(runFolder('moved'))
    const { writeFileSync } = await import('node:fs')
    writeFileSync(file, JSON.stringify({ ...status, backend: { kind: 'lapack', description: 'Another BLAS 1.0', threads: 3 } }))
    const refused = await saddlescope('resume', 'moved', '--set', 'budget.steps=12', ...at)
    expect(refused.status).toBe(1)
    expect(refused.stderr).toMatch(/Another BLAS 1\.0.*--allow-other-backend/)
    const allowed = await saddlescope('resume', 'moved', '--set', 'budget.steps=12', '--allow-other-backend', ...at)
    expect(allowed.status, allowed.stderr).toBe(0)
    expect(statusOf(runFolder('moved'))).toMatchObject({ state: 'done', step: 12, numericsChangedAtStep: 8 })
  })
})
