// `serve` as a user starts and ends it: the link, the first start's demonstration, a taken port, SIGTERM with a checkpoint.
import { readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { removeFolder, saddlescope, start, statusOf, temporaryFolder } from './saddlescope'

const folder = temporaryFolder()
afterAll(() => removeFolder(folder))

test('prints its link, trains the demonstration without a browser, and ends with 0 after a checkpoint', async () => {
  const workspace = join(folder, 'first')
  const call = start(['serve', '--port', '0', '--workspace', workspace])
  await call.seen(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/m)
  await call.seen(/^ +4 .*$/m)
  call.kill('SIGTERM')
  const { status, stdout, stderr } = await call.ended
  expect(status, stderr).toBe(0)
  expect(stderr).toContain(`workspace: ${workspace}`)
  expect(stderr).not.toContain(/#token=([\w-]+)/.exec(stdout)?.[1])
  const [id] = readdirSync(join(workspace, 'runs'))
  const run = join(workspace, 'runs', id)
  const { state, step } = statusOf(run)
  expect(state).toBe('interrupted')
  expect(readdirSync(join(run, 'checkpoints'))).toContain(`step-${String(step).padStart(6, '0')}`)
  expect(readdirSync(run)).not.toContain('lock.json')
})

test('when it is killed, the engine process notices, keeps its work and ends', async () => {
  const workspace = join(folder, 'killed')
  const call = start(['serve', '--port', '0', '--workspace', workspace])
  await call.seen(/^ +3 .*$/m)
  call.kill('SIGKILL')
  await call.ended
  const [id] = readdirSync(join(workspace, 'runs'))
  const run = join(workspace, 'runs', id)
  await expect.poll(() => statusOf(run).state, { timeout: 20_000 }).toBe('interrupted')
  await expect.poll(() => readdirSync(run), { timeout: 5000 }).not.toContain('lock.json')
  const step = Number(statusOf(run).step)
  expect(readdirSync(join(run, 'checkpoints'))).toContain(`step-${String(step).padStart(6, '0')}`)
  const resumed = await saddlescope('resume', id, '--set', `budget.steps=${step + 2}`, '--workspace', workspace)
  expect(resumed.status, resumed.stderr).toBe(0)
})

test('a taken port is refused when it was asked for; other hosts always', async () => {
  const blocker = createServer()
  await new Promise<void>((done) => blocker.listen(0, '127.0.0.1', done))
  const port = String((blocker.address() as AddressInfo).port)
  const at = ['--workspace', join(folder, 'second'), '--no-demo']
  const taken = await saddlescope('serve', '--port', port, ...at)
  expect(taken.status).toBe(1)
  expect(taken.stderr).toMatch(new RegExp(`port ${port} is already in use`))
  blocker.close()
  const open = await saddlescope('serve', '--host', '0.0.0.0', ...at)
  expect(open.status).toBe(2)
  expect(open.stderr).toMatch(/--host 0\.0\.0\.0 is refused.*ssh -L/)
  const bad = await saddlescope('serve', '--port', 'x', ...at)
  expect(bad.status).toBe(2)
})

test('--no-demo leaves an empty workspace empty', async () => {
  const workspace = join(folder, 'third')
  const call = start(['serve', '--port', '0', '--no-demo', '--workspace', workspace])
  await call.seen(/#token=/)
  call.kill('SIGINT')
  expect((await call.ended).status).toBe(0)
  expect(readdirSync(join(workspace, 'runs'))).toEqual([])
})
