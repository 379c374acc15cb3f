// The other commands, called as users call them: what they print for programs, and what they leave on disk.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseNpy, toFloat64 } from '../../../src/shared/npy'
import { metricsOf, removeFolder, saddlescope, smallSpec, temporaryFolder, writeSpec } from './saddlescope'

const folder = temporaryFolder()
const workspace = join(folder, 'workspace')
const at = ['--workspace', workspace]
const spec = writeSpec(folder, smallSpec({ budget: { steps: 21 }, snapshots: { everySteps: 7, eigenvectors: 4, hessian: true } }))
const P = 100 * 3 + 3 + 3 * 10 + 10

async function json<T>(...args: string[]): Promise<T> {
  const { status, stdout, stderr } = await saddlescope(...args, '--json')
  expect(status, stderr).toBe(0)
  return JSON.parse(stdout) as T
}
const array = (path: string) => {
  const npy = parseNpy(readFileSync(path), path)
  return { shape: [...npy.shape], data: toFloat64(npy) }
}

beforeAll(async () => {
  const { status, stderr } = await saddlescope('run', spec, '--id', 'one', ...at)
  expect(status, stderr).toBe(0)
})
afterAll(() => removeFolder(folder))

test('--help lists the commands there are and ends with 0', async () => {
  const { status, stdout } = await saddlescope('--help')
  expect(status).toBe(0)
  for (const name of [
    'run',
    'resume',
    'presets',
    'runs',
    'show',
    'rm',
    'hessian',
    'spectrum',
    'export',
    'import',
    'datasets',
    'play',
    'fd-sweep',
    'prune',
    'bench',
    'doctor',
    'serve'
  ])
    expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'))
})

describe('run --json', () => {
  test('is NDJSON: a start, a line a step that agrees with metrics.ndjson, an end; people’s output stays off stdout', async () => {
    const { status, stdout } = await saddlescope('run', spec, '--id', 'lines', '--json', ...at)
    expect(status).toBe(0)
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(events[0]).toMatchObject({ event: 'start', run: 'lines', step: 0 })
    expect(events.at(-1)).toMatchObject({ event: 'end', state: 'done', step: 21, stepsDone: 21 })
    const steps = events.filter(({ event }) => event === 'step').map(({ event: _event, ...line }) => line)
    expect(steps).toEqual(metricsOf(join(workspace, 'runs', 'lines')))
    expect(events.filter(({ event }) => event === 'snapshot').map(({ step }) => step)).toEqual([0, 7, 14, 21])
  })
})

describe('presets', () => {
  test('are listed, and printed as full specs that run', async () => {
    const list = await json<{ name: string; cost: string }[]>('presets')
    expect(list.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['sfn-cifar100', 'fd-newton-cifar100', 'sfn-mnist10', 'face-off-mnist10'])
    )
    expect(list.every(({ cost }) => cost.length > 0)).toBe(true)
    const full = JSON.parse((await saddlescope('presets', 'sfn-cifar100')).stdout) as Record<string, Record<string, unknown>>
    expect(full.model).toMatchObject({
      layers: [50, 50, 100],
      activation: { kind: 'leaky-relu', slope: 0.5 },
      bias: false,
      init: { kind: 'fan-sum-normal' }
    })
    expect(full.optimizer).toMatchObject({ scope: 'layer-blocks', damping: { kind: 'abs-of-shifted', value: 0.1 }, learningRate: 0.1 })
    expect(full.evaluate).toEqual({ everySteps: 50, everyEpochs: null, histograms: false })
    const path = writeSpec(folder, JSON.parse((await saddlescope('presets', 'sfn-mnist10')).stdout), 'preset.json')
    expect((await saddlescope('run', path, '--id', 'preset', '--set', 'budget.steps=1', ...at)).status).toBe(0)
  })
})

