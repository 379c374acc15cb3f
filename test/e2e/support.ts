// What the end-to-end tests share: a served workbench on its own workspace, a browser, and the console's complaints.
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'

export const root = join(import.meta.dirname, '..', '..')

export function makeWorkspace(): { path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'saddlescope-e2e-'))
  return {
    path: join(folder, 'workspace'),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

export interface Served {
  readonly link: string
  readonly port: number
  readonly child: ChildProcess
  output(): string
  /** SIGTERM, then the exit status. */
  stop(): Promise<number | null>
}

/** `saddlescope serve` on a workspace; resolves when the link is printed. */
export async function serve(workspace: string, args: string[] = ['--no-demo'], port = 0): Promise<Served> {
  const words = ['serve', '--workspace', workspace, '--port', String(port), ...args]
  const child = spawn(process.execPath, [join(root, 'out', 'main', 'cli.js'), ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const ended = new Promise<number | null>((done) => child.on('close', (code) => done(code)))
  const link = await new Promise<string>((done, fail) => {
    const take = (chunk: Buffer) => {
      output += chunk.toString()
      const found = /http:\/\/\S+#token=[\w-]+/.exec(output)
      if (found) done(found[0])
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    void ended.then(() => fail(new Error(`serve ended: ${output}`)))
  })
  return {
    link,
    port: Number(new URL(link).port),
    child,
    output: () => output,
    stop() {
      child.kill('SIGTERM')
      return ended
    }
  }
}

function chromiumPath(): string {
  const candidates = [
    process.env.SADDLESCOPE_CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
  ]
  const found = candidates.find((path) => path !== undefined && existsSync(path))
  if (!found) throw new Error('no Chromium found: install it (Debian: apt install chromium) or name it in SADDLESCOPE_CHROMIUM')
  return found
}

export function openBrowser(): Promise<Browser> {
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync'
  ]
  return chromium.launch({ executablePath: chromiumPath(), headless: true, args })
}

/** A function that runs in the page on an element: its body as text, because tests are checked without the page's types. */
export function inPage<Result>(body: string): (element: unknown) => Result {
  return new Function('element', body) as (element: unknown) => Result
}

/** Collects what the page complains about: policy violations, errors, failed requests. */
export function watchConsole(page: Page): string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || /content security policy/i.test(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return complaints
}

/** Process ids of the engine processes below `parent`, from /proc. */
export function engineProcesses(parent: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[1]) === parent
      } catch {
        return false
      }
    })
  const isEngine = (pid: number) => {
    try {
      return /engine(\.js|\0| )/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    } catch {
      return false
    }
  }
  return [...children.filter(isEngine), ...children.flatMap((pid) => engineProcesses(pid))]
}

/** Polls until `check` gives a value that is neither null nor false. */
export async function eventually<Value>(
  what: string,
  check: () => Promise<Value | null | false> | Value | null | false,
  seconds = 30
): Promise<Value> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const value = await check()
    if (value !== null && value !== false) return value
    if (Date.now() > end) throw new Error(`${what}: did not happen within ${seconds} s`)
    await new Promise((done) => setTimeout(done, 100))
  }
}
