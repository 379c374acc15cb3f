// The tarball that `npm pack` makes, installed globally into an empty prefix as on a remote box: what is in it, what it needs, and that it works, on this Node and on Node 24.
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, openBrowser, watchConsole } from '../e2e/support'
import { filesBelow } from './disk'
import { fetchNode, linkIn, makeFolder, root, strangersEnvironment } from './support'

const execute = promisify(execFile)
const folder = makeFolder()
interface Packed {
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}
let packed: Packed
let browser: Browser

beforeAll(async () => {
  // By the ordinary npm, which builds what is stale first.
  const { stdout } = await execute('npm', ['pack', '--json', '--pack-destination', folder.path], { cwd: root, maxBuffer: 1 << 24 })
  const answer = JSON.parse(stdout.slice(stdout.search(/^[[{]/m))) as Packed[] | Record<string, Packed>
  packed = Object.values(answer)[0]
  browser = await openBrowser()
}, 300_000)
afterAll(async () => {
  await browser?.close()
  folder.remove()
})

/** Of the tarball, in bytes. What makes it larger has to be worth it. */
const budget = 6_000_000

it('holds what the programs need and nothing else', () => {
  const paths = packed.files.map(({ path }) => path)
  process.stdout.write(
    `${packed.filename}: ${(packed.size / 1e6).toFixed(1)} MB, ${(packed.unpackedSize / 1e6).toFixed(1)} MB unpacked, ${paths.length} files\n`
  )
  const belongs = [
    /^(package\.json|README\.md|LICENSE|CITATION\.cff)$/,
    /^out\/(package\.json|THIRD-PARTY\.txt)$/,
    /^out\/main\/(chunks\/)?[\w-]+\.js$/,
    /^out\/renderer\/(index\.html|assets\/[\w.-]+)$/,
    /^out\/wasm\/kernels(-256(-fma)?)?\.wasm$/,
    /^resources\/(datasets\/mnist10\.(json|bin\.br))$/,
    /^bench\/python\/\w+\.py$/
  ]
  expect(paths.filter((path) => !belongs.some((pattern) => pattern.test(path)))).toEqual([])
  for (const path of [
    'out/main/cli.js',
    'out/main/engine.js',
    'out/main/linalg-worker.js',
    'out/main/map-worker.js',
    'out/wasm/kernels.wasm',
    'out/wasm/kernels-256.wasm',
    'out/wasm/kernels-256-fma.wasm',
    'out/renderer/index.html',
    'LICENSE',
    'out/THIRD-PARTY.txt'
  ])
    expect(paths).toContain(path)
  const licences = readFileSync(join(root, 'out', 'THIRD-PARTY.txt'), 'utf8')
  for (const name of ['@vue/runtime-core', 'echarts', 'mathjs', 'reka-ui', 'zod', 'koffi']) expect(licences).toContain(`\n${name} `)
  expect(packed.size).toBeLessThan(budget)
})

describe.each([null, 24])('installed into an empty prefix, Node %s', (version) => {
  const place = join(folder.path, `node-${version ?? 'own'}`)
  const prefix = join(place, 'prefix')
  const installed = join(prefix, 'lib', 'node_modules', 'saddlescope')
  let env: Record<string, string>
  const run = (id: string, ...names: string[]) => join(env.SADDLESCOPE_WORKSPACE, 'runs', id, ...names)

  beforeAll(async () => {
    const stranger = strangersEnvironment(place, version === null ? null : await fetchNode(version, join(place, 'node')))
    env = { ...stranger, SADDLESCOPE_WORKSPACE: join(place, 'workspace') }
    await execute('npm', ['install', '--global', '--prefix', prefix, join(folder.path, packed.filename)], { env, maxBuffer: 1 << 24 })
    env.PATH = `${join(prefix, 'bin')}:${env.PATH}`
  }, 300_000)

  interface Ended {
    readonly status: number | null
    readonly stdout: string
    readonly stderr: string
  }
  function begin(words: readonly string[]) {
    const child = spawn('saddlescope', words, { env, cwd: place, stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    return {
      child,
      output: () => stdout + stderr,
      ended: new Promise<Ended>((done) => child.on('close', (status) => done({ status, stdout, stderr })))
    }
  }
  const saddlescope = (...words: string[]) => begin(words).ended
  const state = (id: string) => (JSON.parse(readFileSync(run(id, 'status.json'), 'utf8')) as { state: string }).state

  it('brings koffi and no Electron, and tells its version and machine', async () => {
    const packages = readdirSync(join(installed, 'node_modules')).filter((name) => !name.startsWith('.'))
    expect(packages.sort()).toEqual(['@koromix', 'koffi'])
    expect(existsSync(join(installed, 'scripts'))).toBe(false)
    const total = [...filesBelow(prefix).values()].reduce((sum, bytes) => sum + bytes, 0)
    process.stdout.write(`installed: ${(total / 1e6).toFixed(1)} MB\n`)
    expect(total).toBeLessThan(25e6)
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    expect(await saddlescope('--version')).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: '' })
    const { status, stdout, stderr } = await saddlescope('doctor', '--json')
    expect(status, stderr).toBe(0)
    const rows = JSON.parse(stdout) as { name: string; value: string; ok: boolean }[]
    const value = (name: string) => rows.find((row) => row.name === name)?.value
    expect(value('Saddlescope')).toBe(manifest.version)
    if (version !== null) expect(value('Node')).toMatch(new RegExp(`^${version}\\.`))
    expect(value('Electron')).toContain('not part of this installation')
    expect(value('backend in use')).toMatch(/^(lapack|wasm(-256)?): /)
  })

  it('trains a preset to its end, and nothing is built or written where it is installed', async () => {
    const before = filesBelow(installed)
    const { status, stdout, stderr } = await saddlescope('run', 'sfn-mnist10', '--set', 'budget.steps=4', '--id', 'tiny', '--json')
    expect(status, stderr).toBe(0)
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; state?: string; step?: number; loss?: number })
    expect(events.at(-1)).toMatchObject({ event: 'end', state: 'done', step: 4 })
    const lines = readFileSync(run('tiny', 'metrics.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { loss: number })
    expect(events.filter(({ event }) => event === 'step').map(({ loss }) => loss)).toEqual(lines.map(({ loss }) => loss))
    expect(existsSync(run('tiny', 'snapshots', 'step-000004', 'eigenvalues.full.npy'))).toBe(true)
    expect(stderr).not.toContain('building')
    expect(filesBelow(installed)).toEqual(before)
  })

  it('on SIGINT keeps the work and ends with 130', async () => {
    const long = begin(['run', 'sfn-mnist10', '--set', 'budget.steps=100000', '--id', 'long', '--json'])
    await eventually('three steps', () => (long.output().match(/"event":"step"/g) ?? []).length >= 3, 120)
    long.child.kill('SIGINT')
    const { status, stdout } = await long.ended
    expect(status).toBe(130)
    const end = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { event: string; state: string; step: number }
    expect(end).toMatchObject({ event: 'end', state: 'interrupted' })
    expect(state('long')).toBe('interrupted')
    expect(existsSync(run('long', 'checkpoints', `step-${String(end.step).padStart(6, '0')}`))).toBe(true)
  })

  it('serves the page, which shows what was trained', async () => {
    const server = begin(['serve', '--no-demo', '--port', '0'])
    const link = await eventually('the link', () => linkIn(server.output()), 60)
    const page = await browser.newPage()
    const complaints = watchConsole(page)
    await page.goto(link)
    await page.getByText('Connected', { exact: true }).waitFor()
    const row = page.locator('[role=row][data-row="tiny"]')
    await row.waitFor()
    expect(await row.innerText()).toMatch(/4 \/ 4/)
    expect(complaints).toEqual([])
    await page.close()
    server.child.kill('SIGTERM')
    expect((await server.ended).status).toBe(0)
  })

  it('the program is the built one, byte by byte', () => {
    const sha = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
    for (const name of ['out/main/cli.js', 'out/main/engine.js', 'out/wasm/kernels.wasm'])
      expect(sha(join(installed, name))).toBe(sha(join(root, name)))
    expect(statSync(join(installed, 'out/main/cli.js')).mode & 0o111).not.toBe(0)
  })
})
