// Every branch of `npm start`, with fake Electron binaries and mirrors: whatever goes wrong, the workbench comes up in the browser and says why.
import { spawn, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const quick = JSON.stringify({ probe: 1, stall: 1.5, window: 2 })

let folder: string
let children: ChildProcess[]
let servers: Server[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saddlescope-start-'))
  children = []
  servers = []
})

afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  rmSync(folder, { recursive: true, force: true })
})

interface Started {
  child: ChildProcess
  /** Resolves once the output matches, rejects with the output when the process ends or the time is up first. */
  until(pattern: RegExp): Promise<string>
  ended: Promise<{ code: number | null; output: string }>
}

/** A display is claimed and root is excused, so that the branch under test is reached on any machine. */
function start(environment: Record<string, string | undefined>, args: string[] = ['--no-sandbox']): Started {
  const child = spawn(
    process.execPath,
    [join(root, 'scripts', 'start.mjs'), '--workspace', join(folder, 'workspace'), '--no-demo', ...args],
    {
      env: {
        ...process.env,
        SADDLESCOPE_UI: undefined,
        ELECTRON_OVERRIDE_DIST_PATH: undefined,
        DISPLAY: ':99',
        SADDLESCOPE_START_SECONDS: quick,
        ...environment
      },
      stdio: ['ignore', 'pipe', 'pipe']
    }
  )
  children.push(child)
  let output = ''
  const watchers = new Set<() => void>()
  const take = (chunk: Buffer) => {
    output += chunk.toString()
    for (const watch of watchers) watch()
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  const ended = new Promise<{ code: number | null; output: string }>((done) => child.on('close', (code) => done({ code, output })))
  return {
    child,
    ended,
    until: (pattern) =>
      new Promise((done, fail) => {
        const watch = () => {
          if (!pattern.test(output)) return
          watchers.delete(watch)
          done(output)
        }
        watchers.add(watch)
        watch()
        void ended.then(() => fail(new Error(`ended before ${pattern}: ${output}`)))
      })
  }
}

/** A folder with an executable `electron` that runs the given JavaScript. */
function fakeElectron(script: string): string {
  const dist = join(folder, 'dist')
  mkdirSync(dist)
  const file = join(dist, 'electron')
  writeFileSync(file, `#!${process.execPath}\n${script}\n`)
  chmodSync(file, 0o755)
  writeFileSync(join(dist, 'version'), '45.4.1')
  return dist
}

/** Electron's own package without its binary, so that its real installer runs. */
function electronPackage(): string {
  const modules = join(folder, 'node_modules')
  mkdirSync(modules, { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== 'electron') symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction')
  const source = join(root, 'node_modules', 'electron')
  const target = join(modules, 'electron')
  mkdirSync(target)
  for (const name of ['package.json', 'install.js', 'index.js', 'checksums.json', 'abi_version'])
    cpSync(join(source, name), join(target, name))
  return target
}

async function mirror(respond: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(respond)
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const link = /http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}/

/** The browser came up for the given reason, and ends cleanly. */
async function expectBrowser(started: Started, reason: RegExp) {
  const output = await started.until(link)
  expect(output).toMatch(/runs in the browser: /)
  expect(output).toMatch(reason)
  started.child.kill('SIGTERM')
  expect((await started.ended).code).toBe(0)
}

describe('where no window is possible', () => {
  it('SADDLESCOPE_UI=browser', () => expectBrowser(start({ SADDLESCOPE_UI: 'browser' }), /SADDLESCOPE_UI=browser/))

  it.runIf(process.platform === 'linux')('no display', () =>
    expectBrowser(start({ DISPLAY: undefined, WAYLAND_DISPLAY: undefined }), /there is no display/)
  )

  it.runIf(process.getuid?.() === 0)('root, who did not say --no-sandbox', () =>
    expectBrowser(start({}, []), /does not start as root.*npm start -- --no-sandbox/)
  )
})

describe.runIf(process.platform !== 'win32')('the binary', () => {
  it('is missing where the environment says it is', () =>
    expectBrowser(start({ ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'nowhere') }), /ELECTRON_OVERRIDE_DIST_PATH names .*nowhere/))

  it.each([
    ['exits with 127', 'process.exit(127)', /Electron did not open a window: the program or a library it needs was not found/],
    [
      'lacks a library',
      `console.error('electron: error while loading shared libraries: libgtk-3.so.0: cannot open shared object file'); process.exit(127)`,
      /libgtk-3\.so\.0 is missing: install/
    ],
    ['dies in the sandbox', `process.kill(process.pid, 'SIGTRAP'); setTimeout(() => {}, 5000)`, /its sandbox is not permitted here/],
    ['dies without a display', `process.kill(process.pid, 'SIGSEGV'); setTimeout(() => {}, 5000)`, /could not open the display/],
    ['hangs', 'setInterval(() => {}, 1000)', /no window within 2 s/]
  ])('%s', async (_name, script, reason) => {
    const started = start({ ELECTRON_OVERRIDE_DIST_PATH: fakeElectron(script) })
    await expectBrowser(started, reason)
    const { output } = await started.ended
    const log = /log: ([^)]+)\)/.exec(output)?.[1] ?? ''
    expect(existsSync(log)).toBe(true)
    rmSync(log)
  })

  it('opens a window: its output is passed on, its arguments reach it, its exit status is ours', async () => {
    const seen = join(folder, 'arguments.json')
    const dist = fakeElectron(
      `require('fs').writeFileSync(${JSON.stringify(seen)}, JSON.stringify(process.argv.slice(2))); console.log('saddlescope: window ready'); setTimeout(() => { console.log('a line'); process.exit(3) }, 200)`
    )
    const { code, output } = await start({ ELECTRON_OVERRIDE_DIST_PATH: dist }).ended
    expect(code).toBe(3)
    expect(output).toContain('window opened')
    expect(output).toContain('a line')
    expect(output).not.toContain('saddlescope: window ready')
    expect(JSON.parse(readFileSync(seen, 'utf8'))).toEqual(['--no-sandbox', root, '--workspace', join(folder, 'workspace'), '--no-demo'])
  })

  it('is never given --no-sandbox that nobody asked for', async () => {
    const seen = join(folder, 'arguments.json')
    const dist = fakeElectron(
      `require('fs').writeFileSync(${JSON.stringify(seen)}, JSON.stringify(process.argv.slice(2))); console.log('saddlescope: window ready')`
    )
    const started = start({ ELECTRON_OVERRIDE_DIST_PATH: dist }, [])
    if (process.getuid?.() === 0) return expectBrowser(started, /does not start as root/)
    await started.ended
    expect(readFileSync(seen, 'utf8')).not.toContain('no-sandbox')
  })
})

