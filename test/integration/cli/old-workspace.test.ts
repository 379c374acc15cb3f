// A workspace that version 0.1.0 wrote opens, is looked at, goes on to the same bytes and exports, whatever became of the code since.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { metricsOf, saddlescope, statusOf, trace } from './saddlescope'

const folder = mkdtempSync(join(tmpdir(), 'saddlescope-old-'))
const at = ['--workspace', join(folder, 'workspace')]
const runFolder = (id: string) => join(folder, 'workspace', 'runs', id)

beforeAll(() => {
  const archive = unzipSync(readFileSync(join(import.meta.dirname, '../../reference/old-workspace/workspace.zip')))
  for (const [name, bytes] of Object.entries(archive)) {
    if (name.endsWith('/')) continue
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), bytes)
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What two runs of one trajectory share. Of checkpoints only the end's: which others are kept depends on where a run was stopped. */
function trajectory(id: string) {
  const { step } = statusOf(runFolder(id)) as { step: number }
  return Object.fromEntries(
    Object.entries(trace(runFolder(id))).filter(
      ([name]) => !name.startsWith('checkpoints/') || name.includes(`step-${String(step).padStart(6, '0')}`)
    )
  )
}

describe('a workspace of version 0.1.0', () => {
  test('lists its runs, its dataset and a spectrum', async () => {
    const runs = await saddlescope('runs', '--json', ...at)
    expect(runs.status, runs.stderr).toBe(0)
    const rows = JSON.parse(runs.stdout) as { id: string; state: string; step: number }[]
    expect(rows.map(({ id, state, step }) => `${id} ${state} ${step}`).sort()).toEqual([
      'stopped done 7',
      'valley done 8',
      'valley-stopped done 5',
      'whole done 12'
    ])
    const verified = await saddlescope('datasets', 'verify', 'points', ...at)
    expect(verified.status, verified.stderr).toBe(0)
    const spectrum = await saddlescope('spectrum', 'whole', '--step', '10', '--json', ...at)
    expect(spectrum.status, spectrum.stderr).toBe(0)
    const bytes = readFileSync(join(runFolder('whole'), 'snapshots', 'step-000010', 'eigenvalues.W1.npy'))
    const stored = Array.from({ length: 9 }, (_, i) => bytes.readDoubleLE(bytes.length - 72 + 8 * i))
    expect(spectrum.stdout).toContain(String(stored[0]))
    expect(spectrum.stdout).toContain(String(stored[8]))
  })

  test.each([
    ['stopped', 'whole', 12],
    ['valley-stopped', 'valley', 8]
  ])('%s goes on to the bytes of %s', async (stopped, whole, steps) => {
    const before = trajectory(whole)
    expect(Object.keys(before).length).toBeGreaterThan(2)
    const resumed = await saddlescope('resume', stopped, '--set', `budget.steps=${steps}`, ...at)
    expect(resumed.status, resumed.stderr).toBe(0)
    expect(trajectory(stopped)).toEqual(before)
  })

  test('exports, and takes its export back', async () => {
    const out = join(folder, 'whole.zip')
    const exported = await saddlescope('export', 'whole', '--out', out, ...at)
    expect(exported.status, exported.stderr).toBe(0)
    const members = unzipSync(readFileSync(out))
    const lines = new TextDecoder().decode(members['metrics.csv']).trim().split('\r\n')
    const losses = lines.slice(1).map((line) => Number(line.split(',')[lines[0].split(',').indexOf('loss')]))
    expect(losses).toEqual(metricsOf(runFolder('whole')).map(({ loss }) => loss))
    const imported = await saddlescope('import', out, '--id', 'again', ...at)
    expect(imported.status, imported.stderr).toBe(0)
    expect(trace(runFolder('again'))).toEqual(trace(runFolder('whole')))
  })
})
