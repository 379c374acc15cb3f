// Faults of files, killed owners and odd names, as a user at a terminal meets them.
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { metricsOf, removeFolder, saddlescope, statusOf, temporaryFolder, writeSpec } from './saddlescope'

const program = join(import.meta.dirname, '..', '..', '..', 'out', 'main', 'cli.js')
const folder = temporaryFolder()
const workspace = join(folder, 'workspace')
const at = ['--workspace', workspace]
const runFolder = (id: string) => join(workspace, 'runs', id)
const xor = (changes: Record<string, unknown> = {}) => ({
  schemaVersion: 1,
  name: 'xor',
  data: { dataset: 'xor' },
  model: { layers: [2, 4, 2], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal' } },
  loss: 'half-sse',
  optimizer: { kind: 'sfn' },
  budget: { steps: 45 },
  checkpoints: { everySteps: 5, keep: 20 },
  snapshots: { everySteps: 10 },
  ...changes
})

/** Every file below a folder with its size and times: what a command changed is seen in it. */
function listing(path: string): Record<string, string> {
  const found: Record<string, string> = {}
  const walk = (below: string) => {
    const stats = statSync(join(path, below))
    found[below] = stats.isDirectory() ? `folder ${stats.mtimeMs}` : `${stats.size} ${stats.mtimeMs}`
    if (stats.isDirectory()) for (const name of readdirSync(join(path, below))) walk(join(below, name))
  }
  walk('.')
  return found
}

beforeAll(async () => {
  const { status, stderr } = await saddlescope('run', writeSpec(folder, xor()), '--id', 'whole', ...at)
  expect(status, stderr).toBe(0)
})
afterAll(() => removeFolder(folder))

const copyOf = (id: string) => cpSync(runFolder('whole'), runFolder(id), { recursive: true })

describe('a damaged line in the middle of metrics.ndjson', () => {
  const sentence = 'metrics.ndjson has no whole line for step 12, whose figures are missing; 1 damaged line in it is left as it is'
  test('costs its own figures only: resume goes on from step 45 and says so, export too', async () => {
    copyOf('spoilt')
    const path = join(runFolder('spoilt'), 'metrics.ndjson')
    const lines = readFileSync(path, 'utf8').split('\n')
    lines[11] = '\0'.repeat(lines[11].length)
    writeFileSync(path, lines.join('\n'))
    const resumed = await saddlescope('resume', 'spoilt', '--set', 'budget.steps=46', ...at)
    expect(resumed.status, resumed.stderr).toBe(0)
    expect(resumed.stderr).toContain(`${sentence}\n`)
    expect(resumed.stderr).toMatch(/run spoilt .*, from step 45\n/)
    expect(statusOf(runFolder('spoilt'))).toMatchObject({ state: 'done', step: 46 })
    // Nothing of the whole run is gone or changed.
    for (const kind of ['checkpoints', 'snapshots'])
      for (const name of readdirSync(join(runFolder('whole'), kind)))
        for (const file of readdirSync(join(runFolder('whole'), kind, name)))
          expect(readFileSync(join(runFolder('spoilt'), kind, name, file))).toEqual(
            readFileSync(join(runFolder('whole'), kind, name, file))
          )
    const after = readFileSync(path, 'utf8').split('\n')
    expect(after.slice(0, 45)).toEqual(lines.slice(0, 45))
    expect(JSON.parse(after[45])).toMatchObject({ step: 46 })

    const out = join(folder, 'exported')
    const exported = await saddlescope('export', 'spoilt', '--out', out, '--json', ...at)
    expect(exported.status).toBe(0)
    expect(exported.stderr).toBe(`${sentence}\n`)
    expect(JSON.parse(exported.stdout)).toMatchObject({ notes: [sentence] })
    expect(readFileSync(join(out, 'README.md'), 'utf8')).toContain(sentence)
    const csv = readFileSync(join(out, 'metrics.csv'), 'utf8').trimEnd().split('\r\n')
    const [names, ...rows] = csv.map((row) => row.split(','))
    const losses = new Map(metricsOf(runFolder('whole')).map(({ step, loss }) => [step, loss]))
    expect(rows.length).toBe(46)
    for (const row of rows.slice(0, 45)) {
      const step = Number(row[0])
      expect(row[names.indexOf('loss')]).toBe(step === 12 ? '' : String(losses.get(step)))
    }
    const shown = await saddlescope('show', 'spoilt', ...at)
    expect(shown.stdout).toContain(`damage       ${sentence}\n`)
    expect((JSON.parse((await saddlescope('show', 'spoilt', '--json', ...at)).stdout) as { damage: string[] }).damage).toEqual([sentence])
  })
})

describe('a run with an empty status.json', () => {
  test('is listed and shown with the reason, goes on, and can be removed', async () => {
    copyOf('hollow')
    writeFileSync(join(runFolder('hollow'), 'status.json'), '')
    const listed = await saddlescope('runs', ...at)
    expect(listed.status).toBe(0)
    expect(listed.stderr).toBe('hollow: status.json: is empty\n')
    expect(listed.stdout).toMatch(/^hollow +interrupted +sfn +xor +45\/45/m)
    const shown = await saddlescope('show', 'hollow', ...at)
    expect(shown.status).toBe(0)
    expect(shown.stdout).toMatch(/^damage +status\.json: is empty$/m)
    const resumed = await saddlescope('resume', 'hollow', '--set', 'budget.steps=46', ...at)
    expect(resumed.status, resumed.stderr).toBe(0)
    expect(resumed.stderr).toMatch(/from step 45\n/)
    expect(statusOf(runFolder('hollow'))).toMatchObject({ state: 'done', step: 46 })

    writeFileSync(join(runFolder('hollow'), 'status.json'), '')
    const removed = await saddlescope('rm', 'hollow', ...at)
    expect(removed).toMatchObject({ status: 0, stderr: 'moved to the trash: hollow\n' })
    expect(existsSync(runFolder('hollow'))).toBe(false)
  })
  test('one with a torn spec.json is refused by resume with the reason, shown, exported and removed', async () => {
    copyOf('specless')
    const torn = readFileSync(join(runFolder('specless'), 'spec.json'), 'utf8').slice(0, 40)
    writeFileSync(join(runFolder('specless'), 'spec.json'), torn)
    const before = listing(runFolder('specless'))
    const resumed = await saddlescope('resume', 'specless', ...at)
    expect(resumed.status).toBe(1)
    expect(resumed.stderr).toMatch(/^\S+spec\.json: is not valid JSON \(.*\)\n$/)
    expect(listing(runFolder('specless'))).toEqual(before)
    expect((await saddlescope('show', 'specless', ...at)).stdout).toMatch(/^damage +\S+spec\.json: is not valid JSON/m)
    const exported = await saddlescope('export', 'specless', '--out', join(folder, 'specless.zip'), ...at)
    expect(exported).toMatchObject({ status: 0, stderr: expect.stringMatching(/^spec\.json: is not valid JSON/) })
    expect((await saddlescope('rm', 'specless', ...at)).status).toBe(0)
    expect((await saddlescope('rm', 'specless', ...at)).stderr).toMatch(/there is no run "specless"/)
  })
})

describe('a workspace that may only be read', () => {
  test('is enough for every command that only reads: nothing in it changes', async () => {
    // Only what a run needs, on a drive of its own: no command makes the other folders. (Permissions do not stop everybody; times tell.)
    const place = join(folder, 'read-only')
    mkdirSync(join(place, 'runs'), { recursive: true })
    cpSync(runFolder('whole'), join(place, 'runs', 'whole'), { recursive: true })
    const folders = Object.entries(listing(place)).filter(([, kind]) => kind.startsWith('folder'))
    for (const [name] of folders) chmodSync(join(place, name), 0o555)
    const before = listing(place)
    const spec = join(folder, 'spec.json')
    try {
      for (const words of [
        ['runs'],
        ['show', 'whole'],
        ['spectrum', 'whole'],
        ['export', 'whole', '--out', join(folder, 'from-read-only')],
        ['export', 'whole', '--out', join(folder, 'from-read-only.zip')],
        ['hessian', spec, '--at', 'whole:45', '--out', join(folder, 'hessian')],
        ['fd-sweep', spec, '--set', 'optimizer={"kind":"fd-newton"}', '--set', 'batch.size=2', '--at', 'whole:45'],
        ['datasets'],
        ['datasets', 'verify', 'xor'],
        ['prune', '--help']
      ]) {
        const { status, stderr } = await saddlescope(...words, ...(words.includes('--help') ? [] : ['--workspace', place]))
        expect(stderr, words.join(' ')).not.toMatch(/cannot|denied/)
        expect(status, `${words.join(' ')}: ${stderr}`).toBe(0)
      }
    } finally {
      for (const [name] of folders) chmodSync(join(place, name), 0o755)
    }
    const after = listing(place)
    expect(after).toEqual(before)
  })
})

describe('a run named to fool a terminal', () => {
  test('is shown harmlessly by every command that prints the name', async () => {
    const name = 'a\u001b[31mred\nb\u202edcba'
    const odd = writeSpec(folder, xor({ name, budget: { steps: 1 }, tags: ['t\u001b[2J'] }), 'odd.json')
    const made = await saddlescope('run', odd, '--id', 'odd', ...at)
    expect(made.status).toBe(0)
    const runs = await saddlescope('runs', '--filter', 'odd', ...at)
    expect(runs.stdout.split('\n')[1]).toMatch(/ a\\u001b\[31mred\\u000ab\\u202edcba$/)
    const texts = [made.stderr, runs.stdout, (await saddlescope('show', 'odd', ...at)).stdout]
    for (const words of [
      ['resume', '\u001b[31m'],
      ['run', '\u001b[31m.json'],
      ['runs', '\u001b[31m'],
      ['play', '\u001b[31m'],
      ['runs', '--filter', 'nope:\u001b[31m']
    ])
      texts.push((await saddlescope(...words)).stderr)
    const json = (await saddlescope('runs', '--json', ...at)).stdout
    for (const text of [...texts, json]) expect(text).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u)
    expect((JSON.parse(json) as { id: string; name: string }[]).find(({ id }) => id === 'odd')?.name).toBe(name)
  })
})

test('an expression may begin with a minus sign, and so may a start', async () => {
  const { status, stdout, stderr } = await saddlescope('play', '-x^2-y^2', '--from', '-1,2', '--steps', '1', '--optimizers', 'gd', '--json')
  expect(status, stderr).toBe(0)
  const { start, trajectories } = JSON.parse(stdout) as { start: number[]; trajectories: { values: number[] }[] }
  expect([start, trajectories[0].values[0]]).toEqual([[-1, 2], -5])
  expect((await saddlescope('run', '-none.json', ...at)).stderr).toMatch(/there is no spec file .*-none\.json/)
  expect((await saddlescope('play', '-x', '--form', '1')).stderr).toMatch(/unknown option '--form'/)
})

test('a killed run is free at once, while nobody has taken note of its death', async () => {
  const long = writeSpec(
    folder,
    xor({ name: 'long', budget: { steps: 10_000_000 }, snapshots: { everySteps: null }, checkpoints: { everySteps: 10 } }),
    'long.json'
  )
  const words = ['run', long, '--id', 'long', ...at]
  const group = process.platform !== 'win32'
  const child = spawn(process.execPath, [program, ...words], { detached: group, stdio: ['ignore', 'ignore', 'pipe'] })
  await new Promise<void>((resolve, reject) => {
    let text = ''
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (/^ +30 /m.test(text)) resolve()
    })
    child.on('close', () => reject(new Error(text)))
  })
  const call = (...more: string[]) => spawnSync(process.execPath, [program, ...more, ...at], { encoding: 'utf8' })
  // A living owner is refused without waiting for it to end.
  const refused = call('resume', 'long')
  expect(refused.status).toBe(1)
  expect(refused.stderr).toMatch(new RegExp(`^process ${child.pid} on .* is working on this run .*; wait for it or stop it there\\n$`))
  // From here on this process does nothing but wait for its next child: the killed one stays a zombie.
  if (group && child.pid) process.kill(-child.pid, 'SIGKILL')
  else child.kill('SIGKILL')
  const resumed = call('resume', 'long', '--set', `budget.steps=${lastStep('long')}`)
  expect(resumed.stderr).not.toMatch(/working on this run/)
  expect(resumed.status, resumed.stderr).toBe(0)
  expect(statusOf(runFolder('long')).state).toBe('done')
  expect(call('rm', 'long').status).toBe(0)
})

/** Step of the newest checkpoint: the budget that is spent after one more look at the disk. */
const lastStep = (id: string) =>
  Number(
    readdirSync(join(runFolder(id), 'checkpoints'))
      .filter((name) => !name.endsWith('.partial'))
      .sort()
      .at(-1)
      ?.slice(5)
  ) + 20