describe('the download', () => {
  it('is not begun when the mirror cannot be reached', async () => {
    const probe = createTcpServer()
    await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done))
    const { port } = probe.address() as AddressInfo
    await new Promise((done) => probe.close(done))
    const started = start({ SADDLESCOPE_ELECTRON_PACKAGE: electronPackage(), ELECTRON_MIRROR: `http://127.0.0.1:${port}/` })
    await expectBrowser(started, /not installed and 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/)
  })

  it('is not begun when the mirror does not answer', async () => {
    const url = await mirror(() => undefined)
    await expectBrowser(start({ SADDLESCOPE_ELECTRON_PACKAGE: electronPackage(), ELECTRON_MIRROR: url }), /did not answer within 1 s/)
  })

  it('is given up when it stalls', async () => {
    const url = await mirror((request, response) => {
      if (request.method === 'HEAD') response.end()
      else response.writeHead(200, { 'content-length': 100_000_000 }).write(Buffer.alloc(100_000))
    })
    const environment = {
      SADDLESCOPE_ELECTRON_PACKAGE: electronPackage(),
      ELECTRON_MIRROR: url,
      electron_config_cache: join(folder, 'cache')
    }
    await expectBrowser(start(environment), /download was given up: no byte arrived for 1\.5 s/)
  })

  it('is refused when what arrives is not what was published', async () => {
    const url = await mirror((_request, response) => response.end('not an archive'))
    const environment = {
      SADDLESCOPE_ELECTRON_PACKAGE: electronPackage(),
      ELECTRON_MIRROR: url,
      electron_config_cache: join(folder, 'cache')
    }
    await expectBrowser(start(environment), /download was given up: .*(checksum|error)/i)
  })
})
