// What a running analysis shows of itself: its newest preview, numbered, until it has ended.
import { expect, test } from 'vitest'
import type { JobInfo } from '../../../src/shared/api/contract'
import { createHub } from '../../../src/workbench/hub'
import { openJobService } from '../../../src/workbench/jobs'
import { fakeLauncher } from './fake-engine'

test('previews of an analysis are numbered, told of, and gone at its end', async () => {
  const { launch, engines } = fakeLauncher()
  const hub = createHub()
  const jobs = openJobService({ workspace: '/nowhere', hub, launch, linalg: () => ({ backend: 'auto', threads: null }) })
  const id = jobs.start({ name: 'analysis', token: 'x', kind: 'landscape', run: 'a', step: 0, options: { size: 3 } }, 'Landscape', {
    run: 'a'
  })
  const known = (): Partial<JobInfo> | undefined => jobs.list().find((job) => job.id === id)
  expect(jobs.preview(id)).toBeNull()
  expect(known()?.preview).toBeUndefined()
  const [engine] = engines
  engine.say({ type: 'hello' })
  for (const first of [1, 2]) engine.say({ type: 'preview', arrays: { loss: { shape: [2], data: Float64Array.of(first, NaN) } } })
  expect(known()?.preview).toBe(2)
  expect(jobs.preview(id)).toEqual({
    number: 2,
    kind: 'landscape',
    options: { size: 3 },
    arrays: { loss: { shape: [2], data: Float64Array.of(2, NaN) } }
  })
  engine.say({ type: 'job-ended', state: 'done', message: 'done' })
  engine.exit()
  await expect.poll(() => known()?.state).toBe('done')
  expect(jobs.preview(id)).toBeNull()
})
