// Lyapunov exponents of the two chaotic presets over as many steps as their digits need, and an analysis that is stopped and killed on the way to the same bits.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { removeFolder, saddlescope, smallSpec, start, temporaryFolder, writeSpec } from '../integration/cli/saddlescope'

const folder = temporaryFolder()
const workspace = join(folder, 'workspace')
beforeAll(async () => {
  const spec = smallSpec({
    optimizer: { kind: 'momentum', learningRate: 0.05 },
    budget: { steps: 4 },
    checkpoints: { everySteps: 2, keep: 3 }
  })
  for (const words of [['logistic-map'], ['henon-map'], [writeSpec(folder, spec), '--id', 'net']])
    expect((await saddlescope('run', ...words, '--workspace', workspace)).status).toBe(0)
}, 120_000)
afterAll(() => removeFolder(folder))

const common = ['--json', '--workspace', workspace]
const call = (target: string, ...settings: string[]) => [
  'analyse',
  'lyapunov',
  target,
  ...common,
  ...settings.flatMap((one) => ['--set', one])
]
const figuresOf = (stdout: string) => (JSON.parse(stdout) as { figures: Record<string, number> }).figures

test('the logistic map: ln 2 in 10⁵ steps', async () => {
  const { stdout } = await saddlescope(...call('logistic-map:0', 'steps=100000'))
  expect(Math.abs(figuresOf(stdout).largest - Math.LN2)).toBeLessThan(1e-3)
}, 120_000)

test('the map of Hénon: 0.4192 in 10⁶ steps, with the sum ln 0.3', async () => {
  const { stdout } = await saddlescope(...call('henon-map:0', 'steps=1000000'))
  const { largest, sum, logDeterminant, kaplanYorke } = figuresOf(stdout)
  expect(Math.abs(largest - 0.4192)).toBeLessThan(1e-3)
  expect(Math.abs(sum - Math.log(0.3))).toBeLessThan(1e-10)
  expect(Math.abs(logDeterminant - Math.log(0.3))).toBeLessThan(1e-10)
  expect(Math.abs(kaplanYorke - 1.258)).toBeLessThan(3e-3)
}, 300_000)

test('interrupted and killed on the way it ends with the same bits', async () => {
  const made = join(workspace, 'runs', 'net', 'analyses')
  const kept = () => (existsSync(made) ? readdirSync(made) : []).filter((name) => name.startsWith('.lyapunov-'))
  /** Of what is put aside; null where nothing is. */
  const stamp = () => {
    const path = kept().map((name) => join(made, name, '0.npy'))[0]
    return path !== undefined && existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : null
  }
  const words = call('net:2', 'steps=10000', 'exponents=120')
  const whole = await saddlescope(...words)
  expect(whole.status).toBe(0)
  expect(kept()).toEqual([])

  // SIGINT as soon as it says how far it is: what it had is put aside at once.
  const interrupted = start(words)
  await interrupted.seen(/largest exponents/)
  interrupted.kill('SIGINT')
  expect((await interrupted.ended).status).toBe(130)
  const first = stamp()
  expect(first).not.toBeNull()
  // SIGKILL once more has been put aside.
  const killed = start(words)
  while (stamp() === first) await new Promise((resolve) => setTimeout(resolve, 50))
  killed.kill('SIGKILL')
  expect((await killed.ended).signal).toBe('SIGKILL')

  const resumed = await saddlescope(...words)
  expect(resumed.status).toBe(0)
  const [one, other] = [whole, resumed].map(({ stdout }) => JSON.parse(stdout))
  expect(one.figures.resumed).toBe(0)
  expect(other.figures.resumed).toBeGreaterThan(100)
  expect({ ...other.figures, resumed: 0 }).toEqual(one.figures)
  expect(other.checks).toEqual(one.checks)
  const names = readdirSync(made).filter((name) => name.startsWith('lyapunov-'))
  expect(names).toHaveLength(2)
  for (const array of ['exponents', 'running', 'errors']) {
    const [a, b] = names.map((name) => readFileSync(join(made, name, `${array}.npy`)))
    expect(a.equals(b)).toBe(true)
  }
  expect(kept()).toEqual([])
}, 600_000)
