// A map whose process is killed goes on from the tiles it had put aside, and in the end has the bits of one that never stopped.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { removeFolder, saddlescope, start, temporaryFolder } from '../integration/cli/saddlescope'

const folder = temporaryFolder()
const workspace = join(folder, 'workspace')
afterAll(() => removeFolder(folder))

const call = ['analyse', 'map', 'net:0', '--set', 'x.count=96', '--set', 'y.count=96', '--json', '--workspace', workspace]
const made = join(workspace, 'runs', 'net', 'analyses')
const tiles = () => {
  const kept = (existsSync(made) ? readdirSync(made) : []).filter((name) => name.startsWith('.map-'))
  return kept.flatMap((name) => readdirSync(join(made, name))).filter((name) => name.endsWith('.npy'))
}

test('two kills on the way', async () => {
  expect((await saddlescope('run', 'trainability-quick', '--id', 'net', '--workspace', workspace)).status).toBe(0)
  const whole = await saddlescope(...call)
  expect(whole.status).toBe(0)
  for (const least of [5, 25]) {
    const running = start(call)
    while (tiles().length < least) await new Promise((resolve) => setTimeout(resolve, 20))
    running.kill('SIGKILL')
    expect((await running.ended).signal).toBe('SIGKILL')
  }
  const resumed = await saddlescope(...call)
  const [one, other] = [whole, resumed].map(({ stdout }) => JSON.parse(stdout))
  expect(one.figures.resumed).toBe(0)
  expect(other.figures.resumed).toBeGreaterThanOrEqual(25)
  expect({ ...other.figures, resumed: 0 }).toEqual(one.figures)
  const names = readdirSync(made).filter((name) => /^map-0(-2)?$/.test(name))
  expect(names).toHaveLength(2)
  for (const array of ['value', 'outcome'])
    expect(readFileSync(join(made, names[1], `${array}.npy`)).equals(readFileSync(join(made, names[0], `${array}.npy`)))).toBe(true)
  expect(tiles()).toEqual([])
}, 300_000)
