// A tensor of all parameters whose analysis is killed goes on from what it had put aside, and in the end has the bits of one that never stopped.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { removeFolder, saddlescope, smallSpec, start, temporaryFolder, writeSpec } from '../integration/cli/saddlescope'

const folder = temporaryFolder()
const workspace = join(folder, 'workspace')
afterAll(() => removeFolder(folder))

const call = ['analyse', 'tensor', 'net', '--set', 'basis=parameters', '--json', '--workspace', workspace]
const made = join(workspace, 'runs', 'net', 'analyses')
const kept = () => (existsSync(made) ? readdirSync(made) : []).filter((name) => name.startsWith('.tensor-'))
const tiles = () => kept().flatMap((name) => readdirSync(join(made, name)))

test('three kills on the way', async () => {
  const spec = smallSpec({ model: { layers: [100, 2, 10], activation: { kind: 'tanh' }, bias: true }, budget: { steps: 4 } })
  expect((await saddlescope('run', writeSpec(folder, spec), '--id', 'net', '--workspace', workspace)).status).toBe(0)
  const whole = await saddlescope(...call)
  expect(whole.status).toBe(0)
  expect(kept()).toEqual([])
  for (const least of [60, 130, 190]) {
    const running = start(call)
    while (tiles().filter((name) => name.endsWith('.npy')).length < least) await new Promise((resolve) => setTimeout(resolve, 50))
    running.kill('SIGKILL')
    expect((await running.ended).signal).toBe('SIGKILL')
  }
  const resumed = await saddlescope(...call)
  expect(resumed.status).toBe(0)
  const [one, other] = [whole, resumed].map(({ stdout }) => JSON.parse(stdout))
  expect(one.figures.resumed).toBe(0)
  expect(other.figures.resumed).toBeGreaterThanOrEqual(190)
  expect({ ...other.figures, resumed: 0 }).toEqual(one.figures)
  expect(other.checks).toEqual(one.checks)
  const names = readdirSync(made).filter((name) => /^tensor-4(-2)?$/.test(name))
  expect(names).toHaveLength(2)
  const sums = names.map((name) =>
    createHash('sha256')
      .update(readFileSync(join(made, name, 't3.npy')))
      .digest('hex')
  )
  expect(sums[1]).toBe(sums[0])
  // Nothing is kept once it is whole.
  expect(kept()).toEqual([])
}, 900_000)
