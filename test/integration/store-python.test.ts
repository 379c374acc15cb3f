// What a real run wrote, read back by this program's readers, and by NumPy and pandas where a Python with both is present.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  metricsService,
  readCheckpoint,
  readEigenvalues,
  readManifest,
  readWorkspace,
  snapshotSteps,
  checkpointSteps
} from '../../src/store'

const program = process.env['SADDLESCOPE_PROGRAM'] ?? resolve('out/main/cli.js')
const python = [process.env['SADDLESCOPE_PYTHON'], 'python3'].find(
  (name) => name !== undefined && spawnSync(name, ['-c', 'import numpy, pandas']).status === 0
)
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'saddlescope-python-'))
  const spec = {
    schemaVersion: 1,
    name: 'read back',
    data: { dataset: 'xor' },
    model: { layers: [null, 6, 2], activation: { kind: 'tanh' }, bias: true },
    loss: 'half-sse',
    batch: { size: 2, shuffle: true },
    budget: { steps: 60 },
    snapshots: { everySteps: 20, hessian: true },
    checkpoints: { everySteps: 20 },
    evaluate: { everySteps: 30 }
  }
  for (const [id, scope, precision] of [
    ['full', 'full', 'float64'],
    ['blocks', 'layer-blocks', 'float32'],
    ['units', 'unit-blocks', 'float64']
  ]) {
    const path = join(folder, `${id}.json`)
    writeFileSync(path, JSON.stringify({ ...spec, optimizer: { kind: 'sfn', scope }, snapshots: { ...spec.snapshots, precision } }))
    const run = spawnSync(process.execPath, [program, 'run', path, '--id', id, '--workspace', join(folder, 'workspace')], {
      encoding: 'utf8'
    })
    if (run.status !== 0) throw new Error(run.stderr)
    const words = ['analyse', 'critical-points', `${id}:40`, '--set', 'starts=2', '--set', 'iterations=5']
    const analysis = spawnSync(process.execPath, [program, ...words, '--workspace', join(folder, 'workspace')], { encoding: 'utf8' })
    if (analysis.status !== 0) throw new Error(analysis.stderr)
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(['full', 'blocks', 'units'])('a run with scope %s', (id) => {
  it('reads back through the store', async () => {
    const workspace = readWorkspace(join(folder, 'workspace'))
    expect(await snapshotSteps(workspace, id)).toEqual([0, 20, 40, 60])
    expect(await checkpointSteps(workspace, id)).toEqual([0, 20, 40, 60])
    const manifest = await readManifest(workspace, { run: id, step: 40 })
    expect(manifest.blocks.map((block) => [block.name, block.offset])).toEqual(
      id === 'full'
        ? [['full', 0]]
        : [
            ['W1', 0],
            ['W2', 18]
          ]
    )
    const { parameters } = await readCheckpoint(workspace, id, 40)
    expect(parameters.length).toBe(32)
    const { values } = await readEigenvalues(workspace, { run: id, step: 40 }, manifest.blocks[0].name)
    const metrics = await metricsService(workspace).read(id, { columns: ['loss', 'testAccuracy'] })
    expect(metrics.total).toBe(60)
    expect(metrics.columns['testAccuracy'][29]).toBeGreaterThanOrEqual(0)
    expect(values.every(Number.isFinite)).toBe(true)
  })

  it.runIf(python)('is what it says to NumPy and pandas', () => {
    const script = join('test', 'reference', 'store', 'read_with_python.py')
    const read = spawnSync(python ?? '', [script, join(folder, 'workspace', 'runs', id)], { encoding: 'utf8' })
    expect(read.stderr).toBe('')
    expect(read.stdout).toMatch(new RegExp(`^${id}: 60 metrics lines, 4 checkpoints, 4 snapshots, \\d+ arrays: all as they say`))
  })

  it('exports to a folder whose notebook runs where Python does', () => {
    const out = join(folder, `exported-${id}`)
    const exported = spawnSync(process.execPath, [program, 'export', id, '--out', out, '--workspace', join(folder, 'workspace')], {
      encoding: 'utf8'
    })
    expect(exported.stderr + String(exported.status)).toMatch(/0$/)
    expect(readFileSync(join(out, 'metrics.csv'), 'utf8').split('\r\n')).toHaveLength(62)
    if (!python) return
    const notebook = spawnSync(python, ['notebook.py'], { cwd: out, encoding: 'utf8' })
    expect(notebook.stderr).toBe('')
    expect(notebook.stdout).toMatch(/lambda_min/)
    expect(notebook.stdout).toMatch(/critical-points-40 \{'starts': 2/)
    expect(notebook.stdout).toMatch(/points \(2, 32\) weights there, a row a search/)
    expect(notebook.stdout).toMatch(/gradNorm \(2,\) ‖g‖ there \[of the loss per weight\]/)
  })
})
