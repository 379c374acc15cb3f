// The promise of docs/older-workspaces.md: a workspace that version 0.1.0 wrote opens, is looked at, goes on to the same bytes and exports, whatever became of the code since; a run of a later version is looked at and never changed.
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { metricsOf, saddlescope, start, statusOf, trace } from './saddlescope'

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

describe('a run of a later version', () => {
  const later = join(folder, 'later')
  const there = ['--workspace', later]
  /** What a later version may have written: newer documents, with keys that this one has never heard of. */
  const written: Record<string, readonly string[]> = {
    'all-newer': ['spec.json', 'status.json', 'meta.json'],
    'newer-spec': ['spec.json'],
    'newer-status': ['status.json'],
    'newer-meta': ['meta.json'],
    // Killed there: an own run like that would be put right at the start.
    'newer-killed': ['status.json']
  }
  const ids = Object.keys(written)

  const filesOf = (id: string) => {
    const run = join(later, 'runs', id)
    const entries = readdirSync(run, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    return Object.fromEntries(
      entries.map((entry) => {
        const path = join(entry.parentPath, entry.name)
        return [path.slice(run.length + 1), createHash('sha256').update(readFileSync(path)).digest('hex')]
      })
    )
  }
  const before: Record<string, Record<string, string>> = {}

  beforeAll(() => {
    for (const id of ids) {
      cpSync(runFolder('whole'), join(later, 'runs', id), { recursive: true })
      for (const name of written[id]) {
        const path = join(later, 'runs', id, name)
        const content = JSON.parse(readFileSync(path, 'utf8')) as object
        writeFileSync(
          path,
          JSON.stringify({
            ...content,
            ...(id === 'newer-killed' ? { state: 'running' } : {}),
            schemaVersion: 2,
            unheardOf: { kept: [1, 2, 3] }
          })
        )
      }
      before[id] = filesOf(id)
    }
  })

  test('is listed with the reason, shown, its spectrum read and exported with every byte', async () => {
    const { stderr } = await saddlescope('runs', ...there)
    for (const id of ids)
      expect(stderr).toMatch(
        new RegExp(`^${id}: .*(newer version \\(schemaVersion 2\\)|schemaVersion 2 is newer than this program's 1)`, 'm')
      )
    for (const id of ids) {
      const shown = await saddlescope('show', id, ...there)
      expect(shown.status, shown.stderr).toBe(0)
      expect(shown.stdout + shown.stderr).toMatch(/schemaVersion 2 is newer than this program's 1/)
      const spectrum = await saddlescope('spectrum', id, '--step', '10', ...there)
      expect(spectrum.status, spectrum.stderr).toBe(0)
      const out = join(folder, `${id}-out`)
      const exported = await saddlescope('export', id, '--out', out, ...there)
      expect(exported.status, exported.stderr).toBe(0)
      for (const name of ['spec.json', 'status.json', 'meta.json', 'metrics.ndjson'])
        expect(
          createHash('sha256')
            .update(readFileSync(join(out, name)))
            .digest('hex'),
          `${id}: ${name}`
        ).toBe(before[id][name])
    }
  })

  test.each(ids)('%s is neither resumed nor pruned, in one sentence', async (id) => {
    for (const words of [
      ['resume', id, '--set', 'budget.steps=20'],
      ['prune', id, '--hessians'],
      ['prune', id]
    ]) {
      const { status, stderr } = await saddlescope(...words, ...there)
      expect([status, stderr.trim().split('\n')]).toEqual([
        2,
        [expect.stringMatching(/schemaVersion 2 is newer than this program's 1; (it|the run) can be looked at, not (run|changed)$/)]
      ])
    }
    expect(filesOf(id)).toEqual(before[id])
  })

  test('is left alone by a workbench that starts on it', async () => {
    const served = start(['serve', '--no-demo', '--port', '0', ...there])
    await served.seen(/#token=/)
    served.kill('SIGTERM')
    const { status, stderr } = await served.ended
    expect(status, stderr).toBe(0)
    for (const id of ids) expect(filesOf(id), id).toEqual(before[id])
  })
})