describe('runs, show, spectrum, rm', () => {
  test('runs lists and filters', async () => {
    const rows = await json<{ id: string; state: string; step: number }[]>('runs', '--filter', 'optimizer:sfn', ...at)
    expect(rows.find(({ id }) => id === 'one')).toMatchObject({ state: 'done', step: 21 })
    expect(await json<unknown[]>('runs', '--filter', 'optimizer:adam', ...at)).toEqual([])
    expect((await saddlescope('runs', '--filter', 'loss<', ...at)).status).toBe(2)
  })
  test('show has the spec, the state and what is stored', async () => {
    const shown = await json<{ spec: { seed: number }; status: { state: string }; snapshots: { step: number }[]; checkpoints: number[] }>(
      'show',
      'one',
      ...at
    )
    expect(shown.spec.seed).toBe(3)
    expect(shown.snapshots.map(({ step }) => step)).toEqual([0, 7, 14, 21])
    expect(shown.checkpoints).toContain(21)
    expect((await saddlescope('show', 'one', ...at)).stdout).toMatch(/^state +done$/m)
  })
  test('spectrum gives all eigenvalues in order, of the newest snapshot or any other', async () => {
    const newest = await json<{ step: number; blocks: { eigenvalues: number[]; checks: Record<string, number> }[] }>(
      'spectrum',
      'one',
      ...at
    )
    expect(newest.step).toBe(21)
    const { eigenvalues, checks } = newest.blocks[0]
    expect(eigenvalues).toHaveLength(P)
    expect(eigenvalues).toEqual([...eigenvalues].sort((a, b) => a - b))
    expect(checks.trace).toBeLessThan(1e-12)
    expect((await json<{ step: number }>('spectrum', 'one', '--step', '7', ...at)).step).toBe(7)
    expect((await saddlescope('spectrum', 'one', '--step', '8', ...at)).stderr).toMatch(/no snapshot of step 8; it has 0, 7, 14, 21/)
  })
  test('rm moves to the trash', async () => {
    expect((await saddlescope('run', spec, '--id', 'gone', '--set', 'budget.steps=1', ...at)).status).toBe(0)
    expect((await saddlescope('rm', 'gone', 'nobody', ...at)).status).toBe(2)
    expect(existsSync(join(workspace, 'runs', 'gone'))).toBe(true)
    expect((await saddlescope('rm', 'gone', ...at)).status).toBe(0)
    expect(existsSync(join(workspace, 'runs', 'gone'))).toBe(false)
    expect(readdirSync(join(workspace, 'trash'))).toHaveLength(1)
  })
})

interface HessianReport {
  P: number
  blocks: { name: string; size: number }[]
  seconds: { assembly: number[]; eigen: number; write: number }
  checks: Record<string, Record<string, number>>
  files: string[]
}

describe('hessian', () => {
  test('writes gradient, the whole matrix and its eigenvalues; --repeat times assemblies', async () => {
    const out = join(folder, 'full')
    const report = await json<HessianReport>('hessian', spec, '--out', out, '--scope', 'full', '--repeat', '3', '--vectors', ...at)
    expect(report.P).toBe(P)
    expect(report.seconds.assembly).toHaveLength(3)
    expect(report.files.sort()).toEqual(readdirSync(out).sort())
    const hessian = array(join(out, 'hessian.npy'))
    const values = array(join(out, 'eigenvalues.full.npy')).data
    const vectors = array(join(out, 'eigenvectors.full.npy'))
    expect(hessian.shape).toEqual([P, P])
    expect(array(join(out, 'gradient.npy')).shape).toEqual([P])
    let worst = 0
    for (let row = 0; row < P; row++)
      for (const column of [0, P >> 1, P - 1]) {
        let product = 0
        for (let k = 0; k < P; k++) product += hessian.data[row * P + k] * vectors.data[k * P + column]
        worst = Math.max(worst, Math.abs(product - values[column] * vectors.data[row * P + column]))
      }
    expect(worst).toBeLessThan(1e-12)
    for (const check of Object.values(report.checks.full)) expect(check).toBeLessThan(1e-6)
  })
  test('by layer blocks, each block equal to its part of the whole; the weights of a run', async () => {
    const [first, later] = [join(folder, 'blocks'), join(folder, 'later')]
    const report = await json<HessianReport>('hessian', spec, '--out', first, '--scope', 'layer-blocks', ...at)
    expect(report.blocks).toEqual([
      { name: 'W1', size: 303, units: 1 },
      { name: 'W2', size: 40, units: 1 }
    ])
    const [whole, block] = [array(join(folder, 'full', 'hessian.npy')), array(join(first, 'hessian.W2.npy'))]
    let difference = 0
    for (let i = 0; i < 40; i++)
      for (let j = 0; j < 40; j++) difference = Math.max(difference, Math.abs(whole.data[(303 + i) * P + 303 + j] - block.data[i * 40 + j]))
    expect(difference).toBeLessThan(1e-13)
    await json<HessianReport>('hessian', spec, '--out', later, '--scope', 'layer-blocks', '--at', 'one:21', ...at)
    expect(array(join(later, 'gradient.npy')).data).not.toEqual(array(join(first, 'gradient.npy')).data)
    const wrong = await saddlescope('hessian', spec, '--out', later, '--at', 'one:5', ...at)
    expect(wrong.status).toBe(2)
    expect(wrong.stderr).toMatch(/run "one" has no stored weights of step 5; it has 0/)
  })
  test('what does not fit is refused beforehand with what it needs and what there is', async () => {
    const out = join(folder, 'huge')
    const { status, stderr } = await saddlescope('hessian', spec, '--out', out, '--set', 'model.layers=[100,900,10]', ...at)
    expect(status).toBe(1)
    expect(stderr).toMatch(/needs [\d.]+ [GT]B.*[\d.]+ [GMT]B/)
    expect(existsSync(out)).toBe(false)
  })
})

describe('export and import', () => {
  test('a run goes out and comes back the same; a Hessian from elsewhere becomes a snapshot', async () => {
    const out = join(folder, 'one.zip')
    await json('export', 'one', '--out', out, ...at)
    const { run } = await json<{ run: string }>('import', out, '--id', 'back', ...at)
    expect(run).toBe('back')
    expect(metricsOf(join(workspace, 'runs', 'back'))).toEqual(metricsOf(join(workspace, 'runs', 'one')))
    const { run: matrix } = await json<{ run: string }>('import', join(folder, 'full', 'hessian.npy'), '--id', 'matrix', ...at)
    const { blocks } = await json<{ blocks: { eigenvalues: number[] }[] }>('spectrum', matrix, ...at)
    const own = array(join(folder, 'full', 'eigenvalues.full.npy')).data
    expect(Math.max(...blocks[0].eigenvalues.map((value, k) => Math.abs(value - own[k])))).toBeLessThan(1e-13)
  })
  test('prune keeps the first, the last and every k-th snapshot', async () => {
    const [report] = await json<{ run: string; steps: number[]; bytes: number }[]>('prune', 'one', ...at)
    expect(report.steps).toEqual([7, 14])
    expect(report.bytes).toBeGreaterThan(P * P * 8)
    expect(readdirSync(join(workspace, 'runs', 'one', 'snapshots'))).toEqual(['step-000000', 'step-000021'])
  })
})

describe('functions', () => {
  test('play gives each optimizer’s trajectory', async () => {
    const { trajectories } = await json<{ trajectories: { points: number[][] }[] }>(
      'play',
      '5*x^2 - y^2',
      '--optimizers',
      'gd,damped-newton',
      '--from',
      '1,2',
      '--steps',
      '4'
    )
    expect(trajectories.map(({ points }) => points.length)).toEqual([5, 5])
    expect(trajectories[0].points[1][0]).toBeCloseTo(1 - 0.01 * 10, 12)
    expect(trajectories[0].points[1][1]).toBeCloseTo(2 + 0.01 * 4, 12)
    expect((await saddlescope('play', 'rosenbrok')).status).toBe(2)
    expect((await saddlescope('play', 'x^2', '--optimizers', 'gdd')).stderr).toMatch(/optimizer\.kind: must be one of .*did you mean "gd"/)
  })
  test('a function runs, is stored and resumed like any other', async () => {
    const path = writeSpec(
      folder,
      {
        schemaVersion: 1,
        name: 'saddle',
        problem: { kind: 'function', function: 'x^2 - y^2', start: [1, 0.1] },
        optimizer: { kind: 'sfn', learningRate: 0.5 },
        budget: { steps: 3 }
      },
      'saddle.json'
    )
    expect((await saddlescope('run', path, '--id', 'saddle', ...at)).status).toBe(0)
    expect((await saddlescope('resume', 'saddle', '--set', 'budget.steps=5', ...at)).status).toBe(0)
    expect(metricsOf(join(workspace, 'runs', 'saddle'))).toHaveLength(5)
  })
  test('fd-sweep has the error for each r', async () => {
    const settings = ['optimizer={"kind":"fd-newton"}', 'loss=half-sse', 'model.layers=[100,10]', 'model.bias=false', 'batch.size=40']
    const rows = await json<{ r: number; twoSided: number | null }[]>('fd-sweep', spec, ...settings.flatMap((one) => ['--set', one]), ...at)
    expect(rows[0].r).toBeCloseTo(0.1)
    expect(rows.at(-1)?.r).toBeCloseTo(1e-14)
    const errors = rows.flatMap(({ r, twoSided }) => (twoSided !== null && r <= 1e-3 && r >= 1e-7 ? [twoSided] : []))
    expect(Math.min(...errors)).toBeLessThan(1e-6)
  })
})

test('doctor says what the machine offers', async () => {
  const rows = await json<{ name: string; value: string; ok: boolean }[]>('doctor', ...at)
  const names = rows.map(({ name }) => name)
  for (const name of ['Node', 'processor', 'LAPACK backend', 'WebAssembly backend', 'backend in use', 'workspace', 'free disk', 'Electron'])
    expect(names).toContain(name)
  expect(rows.every(({ ok }) => ok)).toBe(true)
})

test('doctor says which linear-algebra library computes, and where it comes from', async () => {
  type Row = { name: string; value: string; ok: boolean; facts?: Record<string, string | null> }
  const rowOf = (rows: Row[], name: string) => rows.find((row) => row.name === name) as Row
  const rows = await json<Row[]>('doctor', ...at)
  const [inUse, { value, facts }] = [rowOf(rows, 'backend in use').value, rowOf(rows, 'linear algebra library')]
  expect(Object.keys(facts ?? {}).sort()).toEqual(['core', 'file', 'kind', 'released', 'source', 'version'])
  expect(['named', 'bundled', 'system', 'embedded']).toContain(facts?.source)
  expect(facts?.source === 'embedded').toBe(inUse.startsWith('wasm'))
  if (facts?.kind === 'OpenBLAS') {
    expect(inUse).toContain(`OpenBLAS ${facts.version}, ${facts.core}`)
    expect(value).toContain(`OpenBLAS ${facts.version}`)
    expect(value).toContain(facts.file)
    expect(value).toContain(`released ${facts.released}`)
  }
})
